import Diagnostics
import Foundation

/// `amct_log/amct_caffe.log` in the original tool's line format, and the same lines on the console for who asks for them.
///
/// `2025-01-01 12:00:00,123 - INFO - [AMCT]:[Module]: message`; messages over 500 characters are split over lines.
/// - Source: amct-facts 4.11, 6.1.
package final class AMCTLog {
  package enum Level: Int, Sendable {
    case debug, info, warning, error

    init?(_ text: String) {
      switch text.uppercased() {
      case "DEBUG": self = .debug
      case "INFO": self = .info
      case "WARNING": self = .warning
      case "ERROR": self = .error
      default: return nil
      }
    }
    var name: String { ["DEBUG", "INFO", "WARNING", "ERROR"][rawValue] }
  }

  /// From which level on lines are written.
  package struct Levels: Sendable, Hashable {
    package var file: Level
    /// `nil`: no lines on the console; Cortado's own news are there in any case.
    package var console: Level?

    package init(file: Level = .info, console: Level? = nil) {
      self.file = file
      self.console = console
    }

    /// What `AMCT_LOG_FILE_LEVEL` (INFO where it is not set) and `AMCT_LOG_LEVEL` say, in letters of any case.
    /// - Parameter isQuiet: no lines on the console.
    /// - Throws: usage error for a word that is no level.
    package static func fromEnvironment(isQuiet: Bool = false) throws(QuantError) -> Levels {
      let file = try level("AMCT_LOG_FILE_LEVEL")
      let console = try level("AMCT_LOG_LEVEL")
      return Levels(file: file ?? .info, console: isQuiet ? nil : console)
    }

    private static func level(_ name: String) throws(QuantError) -> Level? {
      guard let text = ProcessInfo.processInfo.environment[name] else { return nil }
      guard let level = Level(text) else {
        throw QuantError(.usage, "\(name){'\(text)'} is invalid, only support ['DEBUG','INFO','WARNING','ERROR']")
      }
      return level
    }
  }

  /// Where verbs without a run write.
  static let folder = "amct_log"

  private let handle: FileHandle?
  package let levels: Levels

  /// Truncates or makes the file; a log that cannot be written stops nothing.
  package init(path: String, levels: Levels) {
    self.levels = levels
    let folder = (path as NSString).deletingLastPathComponent
    try? FileManager.default.createDirectory(
      atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o750])
    _ = FileManager.default.createFile(atPath: path, contents: nil, attributes: [.posixPermissions: 0o640])
    handle = FileHandle(forWritingAtPath: path)
  }

  /// The log of a verb that makes no run: `./amct_log/amct_caffe.log`.
  /// - Throws: usage error for a level that isn't one.
  package convenience init(isQuiet: Bool) throws(QuantError) {
    self.init(path: Self.folder + "/amct_caffe.log", levels: try .fromEnvironment(isQuiet: isQuiet))
  }

  package func write(_ level: Level, _ module: String, _ message: String) {
    let toFile = level.rawValue >= levels.file.rawValue
    let toConsole = levels.console.map { level.rawValue >= $0.rawValue } ?? false
    guard toFile || toConsole else { return }
    let stamp = Self.stamp(Date())
    var rest = Substring(message)
    repeat {
      let part = rest.prefix(500)
      rest = rest.dropFirst(500)
      let line = "\(stamp) - \(level.name) - [AMCT]:[\(module)]: \(part)\n"
      if toFile { try? handle?.write(contentsOf: Data(line.utf8)) }
      // A progress line may stand there.
      if toConsole { FileHandle.standardError.write(Data(((isatty(2) == 1 ? "\r\u{1b}[K" : "") + line).utf8)) }
    } while !rest.isEmpty
  }

  package func write(_ d: Diagnostic) {
    let level: Level = d.severity == .error ? .error : d.severity == .warning ? .warning : .info
    write(level, "Cortado", (d.location.map { "\($0): " } ?? "") + d.text)
  }

  package func write(_ error: QuantError) { error.diagnostics.forEach(write) }

  /// The lines of a save: which files hold the models.
  package func noteSaved(_ files: [String]) {
    for file in files {
      if file.hasSuffix(".caffemodel") { write(.info, "Utils", "The weights_file is saved in \(file)") }
      if file.hasSuffix(".prototxt") { write(.info, "Utils", "The model_file is saved in \(file)") }
    }
  }

  package func noteConfig(_ path: String) { write(.info, "Config", "Generate config file:\(path) success!") }

  /// Does `body`; what it throws is noted before it is passed on.
  package func noting<R>(_ body: () throws -> R) throws -> R {
    do {
      return try body()
    } catch let error as any DiagnosticConvertible {
      error.diagnostics.forEach(write)
      throw error
    }
  }

  /// Local time as Python's logging prints it, milliseconds behind a comma.
  static func stamp(_ date: Date) -> String {
    let c = Calendar(identifier: .gregorian).dateComponents(
      [.year, .month, .day, .hour, .minute, .second, .nanosecond], from: date)
    func pad(_ n: Int?, _ width: Int) -> String {
      let s = String(n ?? 0)
      return String(repeating: "0", count: max(0, width - s.count)) + s
    }
    return
      "\(pad(c.year, 4))-\(pad(c.month, 2))-\(pad(c.day, 2)) \(pad(c.hour, 2)):\(pad(c.minute, 2)):\(pad(c.second, 2))"
      + ",\(pad((c.nanosecond ?? 0) / 1_000_000, 3))"
  }
}
