import LayerGraph
import Tensors

/// Images of a database, and their labels as a second top `[batch]`; only the database knows how many channels they have.
/// - Source: Caffe `data_layer.cpp`.
struct DataLayer: InputLayerType {
  static let caffeTypes = ["Data"]
  static let arity = Arity(bottoms: 0...0, tops: 1...2)

  private let batch: Int?

  init(_ source: LayerSource) throws(LayerError) {
    let p = source.settings("data_param")
    batch = p.has("batch_size") ? try source.positive(p, "batch_size") : nil
  }

  func declaredShapes(topCount: Int) -> [Shape?] {
    Array([nil, batch.map { [$0] }].prefix(topCount))
  }
}
