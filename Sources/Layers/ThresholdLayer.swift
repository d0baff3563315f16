import Kernels
import LayerGraph
import Tensors

/// `y = x > threshold ? 1 : 0`
/// - Source: Caffe `threshold_layer.cpp`.
struct ThresholdLayer: LayerType {
  static let caffeTypes = ["Threshold"]
  static let arity = Arity.oneToOne
  static let agreement = Agreement.exact

  private let threshold: Float

  init(_ source: LayerSource) throws(LayerError) {
    threshold = try source.finite(source.settings("threshold_param"), "threshold", default: 0)
  }

  var quantization: QuantizationRole { .data() }

  func topShapes(_ bottoms: [Shape]) throws(LayerError) -> [Shape] { bottoms }

  func reference(_ run: LayerRun) {
    for i in 0..<run.tops[0].count { run.tops[0][i] = run.bottoms[0][i] > threshold ? 1 : 0 }
  }

  func makeKernel(_ context: KernelContext) throws(KernelError) -> (any LayerKernel)? {
    let threshold = threshold
    return ElementFunctionKernel(context, keepsZero: threshold >= 0) { x, y in
      for i in 0..<y.count { y[i] = x[i] > threshold ? 1 : 0 }
    }
  }
}
