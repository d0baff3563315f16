/// Where the fields of a protobuf text stand, as ranges of bytes; nothing of what they mean.
///
/// An editor's view of a text that the real reader has accepted: comments, blanks, quotes and separators are whatever
/// lies between the ranges. Fields stand in file order.
package struct ProtoTextOutline: Sendable {
  /// One field as written: a scalar, a message, or a list `[a, b]`.
  package struct Field: Sendable {
    package let name: String
    package let nameRange: Range<Int>
    /// From the name to the value's end, with the `,` or `;` that closes it.
    package var range: Range<Int>
    /// One; of a list any number.
    package let entries: [Entry]
    package let isList: Bool
    /// From the value's first byte to its last: of a list with its brackets.
    package let valueRange: Range<Int>
  }

  /// One value of a field.
  package struct Entry: Sendable {
    package let range: Range<Int>
    /// `nil` for a scalar.
    package let body: Body?
  }

  /// The fields between the braces of a message, or those of the whole text.
  package struct Body: Sendable {
    /// What lies between the braces.
    package let inner: Range<Int>
    package let fields: [Field]
  }

  package let root: Body

  /// `nil` for what is no protobuf text.
  package init?(_ bytes: [UInt8]) {
    var scanner = ProtoTextScanner(bytes)
    guard let root = scanner.body(until: nil) else { return nil }
    self.root = root
  }
}

/// Reads protobuf text for its ranges.
private struct ProtoTextScanner {
  let bytes: [UInt8]
  var position = 0
  private var depth = 0
  /// More than any message type nests; keeps a hostile file off the stack's end.
  private static let depthLimit = 64

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
  }

  private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

  /// Goes over blanks and comments.
  private mutating func skip() {
    while let byte = next {
      if byte == UInt8(ascii: "#") {
        while let byte = next, byte != UInt8(ascii: "\n") { position += 1 }
      } else if byte == 0x20 || (0x09...0x0D).contains(byte) {
        position += 1
      } else {
        return
      }
    }
  }

  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard next == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  /// Fields up to the closing byte, which is taken as well.
  mutating func body(until close: UInt8?) -> ProtoTextOutline.Body? {
    depth += 1
    defer { depth -= 1 }
    guard depth < Self.depthLimit else { return nil }
    let start = position
    var fields: [ProtoTextOutline.Field] = []
    while true {
      skip()
      let end = position
      guard let byte = next else {
        return close == nil ? ProtoTextOutline.Body(inner: start..<end, fields: fields) : nil
      }
      if byte == close {
        position += 1
        return ProtoTextOutline.Body(inner: start..<end, fields: fields)
      }
      guard let field = field() else { return nil }
      fields.append(field)
    }
  }

  private mutating func field() -> ProtoTextOutline.Field? {
    let start = position
    while let byte = next, Self.isWord(byte) { position += 1 }
    guard position > start else { return nil }
    let name = start..<position
    skip()
    _ = take(":")
    skip()
    let valueStart = position
    let isList = take("[")
    guard let entries = isList ? list() : entry().map({ [$0] }) else { return nil }
    let valueRange = valueStart..<position
    // A separator behind blanks and comments belongs to the field; without one the blanks do not.
    let end = position
    skip()
    if !take(","), !take(";") { position = end }
    return ProtoTextOutline.Field(
      name: String(decoding: bytes[name], as: UTF8.self), nameRange: name, range: start..<position, entries: entries,
      isList: isList, valueRange: valueRange)
  }

  private mutating func list() -> [ProtoTextOutline.Entry]? {
    var entries: [ProtoTextOutline.Entry] = []
    while true {
      skip()
      if take("]") { return entries }
      if !entries.isEmpty {
        guard take(",") else { return nil }
        skip()
      }
      guard let entry = entry() else { return nil }
      entries.append(entry)
    }
  }

  private mutating func entry() -> ProtoTextOutline.Entry? {
    let start = position
    if take("{") || take("<") {
      let close = bytes[start] == UInt8(ascii: "{") ? UInt8(ascii: "}") : UInt8(ascii: ">")
      return body(until: close).map { ProtoTextOutline.Entry(range: start..<position, body: $0) }
    }
    if next == UInt8(ascii: "\"") || next == UInt8(ascii: "'") {
      guard strings() else { return nil }
    } else {
      if take("-") { skip() }
      let word = position
      while let byte = next, Self.isWord(byte) || byte == UInt8(ascii: ".") || isExponentSign(byte) { position += 1 }
      guard position > word else { return nil }
    }
    return ProtoTextOutline.Entry(range: start..<position, body: nil)
  }

  /// `+` and `-` inside a number: only behind its `e`.
  private func isExponentSign(_ byte: UInt8) -> Bool {
    (byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-")) && position > 0
      && bytes[position - 1] | 0x20 == UInt8(ascii: "e")
  }

  /// String literals in a row are one value.
  private mutating func strings() -> Bool {
    var end = position
    while let quote = next, quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") {
      position += 1
      while let byte = next, byte != quote { position += byte == UInt8(ascii: "\\") ? 2 : 1 }
      guard next == quote else { return false }
      position += 1
      end = position
      skip()
    }
    position = end
    return true
  }

  private static func isWord(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      true
    default: false
    }
  }
}
