import LayerGraph
import Tensors

/// Images that the caller keeps in memory, `[batch, channels, height, width]`, and their labels `[batch]`.
/// - Source: Caffe `memory_data_layer.cpp`.
struct MemoryDataLayer: InputLayerType {
  static let caffeTypes = ["MemoryData"]
  static let arity = Arity(bottoms: 0...0, tops: 1...2)

  private let images: Shape

  init(_ source: LayerSource) throws(LayerError) {
    let p = source.settings("memory_data_param")
    images = [
      try source.positive(p, "batch_size"), try source.positive(p, "channels"), try source.positive(p, "height"),
      try source.positive(p, "width"),
    ]
    try source.check(images, p)
  }

  func declaredShapes(topCount: Int) -> [Shape?] { Array([images, [images[0]]].prefix(topCount)) }
}
