import CaffeFormat
import LayerGraph
import Tensors

/// The regions that a region proposal network finds: anchors moved by predicted deltas, cut to the image, the best kept.
///
/// Bottoms: probabilities `[N, 2A, H, W]`, deltas `[N, 4A, H, W]`, image sizes `[N, 3 or more]` (height, width, scale).
/// Tops: `[N * post_nms_topn, 5]` (image, x1, y1, x2, y2), and as a second one their scores. A is the number of ratios
/// times that of scales; without any they are those of Faster R-CNN (0.5, 1, 2 and 8, 16, 32). Caffe's blob has as many
/// rows as regions were found; here those behind them are zero. `nms_thresh` (the forks) and `iou_threshold` (ATC) are
/// one thing.
/// - Source: `ProposalGenerator`; names from the C++ forks of Faster R-CNN, `proposal_layer.cpp`.
struct ProposalLayer: LayerType {
  static let caffeTypes = ["Proposal"]
  static let arity = Arity(bottoms: 3...3, tops: 1...2)
  static let agreement = Agreement.exact

  private let generator: ProposalGenerator
  private let topCount: Int

  init(_ source: LayerSource) throws(LayerError) {
    let p = source.settings("proposal_param")
    topCount = source.topCount
    func positive(_ field: String, _ value: Float) throws(LayerError) -> Float {
      let v = try source.finite(p, field, default: value)
      guard v > 0 else { throw source.error("\(field) must be above 0, is \(v)", p, field: field) }
      return v
    }
    func list(_ field: String, _ values: [Float]) throws(LayerError) -> [Float] {
      if let bad = p.floats(field).first(where: { !($0 > 0 && $0.isFinite) }) {
        throw source.error("\(field) must be above 0, is \(bad)", p, field: field)
      }
      return p.has(field) ? p.floats(field) : values
    }
    if p.has("nms_thresh"), p.has("iou_threshold") {
      throw source.error("nms_thresh and iou_threshold are both set", p, field: "nms_thresh")
    }
    if p.bool("output_actual_rois_num") == true {
      throw source.error(
        "output_actual_rois_num cannot be made: a second top has the scores", p, field: "output_actual_rois_num")
    }
    func limit(_ field: String, _ value: Int) -> Int? {
      let n = p.int(field) ?? value
      return n > 0 ? n : nil
    }
    generator = ProposalGenerator(
      stride: try positive("feat_stride", 16), baseSize: try positive("base_size", 16),
      minSize: try source.finite(p, "min_size", default: 16), ratios: try list("ratio", [0.5, 1, 2]),
      scales: try list("scale", [8, 16, 32]), preTopN: limit("pre_nms_topn", 3000),
      postTopN: limit("post_nms_topn", 304),
      threshold: try source.finite(
        p, p.has("iou_threshold") ? "iou_threshold" : "nms_thresh", default: 0.7),
      halves: .toNearestOrAwayFromZero)
  }

  func topShapes(_ bottoms: [Shape]) throws(LayerError) -> [Shape] {
    let rows = try generator.rows(bottoms)
    return Array([[rows, 5], [rows]].prefix(topCount))
  }

  func reference(_ run: LayerRun) { generator.reference(run) }
}
