import CaffeFormat
import LayerGraph
import Tensors

/// Compares detections with the true boxes: which of them are right, and how many there are to find.
///
/// Bottoms: detections `[1, 1, D, 7]` (image, class, score, box), true boxes `[1, 1, G, 8]` (image, class, instance, box,
/// difficult). Top `[1, 1, C + D, 5]`: for each class but the background a row -1, class, number of true boxes, -1, -1;
/// then for each detection image, class, score, 1 if it is right, 1 if it is wrong. A detection is right when it overlaps
/// a true box of its class by `overlap_threshold` that no better one has found; on a difficult box it is neither, unless
/// `evaluate_difficult_gt`. Rows of image or class -1 don't count; Caffe's blob has no rows behind the last, here they
/// are zero. Boxes are taken as parts of the image, also where `name_size_file` would give sizes in pixels.
/// - Source: SSD's Caffe, `detection_evaluate_layer.cpp`.
struct DetectionEvaluateLayer: LayerType {
  static let caffeTypes = ["DetectionEvaluate"]
  static let arity = Arity(bottoms: 2...2, tops: 1...1)
  static let agreement = Agreement.exact

  private let classes: Int
  private let background: Int
  private let threshold: Float
  private let countsDifficult: Bool

  init(_ source: LayerSource) throws(LayerError) {
    let p = source.settings("detection_evaluate_param")
    classes = try source.positive(p, "num_classes")
    background = try source.natural(p, "background_label_id", default: 0)
    threshold = try source.finite(p, "overlap_threshold", default: 0.5)
    guard threshold > 0 else {
      throw source.error("overlap_threshold must be above 0, is \(threshold)", p, field: "overlap_threshold")
    }
    countsDifficult = p.bool("evaluate_difficult_gt") ?? true
    guard classes < Shape.countLimit / 5 else {
      throw source.error("num_classes \(classes) is too large", p, field: "num_classes")
    }
  }

  private var rowsPerClass: [Int] { (0..<classes).filter { $0 != background } }

  func topShapes(_ bottoms: [Shape]) throws(LayerError) -> [Shape] {
    func rows(_ shape: Shape, _ columns: Int, _ what: String) throws(LayerError) -> Int {
      guard shape.rank == 4, shape[0] == 1, shape[1] == 1, shape[3] == columns else {
        throw .shape("needs \(what) of [1, 1, rows, \(columns)], got \(shape)")
      }
      return shape[2]
    }
    let found = try rows(bottoms[0], 7, "detections")
    _ = try rows(bottoms[1], 8, "true boxes")
    return [[1, 1, found + classes - ((0..<classes).contains(background) ? 1 : 0), 5]]
  }

  private struct Item {
    let image: Float
    let label: Float
    let score: Float
    let box: DetectionBox
    var isDifficult = false
    var isFound = false
  }

  private func box(_ values: FloatView, _ at: Int) -> DetectionBox {
    DetectionBox(xmin: values[at], ymin: values[at + 1], xmax: values[at + 2], ymax: values[at + 3])
  }

  func reference(_ run: LayerRun) {
    let top = run.tops[0]
    top.fill(0)
    var row = 0
    func add(_ values: [Float]) {
      for (i, value) in values.enumerated() { top[row * 5 + i] = value }
      row += 1
    }
    var truths: [Item] = []
    for i in 0..<run.shapes.bottoms[1][2] {
      let at = i * 8
      if run.bottoms[1][at] == -1 { continue }
      truths.append(
        Item(
          image: run.bottoms[1][at], label: run.bottoms[1][at + 1], score: 0, box: box(run.bottoms[1], at + 3),
          isDifficult: run.bottoms[1][at + 7] != 0))
    }
    for label in rowsPerClass {
      let count = truths.count { $0.label == Float(label) && (countsDifficult || !$0.isDifficult) }
      add([-1, Float(label), Float(count), -1, -1])
    }
    var found: [Item] = []
    for i in 0..<run.shapes.bottoms[0][2] {
      let (image, label) = (run.bottoms[0][i * 7], run.bottoms[0][i * 7 + 1])
      // Rows of the background are those that DetectionOutput leaves over.
      if image == -1 || label == -1 || label == Float(background) || image.isNaN || label.isNaN { continue }
      found.append(
        Item(image: image, label: label, score: run.bottoms[0][i * 7 + 2], box: box(run.bottoms[0], i * 7 + 3)))
    }
    let groups = Dictionary(grouping: found) { [$0.image, $0.label] }
    for (key, items) in groups.sorted(by: { ($0.key[0], $0.key[1]) < ($1.key[0], $1.key[1]) }) {
      let hasTruth = truths.contains { $0.image == key[0] && $0.label == key[1] }
      // Best first where there is something to find, as in Caffe.
      let order = items.indices.sorted {
        !hasTruth || items[$0].score == items[$1].score || items[$0].score.isNaN || items[$1].score.isNaN
          ? $0 < $1 : items[$0].score > items[$1].score
      }
      for i in order {
        let verdict = hasTruth ? match(items[i], &truths) : (right: Float(0), wrong: Float(1))
        add([items[i].image, items[i].label, items[i].score, verdict.right, verdict.wrong])
      }
    }
  }

  private func match(_ item: Item, _ truths: inout [Item]) -> (right: Float, wrong: Float) {
    var (best, at) = (Float(-1), -1)
    for i in truths.indices where truths[i].image == item.image && truths[i].label == item.label {
      let overlap = item.box.overlap(truths[i].box)
      if overlap > best { (best, at) = (overlap, i) }
    }
    guard at >= 0, best >= threshold else { return (0, 1) }
    if !countsDifficult, truths[at].isDifficult { return (0, 0) }
    if truths[at].isFound { return (0, 1) }
    truths[at].isFound = true
    return (1, 0)
  }
}
