import CHash

/// Names a value by what it was made from: equal keys mean equal content, on any machine of the same byte order.
///
/// 128 bits of XXH3: two different contents share a key once in 2^64 tries, so a cache may trust it; it is no protection
/// against forgery.
package struct ContentKey: Hashable, Sendable, CustomStringConvertible {
  package let high: UInt64
  package let low: UInt64

  fileprivate init(_ raw: ch_key) {
    high = raw.high
    low = raw.low
  }

  /// The key of one piece of memory.
  package init(of bytes: UnsafeRawBufferPointer) { self.init(ch_of(bytes.baseAddress, bytes.count)) }

  /// 32 hexadecimal digits.
  package var description: String { Self.hex(high) + Self.hex(low) }

  private static func hex(_ word: UInt64) -> String {
    let digits = String(word, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}

/// Builds a `ContentKey` from parts; every part carries its length, so that no two lists of parts run into each other.
package struct ContentHasher: ~Copyable {
  private let state: OpaquePointer

  /// - Parameter kind: what the key is of; contents of different kinds never share a key.
  package init(_ kind: String) {
    guard let state = ch_create() else { preconditionFailure("no memory for a hash of 576 bytes") }
    self.state = state
    add(kind)
  }

  deinit { ch_free(state) }

  package func add(_ bytes: UnsafeRawBufferPointer) {
    addWord(UInt64(bytes.count))
    ch_add(state, bytes.baseAddress, bytes.count)
  }

  package func add(_ text: String) {
    var text = text
    text.withUTF8 { add(UnsafeRawBufferPointer($0)) }
  }

  package func add(_ number: some BinaryInteger) { addWord(UInt64(truncatingIfNeeded: number)) }
  /// By its bits: 0 and -0 differ.
  package func add(_ number: Float) { addWord(UInt64(number.bitPattern)) }
  package func add(_ number: Double) { addWord(number.bitPattern) }
  package func add(_ flag: Bool) { addWord(flag ? 1 : 0) }

  package func add(_ key: ContentKey) {
    addWord(key.high)
    addWord(key.low)
  }

  package func add(_ shape: Shape) {
    add(shape.rank)
    for extent in shape.dims { add(extent) }
  }

  /// Shape and bits of the values.
  package func add(_ tensor: Tensor) {
    add(tensor.shape)
    tensor.withView { add(UnsafeRawBufferPointer($0.buffer)) }
  }

  private func addWord(_ word: UInt64) {
    withUnsafeBytes(of: word.littleEndian) { ch_add(state, $0.baseAddress, 8) }
  }

  package var key: ContentKey { ContentKey(ch_digest(state)) }
}
