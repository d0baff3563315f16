import CKernels
import Glibc
import Tensors

/// Sums over one pair of arrays, from which all similarity figures follow; sums of pairs can be added.
package struct Comparison: Sendable, Hashable {
  package private(set) var count = 0
  package private(set) var dot = 0.0
  package private(set) var original = 0.0
  package private(set) var quantized = 0.0
  package private(set) var difference = 0.0
  /// Sums of `o` and of `q - o`.
  package private(set) var sum = 0.0
  package private(set) var bias = 0.0
  /// Values that are not 0 in the original and 0 in the quantized.
  package private(set) var zeroed = 0
  /// Largest `|q - o|`; NaN when a value is not finite.
  package private(set) var maxAbs = 0.0

  package init() {}

  package init(original o: FloatView, quantized q: FloatView) {
    precondition(o.count == q.count, "comparing arrays of different lengths")
    self.init(ck_compare(o.pointer, q.pointer, o.count), count: o.count)
  }

  private init(_ c: ck_comparison, count: Int) {
    self.count = count
    (dot, original, quantized, difference, maxAbs) = (c.dot, c.aa, c.bb, c.dd, c.max_abs)
    (sum, bias, zeroed) = (c.sum_a, c.sum_d, Int(c.zeroed))
  }

  /// Compares rows of values, or columns.
  /// - Parameter length: values per row; with `columns`, the number of columns.
  static func parts(original o: FloatView, quantized q: FloatView, length: Int, columns: Bool) -> [Comparison] {
    precondition(o.count == q.count && length > 0 && o.count % length == 0, "arrays of equal, whole rows")
    let other = o.count / length
    let count = columns ? length : other
    let sums = [ck_comparison](unsafeUninitializedCapacity: count) { buffer, filled in
      if columns {
        ck_compare_columns(o.pointer, q.pointer, other, length, buffer.baseAddress)
      } else {
        ck_compare_rows(o.pointer, q.pointer, other, length, buffer.baseAddress)
      }
      filled = count
    }
    return sums.map { Comparison($0, count: columns ? other : length) }
  }

  package static func += (a: inout Comparison, b: Comparison) {
    a.count += b.count
    a.dot += b.dot
    a.original += b.original
    a.quantized += b.quantized
    a.difference += b.difference
    a.sum += b.sum
    a.bias += b.bias
    a.zeroed += b.zeroed
    a.maxAbs = a.maxAbs.isNaN || b.maxAbs.isNaN ? .nan : max(a.maxAbs, b.maxAbs)
  }

  /// `o.q / (|o| |q|)`; 1 when both are zero, 0 when one is, NaN when a value is not finite.
  package var cosine: Double {
    if original == 0 && quantized == 0 { return 1 }
    if original == 0 || quantized == 0 { return 0 }
    // Rounding may leave a hair above 1.
    return min(1, max(-1, dot / (original.squareRoot() * quantized.squareRoot())))
  }
  /// `10 log10(|o|^2 / |q - o|^2)` in dB; infinite when equal.
  package var sqnr: Double { difference == 0 ? .infinity : 10 * log10(original / difference) }
  package var mse: Double { count == 0 ? 0 : difference / Double(count) }
  /// `|q| / |o|`: what cosine doesn't see, a wrong scale.
  package var slope: Double { original == 0 ? (quantized == 0 ? 1 : .infinity) : (quantized / original).squareRoot() }
  /// Mean of `q - o`.
  package var meanBias: Double { count == 0 ? 0 : bias / Double(count) }
  /// Share of all values that are not 0 in the original and 0 in the quantized.
  package var zeroedShare: Double { count == 0 ? 0 : Double(zeroed) / Double(count) }
  /// `|q - o| / |o|`; infinite when only the original is zero.
  package var relativeL2: Double {
    original == 0 ? (difference == 0 ? 0 : .infinity) : (difference / original).squareRoot()
  }

  package enum Side: Sendable { case original, quantized }

  /// Mean and standard deviation over all values (divisor n) of one side.
  package func moments(_ side: Side) -> (mean: Double, deviation: Double) {
    if count == 0 { return (0, 0) }
    let n = Double(count)
    let mean = (side == .original ? sum : sum + bias) / n
    let variance = (side == .original ? original : quantized) / n - mean * mean
    // Rounding may leave a hair below 0.
    return (mean, variance.isNaN ? .nan : max(0, variance).squareRoot())
  }
}
