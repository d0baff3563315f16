import Kernels
import LayerGraph
import Tensors

/// Fake quantization: `y = (clip(round(x / step) + offset, qmin, qmax) - offset) * step`.
///
/// With n bits `qmin = -2^(n-1)`, `qmax = 2^(n-1) - 1`; round is half away from zero, the quotient a float32 division;
/// infinities saturate by their sign and NaN becomes the code of 0. The file says the reciprocal of the step, from which
/// `step = Float(1 / Double(scale))`.
/// - Source: AMCT's Caffe layer Quant.
package struct QuantLayer: LayerType {
  package static let caffeTypes = ["Quant"]
  package static let arity = Arity.oneToOne
  package static let agreement = Agreement.exact

  package let step: Float
  /// The code of 0; 0 when the file says none.
  package let offset: Int
  package let bits: Int

  package init(_ source: LayerSource) throws(LayerError) {
    let p = source.settings("quant_param")
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

  package func topShapes(_ bottoms: [Shape]) throws(LayerError) -> [Shape] { bottoms }

  package func reference(_ run: LayerRun) {
    let limit = Float(1 << (bits - 1))
    let (low, high) = (-limit - Float(offset), limit - 1 - Float(offset))
    for i in 0..<run.tops[0].count {
      let code = (run.bottoms[0][i] / step).rounded(.toNearestOrAwayFromZero)
      run.tops[0][i] = code.isNaN ? 0 : min(max(code, low), high) * step
    }
  }

  package func makeKernel(_ context: KernelContext) throws(KernelError) -> (any LayerKernel)? {
    let limit = Int32(1) << Int32(bits - 1)
    let rounding = Rounding(scale: step, low: -limit - Int32(offset), high: limit - 1 - Int32(offset))
    let (layout, parallel) = (context.bottomLayouts[0], context.backend.parallel)
    return LoopKernel(bottoms: [layout], tops: [layout], canRunInPlace: true) { io in
      rounding.fakeQuantize(io.bottom(0), into: io.top(0), parallel)
    }
  }
}
