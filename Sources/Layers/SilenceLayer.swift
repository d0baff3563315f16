import LayerGraph
import Tensors

/// Reads its bottoms and makes nothing, so that they are no outputs of the net.
/// - Source: Caffe `silence_layer.cpp`.
struct SilenceLayer: LayerType {
  static let caffeTypes = ["Silence"]
  static let arity = Arity(bottoms: 1...Int.max, tops: 0...0)

  init(_ source: LayerSource) throws(LayerError) {}

  func topShapes(_ bottoms: [Shape]) throws(LayerError) -> [Shape] { [] }
  func reference(_ run: LayerRun) {}
}
