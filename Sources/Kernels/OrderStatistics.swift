import CKernels
import Tensors

/// Smallest and largest value, order statistics, and whether all values are finite.
package struct OrderStatistics: Sendable {
  package private(set) var min = Float.infinity
  package private(set) var max = -Float.infinity
  package private(set) var hasInfinity = false
  package private(set) var hasNaN = false
  /// The k-th largest and the k-th smallest value; NaN when not all values are finite.
  package private(set) var largest = Float.nan
  package private(set) var smallest = Float.nan

  /// Ranks up to this keep their values in a heap, which costs one pass; others count keys, which costs three each.
  private static let heapLimit = 1024

  /// Looks at the concatenation of `segments`.
  ///
  /// - Parameters:
  ///   - largest: rank from the top, 1 is the maximum; at most the number of values.
  ///   - smallest: rank from the bottom.
  /// - Complexity: O(n) for few ranks; the result doesn't depend on the number of threads.
  package init(_ segments: [FloatView], largest kLargest: Int, smallest kSmallest: Int, _ parallel: Parallel) {
    let count = segments.reduce(0) { $0 + $1.count }
    precondition(
      (1...Swift.max(count, 1)).contains(kLargest) && (1...Swift.max(count, 1)).contains(kSmallest),
      "a rank between 1 and the number of values")
    if count == 0 { return }
    let parts = Pieces(segments, parts: parallel.threads)
    var scans = Array(
      repeating: Scan(high: kLargest > Self.heapLimit ? 0 : kLargest, low: kSmallest > Self.heapLimit ? 0 : kSmallest),
      count: parts.count)
    parallel.update(&scans) { part, scan in for piece in parts[part] { scan.add(piece) } }
    for scan in scans {
      min = Swift.min(min, scan.range.min)
      max = Swift.max(max, scan.range.max)
      hasInfinity = hasInfinity || scan.range.has_inf != 0
      hasNaN = hasNaN || scan.range.has_nan != 0
    }
    if hasInfinity || hasNaN { return }
    largest =
      kLargest > Self.heapLimit
      ? Self.select(parts, kLargest, parallel) : scans.flatMap(\.high).sorted(by: >)[kLargest - 1]
    smallest =
      kSmallest > Self.heapLimit
      ? Self.select(parts, count + 1 - kSmallest, parallel) : -scans.flatMap(\.low).sorted(by: >)[kSmallest - 1]
  }

  /// The `rank`-th largest value, found digit by digit of its order-preserving key.
  private static func select(_ parts: Pieces, _ rank: Int, _ parallel: Parallel) -> Float {
    var prefix: UInt32 = 0
    var left = UInt64(rank)
    for (shift, bits) in [(21, 11), (10, 11), (0, 10)] {
      var tables = Array(repeating: Array(repeating: UInt64(0), count: 1 << bits), count: parts.count)
      let known = prefix
      parallel.update(&tables) { part, table in
        for piece in parts[part] {
          ck_key_histogram(piece.pointer, piece.count, known, Int32(shift), Int32(bits), &table)
        }
      }
      var digit = (1 << bits) - 1
      while digit > 0 {
        let here = tables.reduce(0) { $0 + $1[digit] }
        if here >= left { break }
        left -= here
        digit -= 1
      }
      prefix |= UInt32(digit) << UInt32(shift)
    }
    return ck_key_float(prefix)
  }

  private struct Scan: Sendable {
    var range = ck_range(min: .infinity, max: -.infinity, has_inf: 0, has_nan: 0)
    var high: [Float] = []
    var low: [Float] = []
    let highest: Int
    let lowest: Int

    init(high: Int, low: Int) {
      highest = high
      lowest = low
    }

    mutating func add(_ x: FloatView) {
      Self.withHeap(&high, highest) { high in
        Self.withHeap(&low, lowest) { low in ck_scan(x.pointer, x.count, &range, high, low) }
      }
    }

    private static func withHeap(
      _ values: inout [Float], _ capacity: Int, _ body: (UnsafeMutablePointer<ck_top>?) -> Void
    ) {
      if capacity == 0 { return body(nil) }
      let count = values.count
      values += Array(repeating: 0, count: capacity - count)
      var filled = count
      values.withUnsafeMutableBufferPointer {
        var top = ck_top(heap: $0.baseAddress, capacity: capacity, count: count)
        body(&top)
        filled = top.count
      }
      values.removeLast(capacity - filled)
    }
  }
}

extension Parallel {
  /// Calls `body` for every element, each with its own storage.
  func update<T: Sendable>(_ elements: inout [T], _ body: @Sendable (Int, inout T) -> Void) {
    elements.withUnsafeMutableBufferPointer { buffer in
      nonisolated(unsafe) let buffer = buffer
      forEach(buffer.count) { i in body(i, &buffer[i]) }
    }
  }
}
