import Glibc
import Tensors

/// A detection of the YOLO forks: centre and size in parts of the image, the class from 0 on, its confidence.
struct YoloBox: Sendable {
  var x: Float
  var y: Float
  var w: Float
  var h: Float
  var score: Float
  var label: Int

  /// Intersection over union; NaN for two boxes without area.
  func overlap(_ other: YoloBox) -> Float {
    func shared(_ x1: Float, _ w1: Float, _ x2: Float, _ w2: Float) -> Float {
      min(x1 + w1 / 2, x2 + w2 / 2) - max(x1 - w1 / 2, x2 - w2 / 2)
    }
    let (width, height) = (shared(x, w, other.x, other.w), shared(y, h, other.y, other.h))
    let both = width < 0 || height < 0 ? 0 : width * height
    return both / (w * h + other.w * other.h - both)
  }

  static func sigmoid(_ v: Float) -> Float { Float(1 / (1 + Double(exp(-v)))) }

  /// The boxes that no better one overlaps by `threshold` or more, of whatever class; best first, of equals the earlier.
  static func kept(_ boxes: [YoloBox], threshold: Float) -> [YoloBox] {
    let order = boxes.indices.sorted {
      boxes[$0].score == boxes[$1].score ? $0 < $1 : boxes[$0].score > boxes[$1].score
    }
    var kept: [YoloBox] = []
    for i in order where kept.allSatisfy({ !(boxes[i].overlap($0) >= threshold) }) { kept.append(boxes[i]) }
    return kept
  }

  /// Rows of image, class from 1 on, confidence and corners for each image in turn; zeros behind the last.
  static func write(_ found: [[YoloBox]], into top: MutableFloatView) {
    top.fill(0)
    var row = 0
    for (image, boxes) in found.enumerated() {
      for b in boxes where (row + 1) * 7 <= top.count {
        func corner(_ centre: Float, _ size: Float, _ side: Double) -> Float {
          Float(Double(centre) + side * (Double(size) / 2))
        }
        let values = [
          Float(image), Float(b.label + 1), b.score, corner(b.x, b.w, -1), corner(b.y, b.h, -1), corner(b.x, b.w, 1),
          corner(b.y, b.h, 1),
        ]
        for (i, value) in values.enumerated() { top[row * 7 + i] = value }
        row += 1
      }
    }
  }
}
