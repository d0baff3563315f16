/// Puts protobuf wire format together.
struct WireWriter {
  private(set) var bytes: [UInt8] = []

  static func size(varint value: UInt64) -> Int { max(1, (70 - value.leadingZeroBitCount) / 7) }

  mutating func varint(_ value: UInt64) {
    var v = value
    while v >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: v) | 0x80)
      v >>= 7
    }
    bytes.append(UInt8(v))
  }

  /// Tag and length of a length-delimited field whose payload follows.
  mutating func header(_ number: Int, length: Int) {
    varint(UInt64(number) << 3 | 2)
    varint(UInt64(length))
  }

  mutating func append(_ other: some Sequence<UInt8>) { bytes.append(contentsOf: other) }
}
