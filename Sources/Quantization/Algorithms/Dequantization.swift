import Diagnostics
import Tensors

/// From the int32 accumulator of a quantized layer back to floats, `y = accumulator * deq[c]`, and the bias in its
/// units.
///
/// - Source: amct-facts 2.6.
package enum Dequantization {
  /// `deq[c] = scale_d * scale_w[c]` in float32.
  package static func scales(data: Float, weights: [Float]) -> [Float] { weights.map { data * $0 } }

  /// `round(bias[c] / deq[c])`, the quotient in float32, round = half to even.
  ///
  /// - Parameter deq: one per bias value, or one for all.
  /// - Throws: when a value does not fit an int32, or is not a number; the layer then has to stay unquantized.
  package static func quantizedBias(_ bias: [Float], deq: [Float], layer: String) throws(DiagnosticError) -> [Int32] {
    precondition(deq.count == bias.count || deq.count == 1, "\(deq.count) scales for \(bias.count) bias values")
    var out: [Int32] = []
    out.reserveCapacity(bias.count)
    for (i, value) in bias.enumerated() {
      let rounded = Double((value / deq[deq.count == 1 ? 0 : i]).rounded(.toNearestOrEven))
      guard let code = Int32(exactly: rounded) else {
        throw DiagnosticError(
          "Quantized bias \(text(rounded)) of layer \"\(layer)\" exceed int32 range:[-2147483648.0, 2147483647.0], "
            + "please add it to skip layer.", notes: [.init("it is bias value \(i), \(value)")])
      }
      out.append(code)
    }
    return out
  }

  /// The word that the deployed DeQuant layer stores per channel: bits 31...0 the float32 scale, 39...32 the shift,
  /// 47...40 the weight offset.
  package static func word(scale: Float, shift: UInt8 = 0, weightOffset: Int8 = 0) -> UInt64 {
    UInt64(scale.bitPattern) | UInt64(shift) << 32 | UInt64(UInt8(bitPattern: weightOffset)) << 40
  }

  /// What `word` packed: scale, shift, weight offset.
  package static func parts(of word: UInt64) -> (scale: Float, shift: UInt8, weightOffset: Int8) {
    (
      Float(bitPattern: UInt32(truncatingIfNeeded: word)), UInt8(truncatingIfNeeded: word >> 32),
      Int8(truncatingIfNeeded: word >> 40)
    )
  }

  /// A whole number as the original prints it: never with an exponent below 1e16.
  private static func text(_ value: Double) -> String {
    abs(value) < 1e16 ? "\(Int(value)).0" : "\(value)"
  }
}
