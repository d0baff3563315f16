import CaffeFormat
import LayerGraph
import Tensors

extension LayerSource {
  /// A float field that must be an ordinary number.
  func finite(_ settings: ProtoMessage, _ field: String, default value: Float) throws(LayerError) -> Float {
    let v = settings.float(field) ?? value
    guard v.isFinite else { throw error("\(field) must be a finite number, is \(v)", settings, field: field) }
    return v
  }

  /// The `BlobShape` entries of a repeated field.
  /// - Throws: at an entry with an extent below 1, more than 12 axes, or too many elements.
  func shapes(_ settings: ProtoMessage, _ field: String) throws(LayerError) -> [Shape] {
    var shapes: [Shape] = []
    for message in settings.messages(field) {
      let shape = Shape(message.ints("dim"))
      if let bad = shape.dims.first(where: { $0 < 1 }) {
        throw error("an extent of \(field) must be positive, is \(bad)", message, field: "dim")
      }
      try check(shape, message)
      shapes.append(shape)
    }
    return shapes
  }

  /// Refuses what no blob can hold.
  func check(_ shape: Shape, _ settings: ProtoMessage) throws(LayerError) {
    guard shape.isLegal, shape.rank <= 12 else {
      throw error("shape \(shape) is too large (at most \(Shape.countLimit) elements, 12 axes)", settings)
    }
  }
}

extension LayerType {
  /// The non-negative axis for `axis` of `shape`.
  /// - Throws: a shape error naming the setting.
  func canonical(_ axis: Int, of shape: Shape, _ setting: String = "axis") throws(LayerError) -> Int {
    guard let canonical = shape.canonicalAxis(axis) else {
      throw .shape("has \(setting) \(axis), outside its bottom \(shape)")
    }
    return canonical
  }
}
