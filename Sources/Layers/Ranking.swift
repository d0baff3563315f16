import Tensors

/// An order of values, by which ArgMax, ArgMin, Sort and TopK choose: largest or smallest first, NaN last.
struct Ranking: Sendable {
  let largestFirst: Bool
  /// Which of two equal values comes first: the one further back, or the one further front.
  let laterFirst: Bool

  /// A number for `value` at `index` that is the smaller the earlier it comes; no two indices have the same.
  func key(_ value: Float, _ index: Int) -> UInt64 {
    let place = UInt64(UInt32(truncatingIfNeeded: laterFirst ? ~index : index))
    if value.isNaN { return 0xFFFF_FFFF << 32 | place }
    // The bits of floats grow with their values, those of negative ones against it. -0 becomes +0.
    let bits = (value + 0).bitPattern
    let ascending = bits >> 31 == 0 ? bits | 0x8000_0000 : ~bits
    return UInt64(largestFirst ? ~ascending : ascending) << 32 | place
  }

  /// The index that was made part of a key.
  func index(_ key: UInt64) -> Int {
    let place = UInt32(truncatingIfNeeded: key)
    return Int(laterFirst ? ~place : place)
  }

  /// Indices of the first `count` of the `length` values `x[start], x[start + stride], ..`, in order.
  func indices(_ x: FloatView, _ start: Int, _ length: Int, _ stride: Int, count: Int) -> [Int] {
    if count > 32 {
      var keys = (0..<length).map { key(x[start + $0 * stride], $0) }
      keys.sort()
      return keys.prefix(count).map(index)
    }
    var best: [UInt64] = []
    best.reserveCapacity(count + 1)
    for i in 0..<length {
      let key = key(x[start + i * stride], i)
      if let last = best.last, best.count == count, last < key { continue }
      best.insert(key, at: best.firstIndex { key < $0 } ?? best.count)
      if best.count > count { best.removeLast() }
    }
    return best.map(index)
  }
}

/// The lines of a blob along one axis: how many, how long, and how far apart their elements are.
struct AxisLines: Sendable {
  let count: Int
  let length: Int
  let stride: Int

  init(count: Int, length: Int, stride: Int) { (self.count, self.length, self.stride) = (count, length, stride) }

  /// - Precondition: `axis` is an axis of `shape`.
  init(_ shape: Shape, axis: Int) {
    self.init(count: shape.count / max(1, shape[axis]), length: shape[axis], stride: shape.count(from: axis + 1))
  }

  /// Where line `line` begins when its lines are `length` long.
  func start(_ line: Int, length: Int) -> Int { line / stride * length * stride + line % stride }
}
