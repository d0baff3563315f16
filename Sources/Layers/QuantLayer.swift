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

  package let settings: QuantSettings
  package var step: Float { settings.step }
  /// The code of 0; 0 when the file says none.
  package var offset: Int { settings.offset }
  package var bits: Int { settings.bits }

  package init(_ source: LayerSource) throws(LayerError) {
    settings = try QuantSettings(source, source.settings("quant_param"))
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
    let rounding = settings.rounding
    let (layout, parallel) = (context.bottomLayouts[0], context.backend.parallel)
    return LoopKernel(bottoms: [layout], tops: [layout], canRunInPlace: true) { io in
      rounding.fakeQuantize(io.bottom(0), into: io.top(0), parallel)
    }
  }
}
