import Glibc
import Kernels
import LayerGraph
import Tensors

/// `y = tanh(x)`
/// - Source: Caffe `tanh_layer.cpp`.
struct TanHLayer: LayerType {
  static let caffeTypes = ["TanH"]
  static let arity = Arity.oneToOne
  static let agreement = Agreement.relativeToLargest(1e-6)

  init(_ source: LayerSource) throws(LayerError) {}

  var quantization: QuantizationRole { .data() }

  func topShapes(_ bottoms: [Shape]) throws(LayerError) -> [Shape] { bottoms }

  func reference(_ run: LayerRun) {
    for i in 0..<run.tops[0].count { run.tops[0][i] = tanh(run.bottoms[0][i]) }
  }

  func postOp(_ shapes: LayerShapes, _ params: [Tensor]) -> PostOp? { .function(.tanh) }

  func makeKernel(_ context: KernelContext) throws(KernelError) -> (any LayerKernel)? {
    try ElementFunctionKernel(context, .tanh, keepsZero: true)
  }
}
