import Kernels
import LayerGraph
import Tensors

/// `y = min(max(x, 0), 6) + negative_slope * min(x, 0)`
/// - Source: the ReLU6 layer that Caffe ports of MobileNet v2 add, `relu6_layer.cpp`.
struct ReLU6Layer: LayerType {
  static let caffeTypes = ["ReLU6"]
  static let arity = Arity.oneToOne
  static let agreement = Agreement.exact

  private let slope: Float

  init(_ source: LayerSource) throws(LayerError) {
    slope = try source.finite(source.settings("relu6_param"), "negative_slope", default: 0)
  }

  var quantization: QuantizationRole { .data(on: false) }

  func topShapes(_ bottoms: [Shape]) throws(LayerError) -> [Shape] { bottoms }

  func reference(_ run: LayerRun) {
    for i in 0..<run.tops[0].count {
      let x = run.bottoms[0][i]
      run.tops[0][i] = x > 6 ? 6 : x < 0 ? (slope == 0 ? 0 : slope * x) : x
    }
  }

  func postOp(_ shapes: LayerShapes, _ params: [Tensor]) -> PostOp? {
    slope == 0 ? .function(.clip(low: 0, high: 6)) : nil
  }

  func makeKernel(_ context: KernelContext) throws(KernelError) -> (any LayerKernel)? {
    let slope = slope
    return FlatKernel(context.bottomLayouts[0], parallel: context.backend.parallel) { x, y in
      if slope == 0 {
        // 0 * -inf would be NaN.
        for i in 0..<y.count { y[i] = x[i] > 6 ? 6 : x[i] < 0 ? 0 : x[i] }
      } else {
        for i in 0..<y.count { y[i] = x[i] > 6 ? 6 : x[i] < 0 ? slope * x[i] : x[i] }
      }
    }
  }
}
