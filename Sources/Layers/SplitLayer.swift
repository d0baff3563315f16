import LayerGraph
import Tensors

/// Every top is its bottom; Caffe inserts it where a blob has several readers.
struct SplitLayer: LayerType {
  static let caffeTypes = ["Split"]
  static let arity = Arity(bottoms: 1...1, tops: 1...Int.max)
  static let agreement = Agreement.exact

  private let topCount: Int

  init(_ source: LayerSource) throws(LayerError) { topCount = source.topCount }

  var quantization: QuantizationRole { .data() }
  var topsAreViews: Bool { true }

  func topShapes(_ bottoms: [Shape]) throws(LayerError) -> [Shape] { [Shape](repeating: bottoms[0], count: topCount) }

  func reference(_ run: LayerRun) { for top in run.tops { top.copy(run.bottoms[0]) } }
}
