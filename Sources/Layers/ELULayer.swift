import Glibc
import Kernels
import LayerGraph
import Tensors

/// `y = x > 0 ? x : alpha * (exp(x) - 1)`
/// - Source: Caffe `elu_layer.cpp`.
struct ELULayer: LayerType {
  static let caffeTypes = ["ELU"]
  static let arity = Arity.oneToOne
  static let agreement = Agreement.relativeToLargest(1e-6)

  private let alpha: Float

  init(_ source: LayerSource) throws(LayerError) {
    alpha = try source.finite(source.settings("elu_param"), "alpha", default: 1)
  }

  var quantization: QuantizationRole { .data() }

  func topShapes(_ bottoms: [Shape]) throws(LayerError) -> [Shape] { bottoms }

  func reference(_ run: LayerRun) {
    for i in 0..<run.tops[0].count {
      let x = run.bottoms[0][i]
      run.tops[0][i] = x > 0 ? x : alpha * (exp(x) - 1)
    }
  }

  func postOp(_ shapes: LayerShapes, _ params: [Tensor]) -> PostOp? { .function(.elu(alpha: alpha)) }

  func makeKernel(_ context: KernelContext) throws(KernelError) -> (any LayerKernel)? {
    try ElementFunctionKernel(context, .elu(alpha: alpha), keepsZero: true)
  }
}
