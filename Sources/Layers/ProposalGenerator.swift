import CaffeFormat
import Glibc
import LayerGraph
import Tensors

/// The proposals of a region proposal network: anchors moved by predicted deltas, cut to the image, the best kept.
///
/// Bottoms: probabilities `[N, 2A, H, W]` (the second A are those of objects), deltas `[N, 4A, H, W]`, image sizes
/// `[N, 3 or more]` (height, width, scale). For each place and anchor, row by row: the box of centre
/// `(dx * w + cx, dy * h + cy)` and size `(exp(dw) * w, exp(dh) * h)`, with w = x2 - x1 + 1. Boxes below
/// `min_size * scale` are dropped; of the best `preTopN` those that overlap a better one by more than `threshold` are
/// dropped too; at most `postTopN` remain for each image. Of equal scores the earlier comes first.
/// - Source: py-faster-rcnn `lib/rpn/proposal_layer.py`, `generate_anchors.py`, `lib/fast_rcnn/bbox_transform.py`; Ren
///   et al. 2015, arXiv:1506.01497.
struct ProposalGenerator: Sendable {
  private let stride: Float
  private let minSize: Float
  private let preTopN: Int?
  private let postTopN: Int?
  private let threshold: Float
  /// x1, y1, x2, y2 around the first place.
  private let anchors: [Box]

  struct Box: Sendable, Equatable {
    var x1: Float
    var y1: Float
    var x2: Float
    var y2: Float
    var score: Float = 0

    var width: Float { x2 - x1 + 1 }
    var height: Float { y2 - y1 + 1 }

    /// Intersection over union, where a box covers the places of both its corners.
    func overlap(_ other: Box) -> Float {
      let w = max(min(x2, other.x2) - max(x1, other.x1) + 1, 0)
      let h = max(min(y2, other.y2) - max(y1, other.y1) + 1, 0)
      let both = w * h
      return both / (width * height + other.width * other.height - both)
    }
  }

  /// - Parameters:
  ///   - preTopN, postTopN: `nil` for all.
  ///   - halves: how sizes of anchors are rounded: `numpy.round` takes halves to even, the C++ forks away from zero.
  init(
    stride: Float, baseSize: Float, minSize: Float, ratios: [Float], scales: [Float], preTopN: Int?, postTopN: Int?,
    threshold: Float, halves: FloatingPointRoundingRule
  ) {
    (self.stride, self.minSize, self.preTopN, self.postTopN) = (stride, minSize, preTopN, postTopN)
    self.threshold = threshold
    anchors = Self.anchors(Double(baseSize), ratios.map(Double.init), scales.map(Double.init), halves)
  }

  /// One anchor for each ratio and scale: equal areas, rounded sizes, then scaled around the same centre.
  static func anchors(
    _ base: Double, _ ratios: [Double], _ scales: [Double], _ halves: FloatingPointRoundingRule
  ) -> [Box] {
    let centre = 0.5 * (base - 1)
    return ratios.flatMap { ratio in
      let width = (base * base / ratio).squareRoot().rounded(halves)
      let height = (width * ratio).rounded(halves)
      return scales.map { scale in
        let (halfW, halfH) = (0.5 * (width * scale - 1), 0.5 * (height * scale - 1))
        return Box(
          x1: Float(centre - halfW), y1: Float(centre - halfH), x2: Float(centre + halfW), y2: Float(centre + halfH))
      }
    }
  }

  /// Rows of the top: as many as there can be.
  func rows(_ bottoms: [Shape]) throws(LayerError) -> Int {
    let (scores, deltas, info) = (bottoms[0], bottoms[1], bottoms[2])
    let count = anchors.count
    guard scores.rank == 4, scores[1] == 2 * count else {
      throw .shape("needs probabilities of [N, \(2 * count), H, W] for \(count) anchors, got \(scores)")
    }
    guard deltas.dims == [scores[0], 4 * count, scores[2], scores[3]] else {
      throw .shape("needs deltas of [\(scores[0]), \(4 * count), \(scores[2]), \(scores[3])], got \(deltas)")
    }
    guard info.count % scores[0] == 0, info.count / scores[0] >= 3 else {
      throw .shape("needs height, width and scale of each of \(scores[0]) images, got \(info)")
    }
    let all = count * scores[2] * scores[3]
    return scores[0] * min(postTopN ?? all, all)
  }

  /// Writes the proposals, image by image, and their scores where there is a top for them; zeros in the rows left over.
  func reference(_ run: LayerRun) {
    for top in run.tops { top.fill(0) }
    var row = 0
    for image in 0..<run.shapes.bottoms[0][0] {
      for box in proposals(run, image) where row < run.shapes.tops[0][0] {
        for (i, value) in [Float(image), box.x1, box.y1, box.x2, box.y2].enumerated() {
          run.tops[0][row * 5 + i] = value
        }
        if run.tops.count > 1 { run.tops[1][row] = box.score }
        row += 1
      }
    }
  }

  private func proposals(_ run: LayerRun, _ image: Int) -> [Box] {
    let shape = run.shapes.bottoms[0]
    let (height, width, count) = (shape[2], shape[3], anchors.count)
    let info = run.bottoms[2].slice(image * (run.bottoms[2].count / shape[0]), 3)
    let smallest = minSize * info[2]
    var boxes: [Box] = []
    for y in 0..<height {
      for x in 0..<width {
        for (k, anchor) in anchors.enumerated() {
          func delta(_ i: Int) -> Float {
            run.bottoms[1][((image * count * 4 + k * 4 + i) * height + y) * width + x]
          }
          let score = run.bottoms[0][((image * count * 2 + count + k) * height + y) * width + x]
          let left = anchor.x1 + Float(x) * stride
          let above = anchor.y1 + Float(y) * stride
          let (w, h) = (anchor.x2 + Float(x) * stride - left + 1, anchor.y2 + Float(y) * stride - above + 1)
          let (cx, cy) = (delta(0) * w + (left + 0.5 * w), delta(1) * h + (above + 0.5 * h))
          let (halfW, halfH) = (0.5 * (exp(delta(2)) * w), 0.5 * (exp(delta(3)) * h))
          func cut(_ value: Float, _ limit: Float) -> Float { max(min(value, limit - 1), 0) }
          let box = Box(
            x1: cut(cx - halfW, info[1]), y1: cut(cy - halfH, info[0]), x2: cut(cx + halfW, info[1]),
            y2: cut(cy + halfH, info[0]), score: score)
          // What is not a number is no proposal either.
          if box.width >= smallest, box.height >= smallest, !score.isNaN { boxes.append(box) }
        }
      }
    }
    return kept(boxes)
  }

  private func kept(_ boxes: [Box]) -> [Box] {
    var order = boxes.indices.sorted {
      boxes[$0].score == boxes[$1].score ? $0 < $1 : boxes[$0].score > boxes[$1].score
    }
    if let preTopN { order = Array(order.prefix(preTopN)) }
    var kept: [Box] = []
    for i in order {
      if let postTopN, kept.count == postTopN { break }
      if kept.allSatisfy({ !(boxes[i].overlap($0) > threshold) }) { kept.append(boxes[i]) }
    }
    return kept
  }
}
