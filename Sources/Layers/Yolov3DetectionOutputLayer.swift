import CaffeFormat
import Glibc
import LayerGraph
import Tensors

/// The detections of YOLO v3: each class of each box, sigmoid times objectness, after suppression over all classes.
///
/// Bottoms: `mask_group_num` maps `[N, num_box * (5 + num_classes), H, W]`. Box n of map t has the anchor
/// `biases[mask[t * groups + n]]` in pixels of an image of `anchors_scale[t]` pixels per cell, groups being the masks of
/// one map. With cell (i, j): centre `((j + sigmoid x) / W, (i + sigmoid y) / H)`, size `exp(w) * bw / (W * scale)`,
/// `exp(h) * bh / (H * scale)`. Classes above `confidence_threshold` count; what overlaps a better one of its image by
/// `nms_threshold` or more is dropped. Top `[1, 1, boxes of all maps and images, 7]` as YoloDetectionOutput has it.
/// - Source: MobileNet-YOLO `yolov3_detection_output_layer.cpp`; Redmon and Farhadi 2018, arXiv:1804.02767.
struct Yolov3DetectionOutputLayer: LayerType {
  static let caffeTypes = ["Yolov3DetectionOutput"]
  static let arity = Arity(bottoms: 1...Int.max, tops: 1...1)
  static let agreement = Agreement.exact

  private let classes: Int
  private let boxes: Int
  private let minimum: Float
  private let threshold: Float
  /// Width and height of the anchors, map by map.
  private let anchors: [[(w: Float, h: Float)]]
  private let scales: [Int]

  init(_ source: LayerSource) throws(LayerError) {
    let p = source.settings("yolov3_detection_output_param")
    for field in ["boxes", "classes", "biases_low", "biases_mid", "biases_high"] where p.has(field) {
      throw source.error("\(field) is a field of ATC's YoloV3DetectionOutput, which cannot be run", p, field: field)
    }
    classes = try source.positive(p, "num_classes")
    let boxes = try source.positive(p, "num_box", default: 3)
    self.boxes = boxes
    minimum = try source.finite(p, "confidence_threshold", default: 0.01)
    threshold = try source.finite(p, "nms_threshold", default: 0.45)
    let maps = try source.positive(p, "mask_group_num", default: 2)
    guard maps == source.bottomCount else {
      throw source.error(
        "mask_group_num is \(maps), there are \(source.bottomCount) bottoms", p, field: "mask_group_num")
    }
    scales = p.ints("anchors_scale")
    guard scales.count >= maps, scales.allSatisfy({ $0 > 0 }) else {
      throw source.error("needs an anchors_scale above 0 for each of \(maps) maps", p, field: "anchors_scale")
    }
    let (masks, biases) = (p.ints("mask"), p.floats("biases"))
    let groups = masks.count / maps
    guard groups >= boxes else {
      throw source.error("needs \(boxes) masks for each of \(maps) maps, has \(masks.count) in all", p, field: "mask")
    }
    if let bad = masks.first(where: { $0 < 0 || 2 * $0 + 1 >= biases.count }) {
      throw source.error("mask \(bad) is none of the \(biases.count / 2) anchors of biases", p, field: "mask")
    }
    guard biases.allSatisfy(\.isFinite) else { throw source.error("biases must be finite numbers", p, field: "biases") }
    anchors = (0..<maps).map { map in
      (0..<boxes).map { (biases[2 * masks[map * groups + $0]], biases[2 * masks[map * groups + $0] + 1]) }
    }
  }

  func topShapes(_ bottoms: [Shape]) throws(LayerError) -> [Shape] {
    let places = try yoloPlaces(bottoms, boxes: boxes, classes: classes)
    return [[1, 1, places, 7]]
  }

  func reference(_ run: LayerRun) {
    let found = (0..<run.shapes.bottoms[0][0]).map { image in
      YoloBox.kept(
        run.bottoms.indices.flatMap { candidates(run.bottoms[$0], run.shapes.bottoms[$0], image, map: $0) },
        threshold: threshold)
    }
    YoloBox.write(found, into: run.tops[0])
  }

  private func candidates(_ values: FloatView, _ shape: Shape, _ image: Int, map: Int) -> [YoloBox] {
    let (height, width) = (shape[2], shape[3])
    let area = height * width
    var found: [YoloBox] = []
    for place in 0..<area {
      for n in 0..<boxes {
        let base = (image * shape[1] + n * (5 + classes)) * area + place
        func value(_ i: Int) -> Float { values[base + i * area] }
        let objectness = YoloBox.sigmoid(value(4))
        // No class can be more likely than its box.
        guard objectness > minimum else { continue }
        let anchor = anchors[map][n]
        let box = YoloBox(
          x: (Float(place % width) + YoloBox.sigmoid(value(0))) / Float(width),
          y: (Float(place / width) + YoloBox.sigmoid(value(1))) / Float(height),
          w: exp(value(2)) * anchor.w / (Float(width) * Float(scales[map])),
          h: exp(value(3)) * anchor.h / (Float(height) * Float(scales[map])), score: 0, label: 0)
        for c in 0..<classes {
          let score = YoloBox.sigmoid(value(5 + c)) * objectness
          guard score > minimum else { continue }
          var one = box
          (one.score, one.label) = (score, c)
          found.append(one)
        }
      }
    }
    return found
  }
}
