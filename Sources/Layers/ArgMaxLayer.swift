import Kernels
import LayerGraph
import Tensors

/// The `top_k` largest values along `axis`, or of each item when no axis is set: their indices, or the values.
///
/// Of equal values the one with the larger index comes first; NaN comes last. With `out_max_val` the values, beside the
/// indices when no axis is set. Shapes: `ExtremeChoice`.
/// - Source: Caffe `argmax_layer.cpp`.
struct ArgMaxLayer: LayerType {
  static let caffeTypes = ["ArgMax"]
  static let arity = Arity.oneToOne
  static let agreement = Agreement.exact

  private let choice: ExtremeChoice

  init(_ source: LayerSource) throws(LayerError) {
    choice = try ExtremeChoice(
      Ranking(largestFirst: true, laterFirst: true), source, source.settings("argmax_param"), values: "out_max_val")
  }

  var quantization: QuantizationRole { .data() }

  func topShapes(_ bottoms: [Shape]) throws(LayerError) -> [Shape] { [try choice.topShape(bottoms[0])] }

  func reference(_ run: LayerRun) { choice.reference(run) }

  func makeKernel(_ context: KernelContext) throws(KernelError) -> (any LayerKernel)? { choice.makeKernel(context) }
}
