import Foundation
import ScreenTesting
import Testing

/// How one call of the built `cortado` ended.
struct Outcome {
  let status: Int32
  /// False when a signal ended it: a trap, for one.
  let exited: Bool
  let out: String
  let err: String

  /// The one document on stdout; fails when there is none, or more.
  var json: JSONNode {
    get throws { try JSONNode(text: out) }
  }

  /// Checks status and that what went wrong is told as a diagnostic, not as a trap.
  func expect(_ status: Int32, says parts: String..., at location: SourceLocation = #_sourceLocation) {
    #expect(exited, "ended by a signal: \(err)", sourceLocation: location)
    #expect(self.status == status, "\(err)", sourceLocation: location)
    for part in parts { #expect(err.contains(part), "stderr lacks '\(part)': \(err)", sourceLocation: location) }
    for word in ["Fatal error", "Stack dump", "Backtrace"] {
      #expect(!err.contains(word), "\(err)", sourceLocation: location)
    }
  }
}

/// A call of `cortado` that goes on.
final class RunningProgram {
  private let process = Process()
  private let streams: TemporaryFolder

  /// - Parameter launcher: words before the program's path, such as a wrapper that changes the user.
  init(_ arguments: [String], in folder: String? = nil, environment: [String: String] = [:], launcher: [String] = [])
    throws
  {
    streams = TemporaryFolder()
    let words = launcher + [try Pty.buildFolder() + "/cortado"] + arguments
    process.executableURL = URL(fileURLWithPath: words[0])
    process.arguments = Array(words.dropFirst())
    process.currentDirectoryURL = URL(fileURLWithPath: folder ?? streams.path)
    process.environment = [
      "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "HOME": streams.path, "SWIFT_BACKTRACE": "enable=no",
    ].merging(environment) { $1 }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = try Self.file(streams / "out")
    process.standardError = try Self.file(streams / "err")
    try process.run()
  }

  private static func file(_ path: String) throws -> FileHandle {
    _ = FileManager.default.createFile(atPath: path, contents: nil)
    return try FileHandle(forWritingTo: URL(fileURLWithPath: path))
  }

  func interrupt() { process.interrupt() }
  var isRunning: Bool { process.isRunning }

  func wait() throws -> Outcome {
    process.waitUntilExit()
    return Outcome(
      status: process.terminationStatus, exited: process.terminationReason == .exit,
      out: try String(contentsOfFile: streams / "out", encoding: .utf8),
      err: try String(contentsOfFile: streams / "err", encoding: .utf8))
  }
}

/// Runs the built program to its end.
func cortado(_ arguments: String..., in folder: String? = nil, environment: [String: String] = [:]) throws -> Outcome {
  try RunningProgram(arguments, in: folder, environment: environment).wait()
}

func cortado(_ arguments: [String], in folder: String? = nil) throws -> Outcome {
  try RunningProgram(arguments, in: folder).wait()
}
