/// The factors of one activation: `q = clip(round(x / scale) + offset)`, `x' = (q - offset) * scale`.
package struct DataFactors: Hashable, Sendable {
  package var scheme: Scheme
  /// The step, > 0 and finite.
  package var scale: Float
  /// The code of 0, one of the scheme's codes; 0 in symmetric quantization.
  package var offset: Int

  package init(_ scheme: Scheme, scale: Float, offset: Int) {
    self.scheme = scheme
    self.scale = scale
    self.offset = offset
  }

  /// What a Quant layer stores: hardware multiplies.
  package var reciprocal: Float { Float(1 / Double(scale)) }

  /// The step that a Quant layer recovers from what it stores.
  package static func scale(ofReciprocal reciprocal: Float) -> Float { Float(1 / Double(reciprocal)) }

  /// Whether the step is positive and finite and the offset a code.
  package var isLegal: Bool {
    scale > 0 && scale.isFinite && offset >= scheme.qmin && offset <= scheme.qmax
  }
}
