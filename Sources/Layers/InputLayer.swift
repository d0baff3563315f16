import LayerGraph
import Tensors

/// Tops that the caller fills, of declared shapes: one for all, one for each, or none.
/// - Source: Caffe `input_layer.cpp`.
struct InputLayer: InputLayerType {
  static let caffeTypes = ["Input"]
  static let arity = Arity(bottoms: 0...0, tops: 1...Int.max)

  private let shapes: InputShapes

  init(_ source: LayerSource) throws(LayerError) {
    let p = source.settings("input_param")
    let declared = try source.shapes(p, "shape")
    try source.checkOnePerTop(declared.count, "shape", p)
    shapes = InputShapes(declared)
  }

  func declaredShapes(topCount: Int) -> [Shape?] { shapes.forTops(topCount) }
}
