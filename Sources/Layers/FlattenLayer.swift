import LayerGraph
import Tensors

/// Folds the axes `axis ... end_axis` into one; the values stay as they are.
/// - Source: Caffe `flatten_layer.cpp`.
struct FlattenLayer: LayerType {
  static let caffeTypes = ["Flatten"]
  static let arity = Arity.oneToOne
  static let agreement = Agreement.exact

  private let axis: Int
  private let endAxis: Int

  init(_ source: LayerSource) throws(LayerError) {
    let p = source.settings("flatten_param")
    axis = p.int("axis") ?? 1
    endAxis = p.int("end_axis") ?? -1
  }

  var quantization: QuantizationRole { .data() }
  var topsAreViews: Bool { true }

  func topShapes(_ bottoms: [Shape]) throws(LayerError) -> [Shape] {
    let shape = bottoms[0]
    let first = try canonical(axis, of: shape)
    let last = try canonical(endAxis, of: shape, "end_axis")
    // As in Caffe, an empty range is legal and puts in an axis of extent 1.
    guard first <= last + 1 else { throw .shape("has axis \(axis) behind end_axis \(endAxis), of its bottom \(shape)") }
    return [Shape(Array(shape.dims[..<first]) + [shape.count(first..<last + 1)] + Array(shape.dims[(last + 1)...]))]
  }

  func reference(_ run: LayerRun) { run.tops[0].copy(run.bottoms[0]) }
}
