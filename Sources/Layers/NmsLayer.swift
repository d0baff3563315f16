import CaffeFormat
import LayerGraph
import Tensors

/// Drops boxes that overlap a better one, image by image; nobody published this type, its meaning and fields are ours.
///
/// Bottoms: boxes `[N, B, 4]` (xmin, ymin, xmax, ymax), scores `[N, B]`. Of the boxes above `confidence_threshold` (all,
/// when it is not set) the best `top_k` are looked at; one that overlaps a better one by more than `nms_threshold` is
/// dropped; `eta` below 1 lowers the threshold as in DetectionOutput. Tops: the best `keep_top_k` boxes `[N, K, 4]`, best
/// first, and as a second one their scores `[N, K]`; zeros behind them. Without `keep_top_k` K is B.
struct NmsLayer: LayerType {
  static let caffeTypes = ["Nms"]
  static let arity = Arity(bottoms: 2...2, tops: 1...2)
  static let agreement = Agreement.exact

  private let suppression: NonMaximumSuppression
  private let minimum: Float
  private let keepTopK: Int?
  private let topCount: Int

  init(_ source: LayerSource) throws(LayerError) {
    let p = source.settings("nms_param")
    let threshold = try source.finite(p, "nms_threshold", default: 0.45)
    guard threshold >= 0 else {
      throw source.error("nms_threshold must not be negative, is \(threshold)", p, field: "nms_threshold")
    }
    let eta = try source.finite(p, "eta", default: 1)
    guard eta > 0, eta <= 1 else { throw source.error("eta must be above 0, at most 1, is \(eta)", p, field: "eta") }
    func limit(_ field: String) throws(LayerError) -> Int? {
      let value = p.int(field) ?? -1
      guard value != 0 else { throw source.error("\(field) must not be 0", p, field: field) }
      return value < 0 ? nil : value
    }
    suppression = NonMaximumSuppression(threshold: threshold, eta: eta, topK: try limit("top_k"))
    keepTopK = try limit("keep_top_k")
    minimum = try source.finite(p, "confidence_threshold", default: -.greatestFiniteMagnitude)
    topCount = source.topCount
  }

  var quantization: QuantizationRole { .data(inputs: .all) }

  func topShapes(_ bottoms: [Shape]) throws(LayerError) -> [Shape] {
    let (boxes, scores) = (bottoms[0], bottoms[1])
    guard boxes.rank == 3, boxes[2] == 4 else { throw .shape("needs boxes of [N, B, 4], got \(boxes)") }
    guard scores.dims == [boxes[0], boxes[1]] else {
      throw .shape("needs scores of [\(boxes[0]), \(boxes[1])], got \(scores)")
    }
    let kept = min(keepTopK ?? boxes[1], boxes[1])
    return Array([[boxes[0], kept, 4], [boxes[0], kept]].prefix(topCount))
  }

  func reference(_ run: LayerRun) {
    let (count, kept) = (run.shapes.bottoms[0][1], run.shapes.tops[0][1])
    for top in run.tops { top.fill(0) }
    for image in 0..<run.shapes.bottoms[0][0] {
      let boxes = (0..<count).map { i in
        let at = (image * count + i) * 4
        return DetectionBox(
          xmin: run.bottoms[0][at], ymin: run.bottoms[0][at + 1], xmax: run.bottoms[0][at + 2],
          ymax: run.bottoms[0][at + 3])
      }
      let scores = run.bottoms[1].slice(image * count, count).array
      for (row, i) in suppression.kept(boxes, scores, above: minimum).prefix(kept).enumerated() {
        let at = (image * kept + row) * 4
        for (k, value) in [boxes[i].xmin, boxes[i].ymin, boxes[i].xmax, boxes[i].ymax].enumerated() {
          run.tops[0][at + k] = value
        }
        if run.tops.count > 1 { run.tops[1][image * kept + row] = scores[i] }
      }
    }
  }
}
