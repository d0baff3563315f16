import Glibc
import Kernels
import LayerGraph
import Tensors

/// `y = log_base(scale * x + shift)`; base -1 means e.
/// - Source: Caffe `log_layer.cpp`.
struct LogLayer: LayerType {
  static let caffeTypes = ["Log"]
  static let arity = Arity.oneToOne
  static let agreement = Agreement.relativeToLargest(1e-6)

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

  func postOp(_ shapes: LayerShapes, _ params: [Tensor]) -> PostOp? {
    scale == 1 && shift == 0 && outer == 1 ? .function(.log) : nil
  }

  func makeKernel(_ context: KernelContext) throws(KernelError) -> (any LayerKernel)? {
    var steps: [ElementFunctionKernel.Step] = [.function(.log)]
    if scale != 1 || shift != 0 {
      let (scale, shift) = (scale, shift)
      // Rounded after each operation as in the definition: near 1 the logarithm magnifies the difference.
      steps.insert(.loop { x, y in for i in 0..<y.count { y[i] = scale * x[i] + shift } }, at: 0)
    }
    if outer != 1 { steps.append(.function(.linear(a: outer, b: 0))) }
    return try ElementFunctionKernel(context, steps, keepsZero: false)
  }
}
