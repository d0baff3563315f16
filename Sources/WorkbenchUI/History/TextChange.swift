/// What turns one text into another, or makes or removes it: the one stretch of bytes that differs.
package struct TextChange: Equatable, Sendable {
  /// The byte where the stretch begins.
  let start: Int
  let old: [UInt8]
  let new: [UInt8]
  /// There was no text before.
  let isMade: Bool
  /// There is none any more.
  let isRemoved: Bool

  init(start: Int, old: [UInt8], new: [UInt8], isMade: Bool, isRemoved: Bool) {
    self.start = start
    self.old = old
    self.new = new
    self.isMade = isMade
    self.isRemoved = isRemoved
  }

  /// `nil` when nothing differs.
  init?(from old: [UInt8]?, to new: [UInt8]?) {
    guard old != new else { return nil }
    let (a, b) = (old ?? [], new ?? [])
    var start = zip(a, b).prefix { $0 == $1 }.count
    // Whole characters, so that both sides can be written as text.
    func isInside(_ text: [UInt8], _ at: Int) -> Bool { text.indices.contains(at) && text[at] & 0xC0 == 0x80 }
    while start > 0, isInside(a, start) || isInside(b, start) { start -= 1 }
    var rest = zip(a[start...].reversed(), b[start...].reversed()).prefix { $0 == $1 }.count
    while rest > 0, isInside(a, a.count - rest) { rest -= 1 }
    self.start = start
    self.old = Array(a[start..<a.count - rest])
    self.new = Array(b[start..<b.count - rest])
    isMade = old == nil
    isRemoved = new == nil
  }

  func apply(to text: inout [UInt8]?) { Self.replace(old, new, at: start, in: &text, isNone: isRemoved) }
  func revert(_ text: inout [UInt8]?) { Self.replace(new, old, at: start, in: &text, isNone: isMade) }

  /// Leaves a text alone that the change is not about: a history file may have been meddled with.
  private static func replace(_ old: [UInt8], _ new: [UInt8], at start: Int, in text: inout [UInt8]?, isNone: Bool) {
    var bytes = text ?? []
    let (end, overflow) = start.addingReportingOverflow(old.count)
    guard start >= 0, !overflow, end <= bytes.count, bytes[start..<end].elementsEqual(old) else { return }
    bytes.replaceSubrange(start..<end, with: new)
    text = isNone ? nil : bytes
  }
}

/// A text change as JSON.
struct TextChangeRecord: Codable, Equatable, Sendable {
  var start: Int
  var old: TextRecord
  var new: TextRecord
  var isMade: Bool?
  var isRemoved: Bool?

  init(_ change: TextChange) {
    start = change.start
    old = TextRecord(bytes: change.old)
    new = TextRecord(bytes: change.new)
    isMade = change.isMade ? true : nil
    isRemoved = change.isRemoved ? true : nil
  }

  var change: TextChange {
    TextChange(
      start: start, old: old.bytes, new: new.bytes, isMade: isMade ?? false, isRemoved: isRemoved ?? false)
  }
}

/// Bytes as JSON: a string where they are UTF-8, else their numbers.
struct TextRecord: Codable, Equatable, Sendable {
  let bytes: [UInt8]

  init(bytes: [UInt8]) { self.bytes = bytes }

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let text = try? container.decode(String.self) {
      bytes = Array(text.utf8)
    } else {
      bytes = try container.decode([UInt8].self)
    }
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    if let text = String(validating: bytes, as: UTF8.self) {
      try container.encode(text)
    } else {
      try container.encode(bytes)
    }
  }
}
