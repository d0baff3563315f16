import Kernels
import LayerGraph
import Tensors

/// Identity outside training; with the forks' `scale_train: false` it is `y = (1 - dropout_ratio) * x`.
/// - Source: Caffe `dropout_layer.cpp`, phase TEST; `scale_train` as in NVIDIA's fork.
struct DropoutLayer: LayerType {
  static let caffeTypes = ["Dropout"]
  static let arity = Arity.oneToOne
  static let agreement = Agreement.exact

  private let scale: Float

  init(_ source: LayerSource) throws(LayerError) {
    let p = source.settings("dropout_param")
    let ratio = try source.finite(p, "dropout_ratio", default: 0.5)
    guard (0...1).contains(ratio) else {
      throw source.error("dropout_ratio must be in 0 ... 1, is \(ratio)", p, field: "dropout_ratio")
    }
    scale = p.bool("scale_train") == false ? 1 - ratio : 1
  }

  var topsAreViews: Bool { scale == 1 }

  func topShapes(_ bottoms: [Shape]) throws(LayerError) -> [Shape] { bottoms }

  func reference(_ run: LayerRun) {
    for i in 0..<run.tops[0].count { run.tops[0][i] = run.bottoms[0][i] * scale }
  }

  func makeKernel(_ context: KernelContext) throws(KernelError) -> (any LayerKernel)? {
    let scale = scale
    return FlatKernel(context.bottomLayouts[0], parallel: context.backend.parallel) { x, y in
      for i in 0..<y.count { y[i] = x[i] * scale }
    }
  }
}
