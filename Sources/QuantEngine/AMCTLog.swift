import Diagnostics
import Foundation

/// `amct_log/amct_caffe.log` in the original tool's line format.
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

  private let handle: FileHandle?
  private let level: Level

  /// Truncates or makes the file; `AMCT_LOG_FILE_LEVEL` sets the level, INFO by default.
  /// - Throws: usage error for a level that isn't one.
  package init(path: String) throws(QuantError) {
    let environment = ProcessInfo.processInfo.environment
    let text = environment["AMCT_LOG_FILE_LEVEL"] ?? "INFO"
    guard let level = Level(text) else {
      throw QuantError(
        .usage, "AMCT_LOG_FILE_LEVEL{'\(text)'} is invalid, only support ['DEBUG','INFO','WARNING','ERROR']")
    }
    self.level = level
    let folder = (path as NSString).deletingLastPathComponent
    try? FileManager.default.createDirectory(
      atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o750])
    _ = FileManager.default.createFile(atPath: path, contents: nil, attributes: [.posixPermissions: 0o640])
    handle = FileHandle(forWritingAtPath: path)
  }

  package func write(_ level: Level, _ module: String, _ message: String) {
    guard level.rawValue >= self.level.rawValue else { return }
    let stamp = Self.stamp(Date())
    var rest = Substring(message)
    repeat {
      let part = rest.prefix(500)
      rest = rest.dropFirst(500)
      try? handle?.write(contentsOf: Data("\(stamp) - \(level.name) - [AMCT]:[\(module)]: \(part)\n".utf8))
    } while !rest.isEmpty
  }

  package func write(_ d: Diagnostic) {
    let level: Level = d.severity == .error ? .error : d.severity == .warning ? .warning : .info
    write(level, "Cortado", (d.location.map { "\($0): " } ?? "") + d.text)
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
