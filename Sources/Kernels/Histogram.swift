import CKernels
import Tensors

/// Counts of values in bins `[k w, (k + 1) w)`, whose width `w` is the power of two that the range of the values asks for.
///
/// Data may come in any order and parts: when the range grows, bins are added up in pairs, so that the counts are always
/// exact and the result depends on the values alone. At most 1024 bins are in use. Infinities and NaN are counted apart.
/// Of large data a part may be counted; the range and what is not finite always come from all values.
package struct Histogram: Sendable, Hashable {
  /// Bins at most.
  package static let limit = Int(CK_HISTOGRAM_BINS)

  /// Smallest and largest finite value; infinite while there is none.
  package private(set) var min = Float.infinity
  package private(set) var max = -Float.infinity
  package private(set) var notFinite = 0
  /// `w = 2^exponent`; bin 0 of `counts` begins at `first * w`.
  private(set) var exponent = Histogram.leastExponent
  private(set) var first = 0
  private(set) var counts: [UInt64] = []

  /// Below the smallest normal number no finer bins are of use.
  private static let leastExponent = -126

  package init() {}

  /// Finite values counted so far.
  package var count: Int { counts.reduce(0) { $0 + Int($1) } }
  package var isEmpty: Bool { counts.isEmpty }

  package mutating func add(_ x: FloatView, oneIn: Int = 1, position: Int = 0) {
    if x.count == 0 { return }
    var (low, high) = (Float.infinity, -Float.infinity)
    let bad = ck_row_ranges(x.pointer, 1, x.count, &low, &high)
    add(x, min: low, max: high, notFinite: bad, oneIn: oneIn, position: position)
  }

  /// Adds values whose range is known.
  /// - Parameters:
  ///   - oneIn: of so many blocks of 512 values one is counted.
  ///   - position: of the first value in its blob, from which the choice follows.
  mutating func add(
    _ x: FloatView, min low: Float, max high: Float, notFinite bad: Int, oneIn: Int = 1, position: Int = 0
  ) {
    notFinite += bad
    if low > high { return }
    cover(low, high)
    ck_histogram(
      x.pointer, x.count, Self.power(-exponent), Int32(first), &counts, counts.count, UInt32(oneIn),
      UInt32(truncatingIfNeeded: position / Int(CK_HISTOGRAM_BLOCK)))
  }

  package static func += (a: inout Histogram, b: Histogram) {
    a.notFinite += b.notFinite
    if b.isEmpty { return }
    a.cover(b.min, b.max)
    let shift = a.exponent - b.exponent
    for (i, n) in b.counts.enumerated() where n > 0 { a.counts[((b.first + i) >> shift) - a.first] += n }
  }

  /// Widens the table to hold the range from `low` to `high` too.
  private mutating func cover(_ low: Float, _ high: Float) {
    if low >= min, high <= max { return }
    (min, max) = (Swift.min(min, low), Swift.max(max, high))
    let wanted = Self.exponent(min, max, bins: Self.limit)
    let (start, end) = (Self.bin(min, wanted), Self.bin(max, wanted))
    var wider = [UInt64](repeating: 0, count: end - start + 1)
    let shift = wanted - exponent
    for (i, n) in counts.enumerated() where n > 0 { wider[((first + i) >> shift) - start] += n }
    (exponent, first, counts) = (wanted, start, wider)
  }

  /// The bin of `x` for bins of width `2^exponent`.
  private static func bin(_ x: Float, _ exponent: Int) -> Int {
    Int((Double(x) * Double(sign: .plus, exponent: -exponent, significand: 1)).rounded(.down))
  }

  /// The smallest exponent for which the range needs at most `bins` bins; never so small that an index would not be a
  /// whole float32.
  private static func exponent(_ low: Float, _ high: Float, bins: Int) -> Int {
    let largest = Swift.max(abs(low), abs(high))
    let least = Swift.max(leastExponent, largest == 0 ? leastExponent : Int(largest.exponent) - 22)
    let span = Double(high) - Double(low)
    var e = Swift.max(least, span > 0 ? Int((span / Double(bins)).exponent) : least)
    while bin(high, e) - bin(low, e) >= bins { e += 1 }
    return e
  }

  private static func power(_ exponent: Int) -> Float { Float(sign: .plus, exponent: exponent, significand: 1) }

  // MARK: reading

  /// Counts over the range of this histogram and of `other`, in at most `bins` bins: both have the same edges.
  ///
  /// A range that is not a single value gets more than `bins / 4` bins where its own resolution allows that.
  package func table(bins: Int = 128, with other: Histogram? = nil) -> BinCounts {
    let all = [self, other ?? self].filter { !$0.isEmpty }
    guard let low = all.map(\.min).min(), let high = all.map(\.max).max() else {
      return BinCounts(start: 0, width: 1, counts: [])
    }
    let e = Swift.max(Self.exponent(low, high, bins: bins), all.map(\.exponent).max() ?? 0)
    let (start, end) = (Self.bin(low, e), Self.bin(high, e))
    var out = [Int](repeating: 0, count: end - start + 1)
    for (i, n) in counts.enumerated() where n > 0 { out[((first + i) >> (e - exponent)) - start] += Int(n) }
    let width = Double(Self.power(e))
    return BinCounts(start: Double(start) * width, width: width, counts: out)
  }

  /// An upper bound of the smallest value that at least `share` of all finite values don't pass, no more than a bin above
  /// it; and its counterpart from below.
  package func ends(share: Double) -> (low: Float, high: Float) {
    if isEmpty { return (0, 0) }
    let beyond = Int(Double(count) * (1 - share) * (1 + 1e-9))
    func find(_ order: some Sequence<Int>) -> Int? {
      var seen = 0
      for i in order {
        seen += Int(counts[i])
        if seen > beyond { return i }
      }
      return nil
    }
    let width = Double(Self.power(exponent))
    let high = find(counts.indices.reversed()).map { Float(Double(first + $0 + 1) * width) } ?? max
    let low = find(counts.indices).map { Float(Double(first + $0) * width) } ?? min
    return (Swift.max(low, min), Swift.min(high, max))
  }
}

/// Counts in bins of equal width, for showing: bin `i` is `[start + i width, start + (i + 1) width)`.
package struct BinCounts: Codable, Sendable, Hashable {
  package var start: Double
  package var width: Double
  package var counts: [Int]

  package init(start: Double, width: Double, counts: [Int]) {
    self.start = start
    self.width = width
    self.counts = counts
  }
}
