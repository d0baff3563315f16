import Diagnostics
import Kernels
import Tensors

/// Quantizes activations and back: `x' = (clip(round(x / scale) + offset) - offset) * scale`.
///
/// round = half away from zero, the quotient is a float32 division; values beyond the codes saturate by their sign,
/// infinities too; NaN becomes the code of 0.
/// - Source: amct-facts 1.1, 1.2.
package struct FakeQuantizer: Sendable {
  package let factors: DataFactors
  private let rounding: Rounding

  /// - Precondition: `factors.isLegal`; records and layers are checked when they are read.
  package init(_ factors: DataFactors) {
    precondition(factors.isLegal, "factors with a positive, finite step and an offset among the codes")
    self.factors = factors
    rounding = Rounding(
      scale: factors.scale, low: Int32(factors.scheme.qmin - factors.offset),
      high: Int32(factors.scheme.qmax - factors.offset))
  }

  /// From the reciprocal that a Quant layer stores.
  ///
  /// - Throws: when it is infinite, not above DBL_EPSILON, or the offset is not one of the codes.
  package init(scheme: Scheme, reciprocal: Float, offset: Int) throws(DiagnosticError) {
    if reciprocal == .infinity { throw DiagnosticError("quant param scale should not be inf!") }
    guard Double(reciprocal) > .ulpOfOne else {
      throw DiagnosticError("quant param scale should be greater than DBL_EPSILON!")
    }
    let factors = DataFactors(scheme, scale: DataFactors.scale(ofReciprocal: reciprocal), offset: offset)
    guard factors.isLegal else {
      throw DiagnosticError("the offset \(offset) is not in \(scheme.qmin)...\(scheme.qmax)")
    }
    self.init(factors)
  }

  /// `out` may be the memory of `x`.
  package func apply(_ x: FloatView, into out: MutableFloatView, threads: Int) {
    rounding.fakeQuantize(x, into: out, Parallel(threads: threads))
  }

  package func fakeQuantized(_ x: Tensor, threads: Int = 1) -> Tensor {
    var out = Tensor(shape: x.shape)
    out.withMutable { sink in x.withView { apply($0, into: sink, threads: threads) } }
    return out
  }

  /// The codes, offset included.
  package func codes(_ x: FloatView) -> [Int16] { rounding.codes(x, offset: Int32(factors.offset)) }

  /// Mean of `(x' - x)^2` over all segments; 0 without values.
  package func meanSquaredError(_ segments: [FloatView], threads: Int) -> Double {
    rounding.meanSquaredError(segments, Parallel(threads: threads))
  }
}
