import Tensors

/// An order of values: largest or smallest first, NaN last.
package struct Ranking: Sendable {
  private let largestFirst: Bool
  /// Which of two equal values comes first: the one further back, or the one further front.
  private let laterFirst: Bool

  package init(largestFirst: Bool, laterFirst: Bool) {
    (self.largestFirst, self.laterFirst) = (largestFirst, laterFirst)
  }

  /// A number for `value` at `index` that is the smaller the earlier it comes; no two indices have the same.
  @inline(__always)
  private func key(_ value: Float, _ index: Int) -> UInt64 {
    let place = UInt64(UInt32(truncatingIfNeeded: laterFirst ? ~index : index))
    if value != value { return 0xFFFF_FFFF << 32 | place }
    // The bits of floats grow with their values, those of negative ones against it. -0 becomes +0.
    let bits = (value + 0).bitPattern
    let ascending = bits >> 31 == 0 ? bits | 0x8000_0000 : ~bits
    return UInt64(largestFirst ? ~ascending : ascending) << 32 | place
  }

  /// The index that was made part of a key.
  private func index(_ key: UInt64) -> Int {
    let place = UInt32(truncatingIfNeeded: key)
    return Int(laterFirst ? ~place : place)
  }

  /// Chooses the first `count` values of lines through C-order `[.., length, stride]`.
  ///
  /// - Parameters:
  ///   - lines: which ones; line `l` begins at `l / stride * length * stride + l % stride`.
  ///   - body: gets the line, the rank from 0 on and the index in the line, line by line and in order of rank.
  /// - Precondition: `1 <= count <= length`.
  package func choose(
    _ x: FloatView, length: Int, stride: Int, lines: Range<Int>, count: Int, _ body: (Int, Int, Int) -> Void
  ) {
    precondition((1...max(1, length)).contains(count), "more than there are")
    // Neighbouring lines are read together, as they lie in memory.
    let lanes = max(1, min(16, stride, 65536 / length))
    withUnsafeTemporaryAllocation(of: UInt64.self, capacity: lanes * length) { keys in
      var line = lines.lowerBound
      while line < lines.upperBound {
        let group = min(lanes, lines.upperBound - line, stride - line % stride)
        let source = x.slice(line / stride * length * stride + line % stride, (length - 1) * stride + group).pointer
        for i in 0..<length {
          for lane in 0..<group { keys[lane * length + i] = key(source[i * stride + lane], i) }
        }
        for lane in 0..<group {
          let own = UnsafeMutableBufferPointer(rebasing: keys[lane * length..<(lane + 1) * length])
          Self.putFirst(count, of: own)
          for k in 0..<count { body(line + lane, k, index(own[k])) }
        }
        line += group
      }
    }
  }

  /// Puts the `count` smallest keys to the front, in order.
  private static func putFirst(_ count: Int, of keys: UnsafeMutableBufferPointer<UInt64>) {
    if count == 1 {
      var best = keys[0]
      for i in 1..<keys.count { best = min(best, keys[i]) }
      keys[0] = best
    } else if count > 32 {
      var all = keys
      all.sort()
    } else {
      for i in 1..<keys.count {
        let key = keys[i]
        if i >= count, key > keys[count - 1] { continue }
        var at = min(i, count - 1)
        while at > 0, key < keys[at - 1] {
          keys[at] = keys[at - 1]
          at -= 1
        }
        keys[at] = key
      }
    }
  }
}
