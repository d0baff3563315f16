import Foundation
import QuantEngine
import WorkbenchUI

/// Writes a session while it goes on, one line an event.
final class SessionRecorder {
  private let handle: FileHandle

  /// - Throws: when the file cannot be made.
  init(_ path: String, _ header: SessionHeader) throws(QuantError) {
    guard FileManager.default.createFile(atPath: path, contents: nil, attributes: [.posixPermissions: 0o640]),
      let handle = FileHandle(forWritingAtPath: path)
    else { throw QuantError(.runFailed, "cannot write \(path)") }
    self.handle = handle
    write(header.line)
  }

  /// A disk that is full ends the recording, not the session.
  func note(_ event: Event<AppNews>, at time: Duration) {
    if let recorded = RecordedEvent(event, at: time) { write(recorded.line) }
  }

  private func write(_ line: String) { try? handle.write(contentsOf: Data((line + "\n").utf8)) }

  func close() { try? handle.close() }
}
