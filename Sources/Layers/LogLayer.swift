import Glibc
import Kernels
import LayerGraph
import Tensors

/// `y = log_base(scale * x + shift)`; base -1 means e.
/// - Source: Caffe `log_layer.cpp`.
struct LogLayer: LayerType {
  static let caffeTypes = ["Log"]
  static let arity = Arity.oneToOne
  static let agreement = Agreement.exact

  private let scale: Float
  private let shift: Float
  /// `1 / log(base)`
  private let outer: Float

  init(_ source: LayerSource) throws(LayerError) {
    let p = source.settings("log_param")
    let base = try source.finite(p, "base", default: -1)
    scale = try source.finite(p, "scale", default: 1)
    shift = try source.finite(p, "shift", default: 0)
    guard base == -1 || (base > 0 && base != 1) else {
      throw source.error("base must be positive and not 1, or -1 for e; it is \(base)", p, field: "base")
    }
    outer = base == -1 ? 1 : 1 / log(base)
  }

  var quantization: QuantizationRole { .data() }

  func topShapes(_ bottoms: [Shape]) throws(LayerError) -> [Shape] { bottoms }

  func reference(_ run: LayerRun) {
    for i in 0..<run.tops[0].count { run.tops[0][i] = log(scale * run.bottoms[0][i] + shift) * outer }
  }

  /// Our own loop: oneDNN's logarithm is only good to 1e-6 near 1, where the result is small.
  func makeKernel(_ context: KernelContext) throws(KernelError) -> (any LayerKernel)? {
    let (scale, shift, outer) = (scale, shift, outer)
    return ElementFunctionKernel(context, keepsZero: false) { x, y in
      for i in 0..<y.count { y[i] = log(scale * x[i] + shift) * outer }
    }
  }
}
