import LayerGraph
import Tensors

/// Images of a text list, and their labels as a second top `[batch]`.
///
/// Colour images have 3 channels, others 1; the extents are those of the crop, or those the images are resized to; without
/// both, only the images know.
/// - Source: Caffe `image_data_layer.cpp`.
struct ImageDataLayer: InputLayerType {
  static let caffeTypes = ["ImageData"]
  static let arity = Arity(bottoms: 0...0, tops: 1...2)

  private let images: Shape?
  private let batch: Int

  init(_ source: LayerSource) throws(LayerError) {
    let p = source.settings("image_data_param")
    let transform = source.settings("transform_param")
    batch = try source.positive(p, "batch_size", default: 1)
    let height = try source.natural(p, "new_height", default: 0)
    let width = try source.natural(p, "new_width", default: 0)
    guard (height == 0) == (width == 0) else {
      throw source.error(
        "new_height and new_width must be set at the same time", p, field: height == 0 ? "new_width" : "new_height")
    }
    let crop = try source.natural(transform, "crop_size", default: 0)
    let channels = p.bool("is_color") == false ? 1 : 3
    if crop > 0 || height > 0 {
      let shape: Shape = [batch, channels, crop > 0 ? crop : height, crop > 0 ? crop : width]
      try source.check(shape, p)
      images = shape
    } else {
      images = nil
    }
  }

  func declaredShapes(topCount: Int) -> [Shape?] { Array([images, [batch]].prefix(topCount)) }
}
