import LayerGraph
import Tensors

/// Windows cut from images, and their classes `[batch]`; only the window file knows how many channels they have.
/// - Source: Caffe `window_data_layer.cpp`.
struct WindowDataLayer: InputLayerType {
  static let caffeTypes = ["WindowData"]
  static let arity = Arity(bottoms: 0...0, tops: 2...2)

  private let batch: Int?

  init(_ source: LayerSource) throws(LayerError) {
    let p = source.settings("window_data_param")
    batch = p.has("batch_size") ? try source.positive(p, "batch_size") : nil
  }

  func declaredShapes(topCount: Int) -> [Shape?] {
    Array([nil, batch.map { [$0] }].prefix(topCount))
  }
}
