import CaffeFormat
import Glibc
import LayerGraph
import Tensors

/// SSD's loss: how far default boxes that stand for true boxes are from them, and what they and the hardest of the others
/// say about the class.
///
/// Bottoms: locations `[N, P * 4]`, confidences `[N, P * classes]`, default boxes and variances `[1, 2, P * 4]`, true
/// boxes `[1, 1, G, 8]` (image, class, instance, box, difficult). Boxes are matched as `BoxMatching` does; of those that
/// are not, and overlap every true box by less than `neg_overlap`, each image takes the `neg_pos_ratio` times its matches
/// with the largest loss of class (MAX_NEGATIVE; all of them with NONE). The loss is `loc_weight` times the smoothed (or
/// half the squared) differences of the matches, plus the softmax (or sigmoid) loss of their classes, both divided by the
/// number of matches, or as `normalization` says. Not known: `share_location: false`, `use_prior_for_matching: false`,
/// `map_object_to_agnostic`, `bp_inside`, HARD_EXAMPLE.
/// - Source: SSD's Caffe, `multibox_loss_layer.cpp`, `bbox_util.cpp`.
struct MultiBoxLossLayer: LayerType {
  static let caffeTypes = ["MultiBoxLoss"]
  static let arity = Arity(bottoms: 4...4, tops: 0...1)
  static let agreement = Agreement.exact

  private let classes: Int
  private let background: Int
  private let locationWeight: Float
  private let isSmooth: Bool
  private let isLogistic: Bool
  private let threshold: Float
  private let bipartiteOnly: Bool
  private let usesDifficult: Bool
  private let mines: Bool
  private let negativeRatio: Float
  private let negativeOverlap: Float
  private let coding: DetectionBox.Coding
  private let hasVariance: Bool
  private let skipsCrossing: Bool
  private let normalization: LossNormalization
  private let topCount: Int

  init(_ source: LayerSource) throws(LayerError) {
    let p = source.settings("multibox_loss_param")
    classes = try source.positive(p, "num_classes")
    background = try source.natural(p, "background_label_id", default: 0)
    guard background < classes else {
      throw source.error(
        "background_label_id is \(background), there are \(classes) classes", p, field: "background_label_id")
    }
    for (field, value) in [
      ("share_location", false), ("use_prior_for_matching", false), ("map_object_to_agnostic", true),
      ("bp_inside", true),
    ] where p.bool(field) == value { throw source.error("\(field): \(value) is not known", p, field: field) }
    let mining = p.enumName("mining_type") ?? "MAX_NEGATIVE"
    guard mining != "HARD_EXAMPLE" else { throw source.error("\(mining) is not known", p, field: "mining_type") }
    mines = p.bool("do_neg_mining") ?? (mining != "NONE")
    isSmooth = p.enumName("loc_loss_type") != "L2"
    isLogistic = p.enumName("conf_loss_type") == "LOGISTIC"
    locationWeight = try source.finite(p, "loc_weight", default: 1)
    threshold = try source.finite(p, "overlap_threshold", default: 0.5)
    bipartiteOnly = p.enumName("match_type") == "BIPARTITE"
    usesDifficult = p.bool("use_difficult_gt") ?? true
    negativeRatio = try source.finite(p, "neg_pos_ratio", default: 3)
    guard negativeRatio >= 0, negativeRatio <= 1e6 else {
      throw source.error("neg_pos_ratio must be 0 to 1000000, is \(negativeRatio)", p, field: "neg_pos_ratio")
    }
    negativeOverlap = try source.finite(p, "neg_overlap", default: 0.5)
    coding =
      switch p.enumName("code_type") {
      case "CENTER_SIZE": .centerSize
      case "CORNER_SIZE": .cornerSize
      default: .corner
      }
    hasVariance = p.bool("encode_variance_in_target") ?? false
    skipsCrossing = p.bool("ignore_cross_boundary_bbox") ?? false
    normalization = try LossNormalization(source)
    topCount = source.topCount
  }

  func topShapes(_ bottoms: [Shape]) throws(LayerError) -> [Shape] {
    let (locations, confidences, boxes, truths) = (bottoms[0], bottoms[1], bottoms[2], bottoms[3])
    guard boxes.rank >= 3, boxes[1] == 2, boxes[2] % 4 == 0, boxes.count == 2 * boxes[2] else {
      throw .shape("needs default boxes of [1, 2, boxes * 4], got \(boxes)")
    }
    let count = boxes[2] / 4
    guard locations.rank >= 1, locations.count == locations[0] * count * 4 else {
      throw .shape("needs \(count) locations of 4 values for each image, got \(locations)")
    }
    guard confidences.rank >= 1, confidences[0] == locations[0],
      confidences.count / confidences[0] % count == 0, confidences.count / confidences[0] / count == classes
    else { throw .shape("needs \(count) confidences of \(classes) classes for each image, got \(confidences)") }
    guard truths.rank == 4, truths[0] == 1, truths[1] == 1, truths[3] == 8 else {
      throw .shape("needs true boxes of [1, 1, rows, 8], got \(truths)")
    }
    return topCount == 0 ? [] : [[]]
  }

