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

  func makeKernel(_ context: KernelContext) throws(KernelError) -> (any LayerKernel)? {
    FlatKernel(context.bottomLayouts[0], parallel: context.backend.parallel) { x, y in
      for i in 0..<y.count { y[i] = x[i].squareRoot() }
    }
  }
}
