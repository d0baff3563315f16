import CaffeFormat
import LayerGraph
import Tensors

/// Darknet's yolo layer: sigmoid of each box's x, y, objectness and classes; for version V2 as Region.
///
/// Bottom and top `[N, boxes * (coords + 1 + classes), H, W]`, coordinates, objectness and classes of a box in this
/// order. `softmax` and `background` count for V2 only, `softmaxtree` is refused.
/// - Source: darknet `yolo_layer.c`, forward; fields of ATC's `yolo_param`, of whose op only the Ascend chips make three
///   padded tops.
struct YoloLayer: LayerType {
  static let caffeTypes = ["Yolo"]
  static let arity = Arity.oneToOne
  static let agreement = Agreement.exact

  private let activation: YoloActivation

  init(_ source: LayerSource) throws(LayerError) {
    let p = source.settings("yolo_param")
    let version = p.string("yolo_version") ?? "V3"
    guard ["V2", "V3"].contains(version) else {
      throw source.error("yolo_version must be V2 or V3, is '\(version)'", p, field: "yolo_version")
    }
    if p.bool("softmaxtree") == true { throw source.error("softmaxtree is not read", p, field: "softmaxtree") }
    activation = YoloActivation(
      boxes: try source.positive(p, "boxes", default: 3), coords: try source.positive(p, "coords", default: 4),
      classes: try source.positive(p, "classes", default: 80),
      hasSoftmax: version == "V2" && p.bool("softmax") == true,
      hasBackground: version == "V2" && p.bool("background") == true)
  }

  func topShapes(_ bottoms: [Shape]) throws(LayerError) -> [Shape] {
    try activation.check(bottoms[0])
    return bottoms
  }

  func reference(_ run: LayerRun) { activation.reference(run) }
}