  private func box(_ values: FloatView, _ at: Int) -> DetectionBox {
    DetectionBox(xmin: values[at], ymin: values[at + 1], xmax: values[at + 2], ymax: values[at + 3])
  }

  func reference(_ run: LayerRun) {
    guard let top = run.tops.first else { return }
    let (images, count) = (run.shapes.bottoms[0][0], run.shapes.bottoms[2][2] / 4)
    let defaults = (0..<count).map { box(run.bottoms[2], 4 * $0) }
    let variances = (0..<count).map { box(run.bottoms[2], 4 * (count + $0)) }
    let usable = defaults.map { d in
      !skipsCrossing || (d.xmin >= 0 && d.ymin >= 0 && d.xmax <= 1 && d.ymax <= 1)
    }
    var (locationLoss, classLoss, matches) = (0.0, 0.0, 0)
    for image in 0..<images {
      let rows = (0..<run.shapes.bottoms[3][2]).map { $0 * 8 }.filter {
        run.bottoms[3][$0] == Float(image) && (usesDifficult || run.bottoms[3][$0 + 7] == 0)
      }
      let truths = rows.map { box(run.bottoms[3], $0 + 3) }
      let labels = rows.map { Int(index: run.bottoms[3][$0 + 1], below: classes) }
      let matching = BoxMatching(
        defaults, truths, usable: usable, threshold: threshold, bipartiteOnly: bipartiteOnly)
      var matched = 0
      var others: [(loss: Double, i: Int)] = []
      for i in 0..<count {
        let scores = run.bottoms[1].slice((image * count + i) * classes, classes)
        guard let j = matching.truth[i] else {
          if usable[i], !mines || matching.largest[i] < negativeOverlap { others.append((loss(scores, background), i)) }
          if !usable[i], !mines { others.append((loss(scores, background), i)) }
          continue
        }
        matched += 1
        classLoss += labels[j].map { loss(scores, $0) } ?? .nan
        let target = defaults[i].coded(truths[j], variance: hasVariance ? nil : variances[i], coding)
        let predicted = box(run.bottoms[0], (image * count + i) * 4)
        for difference in [
          predicted.xmin - target.xmin, predicted.ymin - target.ymin, predicted.xmax - target.xmax,
          predicted.ymax - target.ymax,
        ] {
          let d = abs(Double(difference))
          locationLoss += !isSmooth || d < 1 ? 0.5 * d * d : d - 0.5
        }
      }
      matches += matched
      if mines {
        others.sort { $0.loss == $1.loss || $0.loss.isNaN || $1.loss.isNaN ? $0.i < $1.i : $0.loss > $1.loss }
        others = Array(others.prefix(Int(Float(matched) * negativeRatio)))
      }
      for other in others { classLoss += other.loss }
    }
    let divisor = Double(normalization.divisor(outer: images, inner: count, counted: matches))
    top[0] = Float(Double(locationWeight) * locationLoss / divisor + classLoss / divisor)
  }

  /// What one default box's scores cost when its class is `label`.
  private func loss(_ scores: FloatView, _ label: Int) -> Double {
    if isLogistic {
      var sum = 0.0
      for c in 0..<classes {
        let v = Double(scores[c])
        sum -= v * ((c == label ? 1 : 0) - (v >= 0 ? 1 : 0)) - log1p(exp(-abs(v)))
      }
      return sum
    }
    var largest = -Double.infinity
    for c in 0..<classes { largest = max(largest, Double(scores[c])) }
    var sum = 0.0
    for c in 0..<classes { sum += exp(Double(scores[c]) - largest) }
    return -log(max(exp(Double(scores[label]) - largest) / sum, Double(Float.leastNormalMagnitude)))
  }
}

extension DetectionBox {
  /// The prediction that would move this default box onto `other`: the inverse of `moved`.
  ///
  /// - Parameter variance: divides the four values; `nil` when predictions carry it already.
  /// - Source: SSD's Caffe, `bbox_util.cpp`, EncodeBBox.
  func coded(_ other: DetectionBox, variance: DetectionBox?, _ coding: Coding) -> DetectionBox {
    let (width, height) = (xmax - xmin, ymax - ymin)
    var p = DetectionBox(
      xmin: other.xmin - xmin, ymin: other.ymin - ymin, xmax: other.xmax - xmax, ymax: other.ymax - ymax)
    switch coding {
    case .corner: break
    case .cornerSize:
      p = DetectionBox(xmin: p.xmin / width, ymin: p.ymin / height, xmax: p.xmax / width, ymax: p.ymax / height)
    case .centerSize:
      p = DetectionBox(
        xmin: ((other.xmin + other.xmax) / 2 - (xmin + xmax) / 2) / width,
        ymin: ((other.ymin + other.ymax) / 2 - (ymin + ymax) / 2) / height,
        xmax: log((other.xmax - other.xmin) / width), ymax: log((other.ymax - other.ymin) / height))
    }
    guard let v = variance else { return p }
    return DetectionBox(xmin: p.xmin / v.xmin, ymin: p.ymin / v.ymin, xmax: p.xmax / v.xmax, ymax: p.ymax / v.ymax)
  }
}
