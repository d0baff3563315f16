import CaffeFormat
import LayerGraph
import Tensors

/// Darknet's region layer of YOLO v2: sigmoid of each box's x, y and objectness, softmax or sigmoid of its classes.
///
/// Bottom and top `[N, boxes * (coords + 1 + classes), H, W]`, coordinates, objectness and classes of a box in this
/// order; width and height stay as they are. With `background` the objectness is not activated by itself, and is the
/// first of the softmax. A `softmax_tree` is refused.
/// - Source: darknet `region_layer.c`, forward; fields of ATC's `region_param`, of whose op only the Ascend chips make
///   three padded tops.
struct RegionLayer: LayerType {
  static let caffeTypes = ["Region"]
  static let arity = Arity.oneToOne
  static let agreement = Agreement.exact

  private let activation: YoloActivation

  init(_ source: LayerSource) throws(LayerError) {
    let p = source.settings("region_param")
    if let tree = p.string("softmax_tree"), !tree.isEmpty {
      throw source.error("softmax_tree is not read", p, field: "softmax_tree")
    }
    activation = YoloActivation(
      boxes: try source.positive(p, "boxes", default: 1), coords: try source.positive(p, "coords", default: 4),
      classes: try source.positive(p, "classes", default: 20), hasSoftmax: (p.int("softmax") ?? 0) != 0,
      hasBackground: (p.int("background") ?? 0) != 0)
  }

  func topShapes(_ bottoms: [Shape]) throws(LayerError) -> [Shape] {
    try activation.check(bottoms[0])
    return bottoms
  }

  func reference(_ run: LayerRun) { activation.reference(run) }
}
