import CaffeFormat
import LayerGraph
import Tensors

/// Gives the same values another shape: `num_axes` axes from `axis` on (all, when -1) are replaced by `shape`, in which 0
/// copies the bottom's extent and one -1 takes what is left.
/// - Source: Caffe `reshape_layer.cpp`.
struct ReshapeLayer: LayerType {
  static let caffeTypes = ["Reshape"]
  static let arity = Arity.oneToOne
  static let agreement = Agreement.exact

  private let dims: [Int]
  private let axis: Int
  private let axisCount: Int

  init(_ source: LayerSource) throws(LayerError) {
    let p = source.settings("reshape_param")
    let shape = p.message("shape") ?? ProtoMessage("BlobShape", location: p.location)
    dims = shape.ints("dim")
    axis = p.int("axis") ?? 0
    axisCount = p.int("num_axes") ?? -1
    if let bad = dims.first(where: { $0 < -1 || $0 > Shape.countLimit }) {
      throw source.error("a dim of shape must be positive, 0 or -1; it is \(bad)", shape, field: "dim")
    }
    guard dims.count(where: { $0 == -1 }) <= 1 else {
      throw source.error("shape has more than one dim -1", shape, field: "dim")
    }
    guard axisCount >= -1 else {
      throw source.error("num_axes must not be negative, or -1 for all; it is \(axisCount)", p, field: "num_axes")
    }
  }

  var quantization: QuantizationRole { .data() }
  var topsAreViews: Bool { true }

  func topShapes(_ bottoms: [Shape]) throws(LayerError) -> [Shape] {
    let bottom = bottoms[0]
    // One more axis than usual is allowed: -1 stands behind the last.
    let start = axis < 0 ? axis + bottom.rank + 1 : axis
    guard (0...bottom.rank).contains(start) else { throw .shape("has axis \(axis), outside its bottom \(bottom)") }
    guard axisCount <= bottom.rank - start else {
      throw .shape("replaces \(axisCount) axes from axis \(start), more than its bottom \(bottom) has")
    }
    let end = axisCount == -1 ? bottom.rank : start + axisCount
    var middle = dims
    for (i, d) in dims.enumerated() where d == 0 {
      guard start + i < bottom.rank else {
        throw .shape("copies axis \(start + i) with dim 0, which its bottom \(bottom) does not have")
      }
      middle[i] = bottom[start + i]
    }
    let inferred = middle.firstIndex(of: -1)
    if let inferred { middle[inferred] = 1 }
    var top = Shape(Array(bottom.dims[..<start]) + middle + Array(bottom.dims[end...]))
    guard top.isLegal else { throw .shape("asks for shape \(Shape(dims)), which is too large") }
    let (have, want) = (bottom.count, top.count)
    if let inferred {
      guard want > 0, have % want == 0 else {
        throw .shape("cannot cut the \(have) values of its bottom \(bottom) by the \(want) of shape \(Shape(dims))")
      }
      top[start + inferred] = have / want
    } else if have != want {
      throw .shape("makes \(want) values of shape \(top), its bottom \(bottom) has \(have)")
    }
    return [top]
  }

  func reference(_ run: LayerRun) { run.tops[0].copy(run.bottoms[0]) }
}
