import Diagnostics
import Foundation

/// `history.jsonl` of a project: every edit of the working config, one line each, appended as it is made.
///
/// Which lines there are is the workbench's business; here they are text.
package struct HistoryFile: Sendable {
  package let path: String
  /// Where a history goes that the project has outgrown.
  package var oldPath: String { path + ".old" }

  package init(_ project: ProjectFolder) { path = project.path + "/history.jsonl" }

  /// What is there; empty when nothing is or nothing can be read.
  package func read() -> String {
    FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) } ?? ""
  }

  /// Writes a new history; the one there is kept beside it.
  package func begin(with lines: [String]) throws(QuantError) {
    try attempting(.runFailed) {
      if let before = FileManager.default.contents(atPath: path) {
        try AtomicFile.write(path: oldPath, bytes: Array(before))
      }
      try AtomicFile.write(path: path, text: Self.text(lines))
    }
  }

  /// Adds lines at the end; they are on the disk on return.
  package func append(_ lines: [String]) throws(QuantError) {
    do {
      guard let handle = FileHandle(forWritingAtPath: path) else { throw CocoaError(.fileNoSuchFile) }
      defer { try? handle.close() }
      try handle.seekToEnd()
      try handle.write(contentsOf: Data(Self.text(lines).utf8))
      try handle.synchronize()
    } catch {
      throw QuantError(.runFailed, "cannot write \(path): \(error.localizedDescription)")
    }
  }

  private static func text(_ lines: [String]) -> String { lines.map { $0 + "\n" }.joined() }
}

extension JSONText {
  /// A value from one line of JSON; `nil` when it is none.
  package static func decode<Value: Decodable>(_ type: Value.Type, from line: some StringProtocol) -> Value? {
    try? JSONDecoder().decode(type, from: Data(line.utf8))
  }
}
