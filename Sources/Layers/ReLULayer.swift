import Kernels
import LayerGraph
import Tensors

/// `y = max(x, 0) + negative_slope * min(x, 0)`
/// - Source: Caffe `relu_layer.cpp`.
struct ReLULayer: LayerType {
  static let caffeTypes = ["ReLU"]
  static let arity = Arity.oneToOne

  private let slope: Float

  init(_ source: LayerSource) throws(LayerError) { slope = source.settings("relu_param").float("negative_slope") ?? 0 }

  var quantization: QuantizationRole { .data(on: false) }

  func topShapes(_ bottoms: [Shape]) throws(LayerError) -> [Shape] { bottoms }

  func reference(_ run: LayerRun) {
    for i in 0..<run.tops[0].count {
      let x = run.bottoms[0][i]
      run.tops[0][i] = x < 0 ? slope * x : x
    }
  }

  func postOp(_ shapes: LayerShapes, _ params: [Tensor]) -> PostOp? { .function(.relu(slope: slope)) }

  func makeKernel(_ context: KernelContext) throws(KernelError) -> (any LayerKernel)? {
    let slope = slope
    return FlatKernel(context.bottomLayouts[0], parallel: context.backend.parallel) { source, sink in
      ElementLoops.relu(source, sink, slope: slope)
    }
  }
}
