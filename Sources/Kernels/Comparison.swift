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
  package private(set) var bias = 0.0
  /// Largest `|q - o|`; NaN when a value is not finite.
  package private(set) var maxAbs = 0.0

  package init() {}

  package init(original o: FloatView, quantized q: FloatView) {
    precondition(o.count == q.count, "comparing arrays of different lengths")
    let c = ck_compare(o.pointer, q.pointer, o.count)
    count = o.count
    (dot, original, quantized, difference, bias, maxAbs) = (c.dot, c.aa, c.bb, c.dd, c.sum_d, c.max_abs)
  }

  package static func += (a: inout Comparison, b: Comparison) {
    a.count += b.count
    a.dot += b.dot
    a.original += b.original
    a.quantized += b.quantized
    a.difference += b.difference
    a.bias += b.bias
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
  package var meanBias: Double { count == 0 ? 0 : bias / Double(count) }
  package var relativeL2: Double {
    original == 0 ? (difference == 0 ? 0 : .infinity) : (difference / original).squareRoot()
  }
}
