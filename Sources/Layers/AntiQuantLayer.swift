import LayerGraph
import Tensors

/// Marks where an unquantized reader takes a quantized blob; its values stay as they are.
/// - Source: AMCT's Caffe layer AntiQuant.
struct AntiQuantLayer: LayerType {
  static let caffeTypes = ["AntiQuant"]
  static let arity = Arity.oneToOne
  static let agreement = Agreement.exact

  init(_ source: LayerSource) throws(LayerError) {}

  var topsAreViews: Bool { true }

  func topShapes(_ bottoms: [Shape]) throws(LayerError) -> [Shape] { bottoms }
  func reference(_ run: LayerRun) { run.tops[0].copy(run.bottoms[0]) }
}
