import Kernels
import LayerGraph
import Tensors

/// `y` = the smallest whole number not below `x`.
/// - Source: ceil_layer.cpp of Synopsys' Caffe.
struct CeilLayer: LayerType {
  static let caffeTypes = ["Ceil"]
  static let arity = Arity.oneToOne
  static let agreement = Agreement.exact

  init(_ source: LayerSource) throws(LayerError) {}

  var quantization: QuantizationRole { .data() }

  func topShapes(_ bottoms: [Shape]) throws(LayerError) -> [Shape] { bottoms }

  func reference(_ run: LayerRun) {
    for i in 0..<run.tops[0].count { run.tops[0][i] = run.bottoms[0][i].rounded(.up) }
  }

  func makeKernel(_ context: KernelContext) throws(KernelError) -> (any LayerKernel)? {
    FlatKernel(context.bottomLayouts[0], parallel: context.backend.parallel) { ElementLoops.ceil($0, $1) }
  }
}
