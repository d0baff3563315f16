import Glibc
import Kernels
import LayerGraph
import Tensors

/// `y = base ^ (scale * x + shift)`; base -1 means e.
///
/// Computed as `outer * exp(inner * x)` with `inner = log(base) * scale`, `outer = base ^ shift`.
/// - Source: Caffe `exp_layer.cpp`.
struct ExpLayer: LayerType {
  static let caffeTypes = ["Exp"]
  static let arity = Arity.oneToOne
  static let agreement = Agreement.exact

  private let inner: Float
  private let outer: Float

  init(_ source: LayerSource) throws(LayerError) {
    let p = source.settings("exp_param")
    let base = try source.finite(p, "base", default: -1)
    let scale = try source.finite(p, "scale", default: 1)
    let shift = try source.finite(p, "shift", default: 0)
    guard base == -1 || base > 0 else {
      throw source.error("base must be positive, or -1 for e; it is \(base)", p, field: "base")
    }
    inner = (base == -1 ? 1 : log(base)) * scale
    outer = shift == 0 ? 1 : base == -1 ? exp(shift) : pow(base, shift)
    guard inner.isFinite, outer.isFinite else {
      throw source.error("base \(base), scale \(scale) and shift \(shift) overflow", p, field: "shift")
    }
  }

  var quantization: QuantizationRole { .data() }

  func topShapes(_ bottoms: [Shape]) throws(LayerError) -> [Shape] { bottoms }

  func reference(_ run: LayerRun) {
    for i in 0..<run.tops[0].count { run.tops[0][i] = exp(run.bottoms[0][i] * inner) * outer }
  }

  /// Our own loop: oneDNN's exponential of NaN is infinity.
  func makeKernel(_ context: KernelContext) throws(KernelError) -> (any LayerKernel)? {
    let (inner, outer) = (inner, outer)
    return ElementFunctionKernel(context, keepsZero: false) { x, y in
      for i in 0..<y.count { y[i] = exp(x[i] * inner) * outer }
    }
  }
}
