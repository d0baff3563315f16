import Kernels
import LayerGraph
import Tensors

/// `y = sqrt(x)`; NaN for negative `x`.
struct SqrtLayer: LayerType {
  static let caffeTypes = ["Sqrt"]
  static let arity = Arity.oneToOne
  static let agreement = Agreement.exact

  init(_ source: LayerSource) throws(LayerError) {}

  var quantization: QuantizationRole { .data() }

  func topShapes(_ bottoms: [Shape]) throws(LayerError) -> [Shape] { bottoms }

  func reference(_ run: LayerRun) {
    for i in 0..<run.tops[0].count { run.tops[0][i] = run.bottoms[0][i].squareRoot() }
  }

  /// oneDNN's: the C library's root of a negative number takes long.
  func makeKernel(_ context: KernelContext) throws(KernelError) -> (any LayerKernel)? {
    try ElementFunctionKernel(context, .sqrt, keepsZero: true)
  }
}
