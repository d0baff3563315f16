import Glibc

/// A box by its corners, in parts of the image's size.
struct DetectionBox: Sendable, Hashable {
  var xmin: Float
  var ymin: Float
  var xmax: Float
  var ymax: Float

  /// How a location prediction moves a default box.
  enum Coding: Sendable {
    /// By its corners.
    case corner
    /// By centre and logarithm of the size.
    case centerSize
    /// By its corners, in parts of the default box's size.
    case cornerSize
  }

  /// 0 for a box that is inside out.
  var area: Float { xmax < xmin || ymax < ymin ? 0 : (xmax - xmin) * (ymax - ymin) }

  /// Intersection over union, 0 for boxes that don't touch.
  func overlap(_ other: DetectionBox) -> Float {
    let width = min(xmax, other.xmax) - max(xmin, other.xmin)
    let height = min(ymax, other.ymax) - max(ymin, other.ymin)
    guard width > 0, height > 0 else { return 0 }
    let both = width * height
    return both / (area + other.area - both)
  }

  /// This default box moved by a prediction.
  ///
  /// - Parameter variance: factors of the prediction's four values; ones when it carries them already.
  /// - Source: SSD's Caffe, `bbox_util.cpp`, DecodeBBox; halves are taken in double precision, as there.
  func moved(by p: DetectionBox, variance v: DetectionBox, _ coding: Coding) -> DetectionBox {
    let (width, height) = (xmax - xmin, ymax - ymin)
    switch coding {
    case .corner:
      return DetectionBox(
        xmin: xmin + v.xmin * p.xmin, ymin: ymin + v.ymin * p.ymin, xmax: xmax + v.xmax * p.xmax,
        ymax: ymax + v.ymax * p.ymax)
    case .cornerSize:
      return DetectionBox(
        xmin: xmin + v.xmin * p.xmin * width, ymin: ymin + v.ymin * p.ymin * height,
        xmax: xmax + v.xmax * p.xmax * width, ymax: ymax + v.ymax * p.ymax * height)
    case .centerSize:
      let (x, y) = (Float(Double(xmin + xmax) / 2), Float(Double(ymin + ymax) / 2))
      let (cx, cy) = (v.xmin * p.xmin * width + x, v.ymin * p.ymin * height + y)
      let (halfW, halfH) = (Double(exp(v.xmax * p.xmax) * width) / 2, Double(exp(v.ymax * p.ymax) * height) / 2)
      return DetectionBox(
        xmin: Float(Double(cx) - halfW), ymin: Float(Double(cy) - halfH), xmax: Float(Double(cx) + halfW),
        ymax: Float(Double(cy) + halfH))
    }
  }
}

/// Greedy suppression of boxes that overlap a better one.
struct NonMaximumSuppression: Sendable {
  /// Boxes that overlap a kept one by more than this are dropped.
  var threshold: Float
  /// Below 1, the threshold is multiplied by it after each box that is kept, down to 0.5.
  var eta: Float = 1
  /// Only so many of the best are looked at; all when `nil`.
  var topK: Int?

  /// Indices of the boxes that are kept, best first; of equal scores the earlier box comes first.
  ///
  /// - Parameter minimum: only scores above it count.
  /// - Source: SSD's Caffe, `bbox_util.cpp`, ApplyNMSFast.
  func kept(_ boxes: [DetectionBox], _ scores: [Float], above minimum: Float) -> [Int] {
    var order = scores.indices.filter { scores[$0] > minimum }
    order.sort { scores[$0] == scores[$1] ? $0 < $1 : scores[$0] > scores[$1] }
    if let topK { order = Array(order.prefix(topK)) }
    return kept(order.map { boxes[$0] }).map { order[$0] }
  }

  /// Indices of the boxes that are kept of boxes in the order of their scores.
  func kept(_ boxes: [DetectionBox]) -> [Int] {
    var kept: [Int] = []
    var limit = threshold
    for candidate in boxes.indices where kept.allSatisfy({ boxes[candidate].overlap(boxes[$0]) <= limit }) {
      kept.append(candidate)
      if eta < 1, limit > 0.5 { limit *= eta }
    }
    return kept
  }

  /// The order in which `kept` looks at scores: best first, of equal ones the earlier, `topK` at most.
  ///
  /// Score and index are one number each, the score's bits turned so that they ascend as it descends.
  func order(above minimum: Float, count: Int, score: (Int) -> Float) -> [Int] {
    var keys: [UInt64] = []
    for i in 0..<count {
      let value = score(i)
      guard value > minimum else { continue }
      // 0 and -0 are equal.
      let bits = (value + 0).bitPattern
      let ascending = bits >> 31 == 0 ? bits | 1 << 31 : ~bits
      keys.append(UInt64(~ascending) << 32 | UInt64(UInt32(truncatingIfNeeded: i)))
    }
    keys.sort()
    return keys.prefix(topK ?? count).map { Int($0 & 0xffff_ffff) }
  }
}
