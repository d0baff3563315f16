import CPtyKit
import Foundation
import Glibc

/// A built program on an emulated terminal: keys in, screen out.
package final class Pty {
  package struct CannotStart: Error {}

  private let session: OpaquePointer
  /// A home of its own, so that no test sees the files of the person, or of another test.
  private let home = NSTemporaryDirectory() + "/cortado-home-\(UUID().uuidString)"
  package private(set) var rows: Int
  package private(set) var columns: Int

  /// Starts a program: an executable of this package by its name, or a path.
  ///
  /// `environment` is added to a small fixed one; an empty value takes a variable away.
  package init(
    _ program: String, _ arguments: [String] = [], environment: [String: String] = [:], columns: Int = 80,
    rows: Int = 24, answers: Bool = true, doubleWidthBoxes: Bool = false
  ) throws {
    let path = program.hasPrefix("/") ? program : try Self.buildFolder() + "/" + program
    var variables = [
      "HOME": home, "TERM": "xterm-256color", "LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin",
      "SWIFT_BACKTRACE": "enable=no",
    ]
    variables.merge(environment) { $1 }
    variables = variables.filter { !$1.isEmpty }
    var argv: [UnsafeMutablePointer<CChar>?] = ([path] + arguments).map { strdup($0) } + [nil]
    var envp: [UnsafeMutablePointer<CChar>?] = variables.map { strdup("\($0)=\($1)") } + [nil]
    defer { for pointer in argv + envp { free(pointer) } }
    guard let session = pty_spawn(path, &argv, &envp, Int32(rows), Int32(columns)) else { throw CannotStart() }
    self.session = session
    self.rows = rows
    self.columns = columns
    pty_answers(session, answers)
    pty_double_width_boxes(session, doubleWidthBoxes)
  }

  deinit {
    pty_free(session)
    try? FileManager.default.removeItem(atPath: home)
  }

  /// Where the programs lie: beside the test bundle, which is what runs now.
  package static func buildFolder() throws -> String {
    let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    if own.contains("/.build") { return (own as NSString).deletingLastPathComponent }
    // Run by a helper of the toolchain: the bundle is its argument.
    let bundle = CommandLine.arguments.first { $0.hasSuffix(".xctest") } ?? own
    return (bundle as NSString).deletingLastPathComponent
  }

  // MARK: In

  package func send(_ text: String) {
    let bytes = Array(text.utf8CString.dropLast())
    pty_send(session, bytes, bytes.count)
  }

  package func resize(columns: Int, rows: Int) {
    self.rows = rows
    self.columns = columns
    pty_resize(session, Int32(rows), Int32(columns))
  }

  package var processID: Int { Int(pty_pid(session)) }
  package func signal(_ number: Int32) { kill(pty_pid(session), number) }
  package func hangUp() { pty_hang_up(session) }

  // MARK: Out

  package func cell(column: Int, row: Int) -> pty_cell { pty_cell_at(session, Int32(row), Int32(column)) }

  package func line(_ row: Int) -> String {
    var text = ""
    var column = 0
    while column < columns {
      let cell = cell(column: column, row: row)
      let scalars = withUnsafeBytes(of: cell.scalars) { Array($0.bindMemory(to: UInt32.self)) }
      let character = scalars.prefix { $0 != 0 }.compactMap(Unicode.Scalar.init)
      text.unicodeScalars.append(contentsOf: character.isEmpty ? [" "] : character)
      column += max(1, Int(cell.width))
    }
    while text.last == " " { text.removeLast() }
    return text
  }

  /// The whole screen, lines without trailing spaces.
  package var screen: String { (0..<rows).map(line).joined(separator: "\n") }

  /// All bytes the program wrote so far.
  package var output: [UInt8] {
    var bytes: UnsafePointer<CChar>?
    let count = pty_output(session, &bytes)
    return UnsafeBufferPointer(start: bytes, count: count).map { UInt8(bitPattern: $0) }
  }

  package var isOnAlternateScreen: Bool { pty_alternate_screen(session) }
  package var isCooked: Bool { pty_is_cooked(session) }
  package var cursor: (column: Int, row: Int, isVisible: Bool) {
    var (row, column, visible): (Int32, Int32, Bool) = (0, 0, false)
    pty_cursor(session, &row, &column, &visible)
    return (Int(column), Int(row), visible)
  }

  // MARK: Waiting

  /// Waits until something holds; false when it does not within the time.
  @discardableResult
  package func wait(_ limit: Duration = .seconds(30), until holds: (Pty) -> Bool) -> Bool {
    let end = ContinuousClock.now + limit
    while true {
      if holds(self) { return true }
      if ContinuousClock.now > end { return false }
      pty_pump(session, 20)
    }
  }

  @discardableResult
  package func wait(for text: String, _ limit: Duration = .seconds(30)) -> Bool {
    wait(limit) { $0.screen.contains(text) }
  }

  /// Waits until the screen shows all of the texts at once: a frame may arrive in several reads.
  @discardableResult
  package func wait(forAll texts: [String], _ limit: Duration = .seconds(30)) -> Bool {
    wait(limit) { pty in
      let screen = pty.screen
      return texts.allSatisfy(screen.contains)
    }
  }

  /// Waits until the whole screen is as given (trailing spaces and empty lines at the end aside).
  @discardableResult
  package func wait(forScreen expected: String, _ limit: Duration = .seconds(30)) -> Bool {
    func trimmed(_ text: String) -> Substring { text[...].dropTrailing { $0.isNewline } }
    return wait(limit) { trimmed($0.screen) == trimmed(expected) }
  }

  /// Lets the program run without sending anything; the bytes it wrote meanwhile.
  package func bytesWritten(during time: Duration) -> Int {
    let before = output.count
    wait(time) { _ in false }
    return output.count - before
  }

  package enum Exit: Equatable, Sendable {
    case status(Int32)
    case signal(Int32)
  }

  /// How the program ended; `nil` when it did not within the time.
  package func exit(_ limit: Duration = .seconds(30)) -> Exit? {
    var status: Int32 = 0
    guard pty_wait(session, Int32(limit / .milliseconds(1)), &status) else { return nil }
    return status & 0x7f == 0 ? .status(status >> 8 & 0xff) : .signal(status & 0x7f)
  }
}

extension Substring {
  fileprivate func dropTrailing(_ fits: (Character) -> Bool) -> Substring {
    var end = endIndex
    while end > startIndex, fits(self[index(before: end)]) { end = index(before: end) }
    return self[startIndex..<end]
  }
}
