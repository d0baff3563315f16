import Glibc
import Kernels
import LayerGraph
import Tensors

/// `y = log(1 + exp(x))`, written `x + log(1 + exp(-x))` for positive x so that it cannot overflow.
/// - Source: Caffe `bnll_layer.cpp`.
struct BNLLLayer: LayerType {
  static let caffeTypes = ["BNLL"]
  static let arity = Arity.oneToOne
  static let agreement = Agreement.relativeToLargest(1e-6)

  init(_ source: LayerSource) throws(LayerError) {}

  var quantization: QuantizationRole { .data() }

  func topShapes(_ bottoms: [Shape]) throws(LayerError) -> [Shape] { bottoms }

  func reference(_ run: LayerRun) {
    for i in 0..<run.tops[0].count {
      let x = run.bottoms[0][i]
      run.tops[0][i] = x > 0 ? x + log(1 + exp(-x)) : log(1 + exp(x))
    }
  }

  func postOp(_ shapes: LayerShapes, _ params: [Tensor]) -> PostOp? { .function(.softRelu) }

  func makeKernel(_ context: KernelContext) throws(KernelError) -> (any LayerKernel)? {
    try ElementFunctionKernel(context, .softRelu, keepsZero: false)
  }
}
