import Foundation
import QuantEngine
import Testing

@Suite("EventTail") struct EventTailTests {
  @Test func `lines come once, and only when they are whole`() throws {
    let path = NSTemporaryDirectory() + "/cortado-tail-\(UUID().uuidString).jsonl"
    defer { try? FileManager.default.removeItem(atPath: path) }
    var tail = EventTail(path: path)
    #expect(tail.read().isEmpty, "there is no file yet")
    var event = JobEvent(.found)
    event.layer = "conv1"
    let line = event.line
    let half = line.index(line.startIndex, offsetBy: line.count / 2)
    try Data((line + "\n" + line[..<half]).utf8).write(to: URL(fileURLWithPath: path))
    #expect(tail.read().map(\.layer) == ["conv1"])
    #expect(tail.read().isEmpty)
    let handle = try #require(FileHandle(forWritingAtPath: path))
    try handle.seekToEnd()
    try handle.write(contentsOf: Data((line[half...] + "\nno event\n").utf8))
    #expect(tail.read().count == 1)
    #expect(tail.read().isEmpty)
  }
}
