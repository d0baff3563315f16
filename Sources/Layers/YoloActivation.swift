import Glibc
import LayerGraph
import Tensors

/// What the region and yolo layers of darknet do to a map `[N, boxes * (coords + 1 + classes), H, W]`, whose boxes have
/// coordinates, objectness and classes in this order: sigmoid of x, y and objectness, sigmoid or softmax of the classes.
struct YoloActivation: Sendable {
  let boxes: Int
  let coords: Int
  let classes: Int
  /// Softmax instead of sigmoid for the classes.
  let hasSoftmax: Bool
  /// Objectness is not activated by itself; with softmax it is the first of the classes.
  let hasBackground: Bool

  func check(_ x: Shape) throws(LayerError) {
    let (channels, overflow) = boxes.multipliedReportingOverflow(by: coords + 1 + classes)
    guard x.rank == 4, !overflow, x[1] == channels else {
      throw .shape(
        "needs a bottom of [N, \(boxes) boxes * (\(coords) coords + 1 + \(classes) classes), H, W], got \(x)")
    }
  }

  func reference(_ run: LayerRun) {
    let shape = run.shapes.bottoms[0]
    let (x, y) = (run.bottoms[0], run.tops[0])
    let (area, length) = (shape.count(from: 2), coords + 1 + classes)
    y.copy(x)
    for box in 0..<shape[0] * boxes {
      for place in 0..<area {
        func at(_ entry: Int) -> Int { (box * length + entry) * area + place }
        for entry in [0, 1] where entry < coords { y[at(entry)] = YoloBox.sigmoid(x[at(entry)]) }
        if !hasBackground { y[at(coords)] = YoloBox.sigmoid(x[at(coords)]) }
        let entries = coords + (hasBackground && hasSoftmax ? 0 : 1)..<length
        guard hasSoftmax else {
          for entry in entries { y[at(entry)] = YoloBox.sigmoid(x[at(entry)]) }
          continue
        }
        var largest = -Float.infinity
        for entry in entries { largest = max(largest, x[at(entry)]) }
        var sum: Float = 0
        for entry in entries {
          y[at(entry)] = exp(x[at(entry)] - largest)
          sum += y[at(entry)]
        }
        for entry in entries { y[at(entry)] /= sum }
      }
    }
  }
}
