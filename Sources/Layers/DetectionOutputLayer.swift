import CaffeFormat
import Glibc
import Kernels
import LayerGraph
import Tensors

/// The detections of SSD: default boxes moved by the location predictions, the best of each class kept.
///
/// Bottoms: locations `[N, P * L * 4]` (L = 1 with `share_location`, else the classes), confidences `[N, P * classes]`,
/// default boxes and variances `[1, 2, P * 4]`; a fourth is not looked at. Top `[1, 1, N * K, 7]`, a row per detection:
/// image, class, score, xmin, ymin, xmax, ymax. Caffe's blob has as many rows as were found; here the rows behind them
/// are zero, and K is `keep_top_k`, or all that could be found when that is negative.
/// - Source: SSD's Caffe, `detection_output_layer.cpp`, `bbox_util.cpp`; Liu et al. 2016, arXiv:1512.02325.
struct DetectionOutputLayer: LayerType {
  static let caffeTypes = ["DetectionOutput"]
  static let arity = Arity(bottoms: 3...4, tops: 1...1)
  static let agreement = Agreement.exact

  private let classes: Int
  private let isShared: Bool
  private let background: Int
  private let coding: DetectionBox.Coding
  private let hasVariance: Bool
  private let suppression: NonMaximumSuppression
  private let keepTopK: Int?
  private let minimum: Float

  init(_ source: LayerSource) throws(LayerError) {
    let p = source.settings("detection_output_param")
    classes = try source.positive(p, "num_classes")
    isShared = p.bool("share_location") ?? true
    background = p.int("background_label_id") ?? 0
    hasVariance = p.bool("variance_encoded_in_target") ?? false
    coding =
      switch p.enumName("code_type") {
      case "CENTER_SIZE": .centerSize
      case "CORNER_SIZE": .cornerSize
      default: .corner
      }
    let nms = p.message("nms_param") ?? ProtoMessage("NonMaximumSuppressionParameter", location: p.location)
    let threshold = try source.finite(nms, "nms_threshold", default: 0.3)
    guard threshold >= 0 else {
      throw source.error("nms_threshold must not be negative, is \(threshold)", nms, field: "nms_threshold")
    }
    let eta = try source.finite(nms, "eta", default: 1)
    guard eta > 0, eta <= 1 else { throw source.error("eta must be above 0, at most 1, is \(eta)", nms, field: "eta") }
    func limit(_ settings: ProtoMessage, _ field: String) -> Int? {
      settings.int(field).flatMap { $0 < 0 ? nil : $0 }
    }
    suppression = NonMaximumSuppression(threshold: threshold, eta: eta, topK: limit(nms, "top_k"))
    keepTopK = limit(p, "keep_top_k")
    minimum = try source.finite(p, "confidence_threshold", default: -.greatestFiniteMagnitude)
  }

  private func priors(_ bottoms: [Shape]) -> Int { bottoms[2].count / 8 }

  func topShapes(_ bottoms: [Shape]) throws(LayerError) -> [Shape] {
    let (locations, confidences, boxes) = (bottoms[0], bottoms[1], bottoms[2])
    guard boxes.rank >= 3, boxes[1] == 2, boxes[2] % 4 == 0, boxes.count == 2 * boxes[2] else {
      throw .shape("needs default boxes of [1, 2, boxes * 4], got \(boxes)")
    }
    let count = priors(bottoms)
    guard locations.rank >= 1, locations.count == locations[0] * count * (isShared ? 1 : classes) * 4 else {
      throw .shape("needs \(count * (isShared ? 1 : classes)) locations of 4 values for each image, got \(locations)")
    }
    guard confidences.rank >= 1, confidences[0] == locations[0], confidences.count == locations[0] * count * classes
    else {
      throw .shape("needs \(count) confidences of \(classes) classes for each image, got \(confidences)")
    }
    let most = classes * min(count, suppression.topK ?? count)
    return [[1, 1, locations[0] * max(1, min(keepTopK ?? most, most)), 7]]
  }

