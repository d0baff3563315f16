import Glibc
import Kernels
import LayerGraph
import Tensors

/// `y = 1 / (1 + exp(-x))`
/// - Source: Caffe `sigmoid_layer.cpp`, which writes the same function as `tanh(x / 2) / 2 + 1 / 2`.
struct SigmoidLayer: LayerType {
  static let caffeTypes = ["Sigmoid"]
  static let arity = Arity.oneToOne
  static let agreement = Agreement.relativeToLargest(1e-6)

  init(_ source: LayerSource) throws(LayerError) {}

  var quantization: QuantizationRole { .data() }

  func topShapes(_ bottoms: [Shape]) throws(LayerError) -> [Shape] { bottoms }

  func reference(_ run: LayerRun) {
    for i in 0..<run.tops[0].count { run.tops[0][i] = 1 / (1 + exp(-run.bottoms[0][i])) }
  }

  func postOp(_ shapes: LayerShapes, _ params: [Tensor]) -> PostOp? { .function(.logistic) }

  func makeKernel(_ context: KernelContext) throws(KernelError) -> (any LayerKernel)? {
    try ElementFunctionKernel(context, .logistic, keepsZero: false)
  }
}
