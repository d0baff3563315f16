import LayerGraph
import Tensors
import TestSupport
import Testing

extension LayerSuite {
  /// What the layer says to settings (file `case.prototxt`, from line 2 on) or bottoms that it refuses; empty when it
  /// takes them.
  func refusal(_ settings: String, bottoms: [Shape], topCount: Int = 1, type: String? = nil) throws -> String {
    do {
      let layer = try makeLayer(LayerCase("refused", settings, bottoms: bottoms, topCount: topCount, type: type))
      _ = try layer.topShapes(bottoms)
      _ = try layer.paramBlobs(bottoms)
      return ""
    } catch let error as LayerError {
      return error.description
    }
  }

  /// The values of top 0 for hand-made bottoms and learned blobs.
  func top(_ settings: String, _ bottoms: [Tensor], params: [Tensor] = []) throws -> Tensor {
    let c = LayerCase("by hand", settings, bottoms: bottoms.map(\.shape))
    return try #require(try reference(c, bottoms, params: params).first)
  }
}
