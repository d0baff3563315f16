import Glibc
import Kernels
import LayerGraph
import Tensors

/// `y = cos(x)`, x in radians.
struct CosLayer: LayerType {
  static let caffeTypes = ["Cos"]
  static let arity = Arity.oneToOne
  static let agreement = Agreement.exact

  init(_ source: LayerSource) throws(LayerError) {}

  var quantization: QuantizationRole { .data(on: false) }

  func topShapes(_ bottoms: [Shape]) throws(LayerError) -> [Shape] { bottoms }

  func reference(_ run: LayerRun) {
    for i in 0..<run.tops[0].count { run.tops[0][i] = cos(run.bottoms[0][i]) }
  }

  func makeKernel(_ context: KernelContext) throws(KernelError) -> (any LayerKernel)? {
    ElementFunctionKernel(context, keepsZero: false) { x, y in
      for i in 0..<y.count { y[i] = cos(x[i]) }
    }
  }
}
