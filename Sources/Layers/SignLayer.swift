import Kernels
import LayerGraph
import Tensors

/// `y = 1` for positive `x`, -1 for negative, 0 for 0; NaN stays NaN.
struct SignLayer: LayerType {
  static let caffeTypes = ["Sign"]
  static let arity = Arity.oneToOne
  static let agreement = Agreement.exact

  init(_ source: LayerSource) throws(LayerError) {}

  var quantization: QuantizationRole { .data(on: false) }

  func topShapes(_ bottoms: [Shape]) throws(LayerError) -> [Shape] { bottoms }

  func reference(_ run: LayerRun) {
    for i in 0..<run.tops[0].count {
      let x = run.bottoms[0][i]
      run.tops[0][i] = x > 0 ? 1 : x < 0 ? -1 : x
    }
  }

  func makeKernel(_ context: KernelContext) throws(KernelError) -> (any LayerKernel)? {
    FlatKernel(context.bottomLayouts[0], parallel: context.backend.parallel) { x, y in
      for i in 0..<y.count { y[i] = x[i] > 0 ? 1 : x[i] < 0 ? -1 : x[i] }
    }
  }
}
