import Kernels
import LayerGraph
import Tensors

/// The values of each line along `axis` (the last one) in ascending order, or `descending`; a second top has the indices
/// at which they were. `sort_param` is ours.
///
/// Of equal values the one with the smaller index comes first; NaN comes last either way.
struct SortLayer: LayerType {
  static let caffeTypes = ["Sort"]
  static let arity = Arity(bottoms: 1...1, tops: 1...2)
  static let agreement = Agreement.exact

  private let choice: LineChoice
  private let topCount: Int

  init(_ source: LayerSource) throws(LayerError) {
    let p = source.settings("sort_param")
    let ranking = Ranking(largestFirst: p.bool("descending") ?? false, laterFirst: false)
    choice = LineChoice(ranking: ranking, axis: p.int("axis") ?? -1, count: nil)
    topCount = source.topCount
  }

  var quantization: QuantizationRole { .data() }

  func topShapes(_ bottoms: [Shape]) throws(LayerError) -> [Shape] {
    try choice.topShapes(bottoms[0], topCount: topCount)
  }

  func reference(_ run: LayerRun) { choice.reference(run) }

  func makeKernel(_ context: KernelContext) throws(KernelError) -> (any LayerKernel)? { choice.makeKernel(context) }
}
