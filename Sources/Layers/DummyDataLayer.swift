import CaffeFormat
import LayerGraph
import Tensors

/// Tops that Caffe fills with made-up values; here they are inputs like any other, of the declared shapes.
/// - Source: Caffe `dummy_data_layer.cpp`.
struct DummyDataLayer: InputLayerType {
  static let caffeTypes = ["DummyData"]
  static let arity = Arity(bottoms: 0...0, tops: 1...Int.max)

  private let shapes: InputShapes

  init(_ source: LayerSource) throws(LayerError) {
    let p = source.settings("dummy_data_param")
    try source.checkOnePerTop(p.count("data_filler"), "data_filler", p)
    let declared = try source.shapes(p, "shape")
    let legacy = ["num", "channels", "height", "width"].filter { p.has($0) }
    if !declared.isEmpty {
      if let field = legacy.first { throw source.error("\(field) and shape are both set", p, field: field) }
      try source.checkOnePerTop(declared.count, "shape", p)
      shapes = InputShapes(declared)
      return
    }
    guard !legacy.isEmpty else { throw source.error("needs shape", p) }
    shapes = InputShapes(try Self.legacyShapes(source, p))
  }

  /// Shapes from `num`, `channels`, `height` and `width`, each given once or for every top.
  private static func legacyShapes(_ source: LayerSource, _ p: ProtoMessage) throws(LayerError) -> [Shape] {
    var columns: [[Int]] = []
    for field in ["num", "channels", "height", "width"] {
      let values = p.ints(field)
      guard values.count == 1 || values.count == source.topCount else {
        throw source.error("has \(source.topCount) tops but \(values.count) values of \(field)", p, field: field)
      }
      if let bad = values.first(where: { !(1...Shape.countLimit).contains($0) }) {
        throw source.error("\(field) must be positive, is \(bad)", p, field: field)
      }
      columns.append(values)
    }
    var shapes: [Shape] = []
    for top in 0..<source.topCount {
      let shape = Shape(columns.map { $0.count == 1 ? $0[0] : $0[top] })
      try source.check(shape, p)
      shapes.append(shape)
    }
    return shapes
  }

  func declaredShapes(topCount: Int) -> [Shape?] { shapes.forTops(topCount) }
}
