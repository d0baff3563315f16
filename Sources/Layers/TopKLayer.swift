import Kernels
import LayerGraph
import Tensors

/// The `top_k` largest values of each line along `axis` (the last one), or the smallest with `largest: false`; a second
/// top has their indices. `topk_param` is ours, after the operator of ONNX.
///
/// The best comes first, also with `sorted: false`, which asks for no order. Of equal values the one with the smaller
/// index comes first; NaN comes last.
struct TopKLayer: LayerType {
  static let caffeTypes = ["TopK"]
  static let arity = Arity(bottoms: 1...1, tops: 1...2)
  static let agreement = Agreement.exact

  private let choice: LineChoice
  private let topCount: Int

  init(_ source: LayerSource) throws(LayerError) {
    let p = source.settings("topk_param")
    let ranking = Ranking(largestFirst: p.bool("largest") ?? true, laterFirst: false)
    choice = LineChoice(
      ranking: ranking, axis: p.int("axis") ?? -1, count: try source.positive(p, "top_k", default: 1))
    topCount = source.topCount
  }

  var quantization: QuantizationRole { .data(on: false) }

  func topShapes(_ bottoms: [Shape]) throws(LayerError) -> [Shape] {
    try choice.topShapes(bottoms[0], topCount: topCount)
  }

  func reference(_ run: LayerRun) { choice.reference(run) }

  func makeKernel(_ context: KernelContext) throws(KernelError) -> (any LayerKernel)? { choice.makeKernel(context) }
}
