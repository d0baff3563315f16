import Kernels
import LayerGraph
import Tensors

/// The `top_k` smallest values along `axis`, or of each item when no axis is set: their indices, or the values
/// (`out_min_val`). `argmin_param` is ours, with the fields of ArgMax, whose message is taken as well.
///
/// Of equal values the one with the smaller index comes first; NaN comes last. Shapes: `ExtremeChoice`.
struct ArgMinLayer: LayerType {
  static let caffeTypes = ["ArgMin"]
  static let arity = Arity.oneToOne
  static let agreement = Agreement.exact

  private let choice: ExtremeChoice

  init(_ source: LayerSource) throws(LayerError) {
    let ranking = Ranking(largestFirst: false, laterFirst: false)
    let message = source.parameter.message
    if message.has("argmin_param"), message.has("argmax_param") {
      throw source.error("argmin_param and argmax_param are both set", message, field: "argmax_param")
    }
    choice =
      message.has("argmax_param")
      ? try ExtremeChoice(ranking, source, source.settings("argmax_param"), values: "out_max_val")
      : try ExtremeChoice(ranking, source, source.settings("argmin_param"), values: "out_min_val")
  }

  var quantization: QuantizationRole { .data() }

  func topShapes(_ bottoms: [Shape]) throws(LayerError) -> [Shape] { [try choice.topShape(bottoms[0])] }

  func reference(_ run: LayerRun) { choice.reference(run) }

  func makeKernel(_ context: KernelContext) throws(KernelError) -> (any LayerKernel)? { choice.makeKernel(context) }
}