  func reference(_ run: LayerRun) {
    let images = run.shapes.bottoms[0][0]
    let count = priors(run.shapes.bottoms)
    let top = run.tops[0]
    top.fill(0)
    let defaults = (0..<count).map { Self.box(run.bottoms[2], 4 * $0) }
    let variances =
      hasVariance
      ? [DetectionBox](repeating: DetectionBox(xmin: 1, ymin: 1, xmax: 1, ymax: 1), count: count)
      : (0..<count).map { Self.box(run.bottoms[2], 4 * (count + $0)) }
    var row = 0
    for image in 0..<images {
      for found in detections(run, image, defaults, variances) { found.write(image, to: top, &row) }
    }
  }

  func makeKernel(_ context: KernelContext) -> (any LayerKernel)? {
    let shapes = context.shapes
    return LoopKernel(bottoms: shapes.bottoms.map(Layout.plain), tops: shapes.tops.map(Layout.plain)) { io in
      findFast(LayerRun(shapes: shapes, bottoms: io.bottoms, tops: io.tops, params: []))
    }
  }

  /// What `reference` does, with the same operations on each number, but only those default boxes are moved whose scores
  /// count.
  private func findFast(_ run: LayerRun) {
    let count = priors(run.shapes.bottoms)
    let sets = isShared ? 1 : classes
    let (locations, confidences, top) = (run.bottoms[0], run.bottoms[1], run.tops[0])
    top.fill(0)
    let ones = DetectionBox(xmin: 1, ymin: 1, xmax: 1, ymax: 1)
    var row = 0
    for image in 0..<run.shapes.bottoms[0][0] {
      var all: [Detection] = []
      for label in 0..<classes where label != background {
        let order = suppression.order(above: minimum, count: count) {
          confidences[(image * count + $0) * classes + label]
        }
        let boxes = order.map { i in
          Self.box(run.bottoms[2], 4 * i).moved(
            by: Self.box(locations, ((image * count + i) * sets + (isShared ? 0 : label)) * 4),
            variance: hasVariance ? ones : Self.box(run.bottoms[2], 4 * (count + i)), coding)
        }
        for k in suppression.kept(boxes) {
          let score = confidences[(image * count + order[k]) * classes + label]
          all.append(Detection(label: label, score: score, box: boxes[k]))
        }
      }
      for found in best(all) { found.write(image, to: top, &row) }
    }
  }

  private struct Detection {
    var label: Int
    var score: Float
    var box: DetectionBox

    /// Fills the next row, if there is one.
    func write(_ image: Int, to top: MutableFloatView, _ row: inout Int) {
      let at = row * 7
      guard at + 7 <= top.count else { return }
      (top[at], top[at + 1], top[at + 2]) = (Float(image), Float(label), score)
      (top[at + 3], top[at + 4], top[at + 5], top[at + 6]) = (box.xmin, box.ymin, box.xmax, box.ymax)
      row += 1
    }
  }

  private static func box(_ values: FloatView, _ at: Int) -> DetectionBox {
    DetectionBox(xmin: values[at], ymin: values[at + 1], xmax: values[at + 2], ymax: values[at + 3])
  }

  /// What is found in one image, class by class, best first within a class.
  private func detections(
    _ run: LayerRun, _ image: Int, _ defaults: [DetectionBox], _ variances: [DetectionBox]
  ) -> [Detection] {
    let count = defaults.count
    let sets = isShared ? 1 : classes
    func boxes(_ set: Int) -> [DetectionBox] {
      (0..<count).map { i in
        let prediction = Self.box(run.bottoms[0], ((image * count + i) * sets + set) * 4)
        return defaults[i].moved(by: prediction, variance: variances[i], coding)
      }
    }
    let shared = isShared ? boxes(0) : []
    var all: [Detection] = []
    for label in 0..<classes where label != background {
      let own = isShared ? shared : boxes(label)
      let scores = (0..<count).map { run.bottoms[1][(image * count + $0) * classes + label] }
      for i in suppression.kept(own, scores, above: minimum) {
        all.append(Detection(label: label, score: scores[i], box: own[i]))
      }
    }
    return best(all)
  }

  private func best(_ all: [Detection]) -> [Detection] {
    guard let keepTopK, all.count > keepTopK else { return all }
    // The best of all classes, in their classes' order.
    let order = all.indices.sorted { all[$0].score == all[$1].score ? $0 < $1 : all[$0].score > all[$1].score }
    let best = Set(order.prefix(keepTopK))
    return all.indices.filter(best.contains).map { all[$0] }
  }
}
