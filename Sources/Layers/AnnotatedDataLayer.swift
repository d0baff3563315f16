import LayerGraph
import Tensors

/// Images of a database with boxes around objects; the shapes of both tops depend on what the database holds.
/// - Source: SSD's Caffe, `annotated_data_layer.cpp`.
struct AnnotatedDataLayer: InputLayerType {
  static let caffeTypes = ["AnnotatedData"]
  static let arity = Arity(bottoms: 0...0, tops: 1...2)

  init(_ source: LayerSource) throws(LayerError) {}

  func declaredShapes(topCount: Int) -> [Shape?] { [Shape?](repeating: nil, count: topCount) }
}
