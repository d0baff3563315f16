/// Why bytes are not protobuf wire format, and where.
struct WireError: Error {
  enum Reason { case truncated, malformed }
  var reason: Reason
  /// Offset of the field in which reading failed.
  var offset: Int
}

/// Walks protobuf wire format field by field, without a schema; every read stays inside the bytes.
/// - Source: protobuf encoding, https://protobuf.dev/programming-guides/encoding/.
struct WireReader {
  enum WireType: UInt8 { case varint = 0, fixed64, bytes, startGroup, endGroup, fixed32 }

  /// One field: its number, where its tag and payload stand, and its value when that is a plain number.
  struct Field {
    var number: Int
    var type: WireType
    /// From the tag to the end of the payload.
    var whole: Range<Int>
    /// The bytes of a length-delimited field, the 4 or 8 bytes of a fixed one; empty for a varint.
    var payload: Range<Int>
    var varint: UInt64
  }

  let bytes: UnsafeRawBufferPointer
  private(set) var position: Int
  let end: Int

  /// - Precondition: `range` lies inside `bytes`.
  init(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) {
    precondition(range.lowerBound >= 0 && range.upperBound <= bytes.count, "wire range outside its bytes")
    self.bytes = bytes
    position = range.lowerBound
    end = range.upperBound
  }

  /// The next field, `nil` at the end. A group comes as one field whose payload is skipped.
  mutating func next() throws(WireError) -> Field? {
    if position >= end { return nil }
    let start = position
    let (number, type) = try tag(start)
    var field = Field(number: number, type: type, whole: start..<start, payload: start..<start, varint: 0)
    switch type {
    case .startGroup: try skipGroup(number, start)
    case .endGroup: throw WireError(reason: .malformed, offset: start)
    default: try value(&field, start)
    }
    field.whole = start..<position
    return field
  }

  private mutating func tag(_ start: Int) throws(WireError) -> (Int, WireType) {
    let key = try varint(start)
    guard key >> 3 > 0, key >> 3 <= 536_870_911, let type = WireType(rawValue: UInt8(key & 7)) else {
      throw WireError(reason: .malformed, offset: start)
    }
    return (Int(key >> 3), type)
  }

  private mutating func value(_ field: inout Field, _ start: Int) throws(WireError) {
    switch field.type {
    case .varint: field.varint = try varint(start)
    case .fixed32: field.payload = try take(4, start)
    case .fixed64: field.payload = try take(8, start)
    case .bytes:
      let count = try varint(start)
      guard count <= UInt64(end - position) else { throw WireError(reason: .truncated, offset: start) }
      field.payload = try take(Int(count), start)
    case .startGroup, .endGroup: break
    }
  }

  /// Groups may nest; counting instead of recursing keeps hostile input from using up the stack.
  private mutating func skipGroup(_ number: Int, _ start: Int) throws(WireError) {
    var open = [number]
    while let current = open.last {
      let (number, type) = try tag(start)
      switch type {
      case .startGroup: open.append(number)
      case .endGroup:
        guard number == current else { throw WireError(reason: .malformed, offset: start) }
        open.removeLast()
      default:
        var field = Field(number: number, type: type, whole: start..<start, payload: start..<start, varint: 0)
        try value(&field, start)
      }
    }
  }

  private mutating func take(_ count: Int, _ start: Int) throws(WireError) -> Range<Int> {
    guard count <= end - position else { throw WireError(reason: .truncated, offset: start) }
    defer { position += count }
    return position..<position + count
  }

  private mutating func varint(_ start: Int) throws(WireError) -> UInt64 {
    var result: UInt64 = 0
    var shift: UInt64 = 0
    while shift < 70 {
      guard position < end else { throw WireError(reason: .truncated, offset: start) }
      let byte = bytes[position]
      position += 1
      result |= UInt64(byte & 0x7f) << shift
      if byte < 0x80 { return result }
      shift += 7
    }
    throw WireError(reason: .malformed, offset: start)
  }

  /// The packed or single varints of `field`.
  func varints(_ field: Field) throws(WireError) -> [UInt64] {
    if field.type == .varint { return [field.varint] }
    guard field.type == .bytes else { throw WireError(reason: .malformed, offset: field.whole.lowerBound) }
    var reader = WireReader(bytes, field.payload)
    var out: [UInt64] = []
    while reader.position < reader.end { out.append(try reader.varint(reader.position)) }
    return out
  }

  /// The text of a length-delimited field; bytes that are not UTF-8 become replacement characters.
  func text(_ field: Field) -> String {
    String(decoding: UnsafeRawBufferPointer(rebasing: bytes[field.payload]), as: UTF8.self)
  }

  func array(_ range: Range<Int>) -> [UInt8] { Array(bytes[range]) }
}
