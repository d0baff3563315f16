import Foundation

/// Reads `events.jsonl` while it grows.
package struct EventTail {
  private let path: String
  private var handle: FileHandle?
  /// The beginning of a line whose end is not written yet.
  private var rest: [UInt8] = []

  package init(path: String) { self.path = path }

  /// The events written since the last call; none while the file is not there.
  package mutating func read() -> [JobEvent] {
    if handle == nil { handle = FileHandle(forReadingAtPath: path) }
    guard let data = try? handle?.readToEnd(), !data.isEmpty else { return [] }
    rest += data
    var events: [JobEvent] = []
    while let end = rest.firstIndex(of: 10) {
      if let event = JobEvent(line: String(decoding: rest[..<end], as: UTF8.self)) { events.append(event) }
      rest.removeSubrange(...end)
    }
    return events
  }
}
