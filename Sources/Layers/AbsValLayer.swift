import Kernels
import LayerGraph
import Tensors

/// `y = |x|`
/// - Source: Caffe `absval_layer.cpp`.
struct AbsValLayer: LayerType {
  static let caffeTypes = ["AbsVal"]
  static let arity = Arity.oneToOne
  static let agreement = Agreement.exact

  init(_ source: LayerSource) throws(LayerError) {}

  var quantization: QuantizationRole { .data(on: false) }

  func topShapes(_ bottoms: [Shape]) throws(LayerError) -> [Shape] { bottoms }

  func reference(_ run: LayerRun) {
    for i in 0..<run.tops[0].count { run.tops[0][i] = abs(run.bottoms[0][i]) }
  }

  func postOp(_ shapes: LayerShapes, _ params: [Tensor]) -> PostOp? { .function(.abs) }

  func makeKernel(_ context: KernelContext) throws(KernelError) -> (any LayerKernel)? {
    FlatKernel(context.bottomLayouts[0], parallel: context.backend.parallel) { x, y in
      for i in 0..<y.count { y[i] = abs(x[i]) }
    }
  }
}
