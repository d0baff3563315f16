import Glibc
import Kernels
import LayerGraph
import Tensors

/// `y = x / (1 + exp(-beta * x))`
/// - Source: Caffe `swish_layer.cpp`.
struct SwishLayer: LayerType {
  static let caffeTypes = ["Swish"]
  static let arity = Arity.oneToOne
  static let agreement = Agreement.relativeToLargest(1e-6)

  private let beta: Float

  init(_ source: LayerSource) throws(LayerError) {
    beta = try source.finite(source.settings("swish_param"), "beta", default: 1)
  }

  var quantization: QuantizationRole { .data(on: false) }

  func topShapes(_ bottoms: [Shape]) throws(LayerError) -> [Shape] { bottoms }

  func reference(_ run: LayerRun) {
    for i in 0..<run.tops[0].count {
      let x = run.bottoms[0][i]
      run.tops[0][i] = x / (1 + exp(-beta * x))
    }
  }

  func postOp(_ shapes: LayerShapes, _ params: [Tensor]) -> PostOp? { .function(.swish(beta: beta)) }

  func makeKernel(_ context: KernelContext) throws(KernelError) -> (any LayerKernel)? {
    try ElementFunctionKernel(context, .swish(beta: beta), keepsZero: true)
  }
}
