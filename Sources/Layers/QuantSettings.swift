import CaffeFormat
import Kernels
import LayerGraph

/// A `QuantParameter` as layers read it: the step from its reciprocal, offset and bits.
/// - Source: AMCT's Caffe layer Quant.
package struct QuantSettings: Sendable {
  /// `Float(1 / Double(scale))`.
  package let step: Float
  /// The code of 0; 0 when the file says none.
  package let offset: Int
  /// 8...16.
  package let bits: Int

  /// - Throws: at the field that is missing or out of range.
  init(_ source: LayerSource, _ p: ProtoMessage) throws(LayerError) {
    guard let scale = p.float("scale") else {
      throw .parameter(
        "Cannot find \"scale\" in layer \(source.name) quant_param",
        at: p.location.line > 0 ? p.location : source.location)
    }
    if scale == .infinity { throw source.error("quant param scale should not be inf!", p, field: "scale") }
    // NaN is refused here too.
    guard Double(scale) > Double.ulpOfOne else {
      throw source.error("quant param scale should be greater than DBL_EPSILON!", p, field: "scale")
    }
    step = Float(1 / Double(scale))
    bits = p.int("num_bits_d") ?? 8
    guard (8...16).contains(bits) else {
      throw source.error("num_bits_d must be in 8 ... 16, is \(bits)", p, field: "num_bits_d")
    }
    offset = p.int("offset") ?? 0
    let limit = 1 << (bits - 1)
    guard (-limit...limit - 1).contains(offset) else {
      throw source.error("offset must be in \(-limit) ... \(limit - 1), is \(offset)", p, field: "offset")
    }
  }

  package var rounding: Rounding {
    let limit = Int32(1) << Int32(bits - 1)
    return Rounding(scale: step, low: -limit - Int32(offset), high: limit - 1 - Int32(offset))
  }
}
