import CaffeFormat
import Glibc
import LayerGraph
import Tensors

/// The detections of YOLO v2: the most likely class of each box, softmax times objectness, after suppression.
///
/// Bottoms: one or two maps `[N, num_box * (5 + num_classes), H, W]`; each box has x, y, w, h, objectness and the classes.
/// With the cell (i, j) and the anchor (bw, bh) in cells: centre `((j + sigmoid x) / W, (i + sigmoid y) / H)`, size
/// `(exp(w) * bw / W, exp(h) * bh / H)`. Boxes from `confidence_threshold` on count; one that overlaps a better one of
/// its image by `nms_threshold` or more is dropped. Top `[1, 1, boxes of all maps and images, 7]`: image, class from 1 on,
/// confidence, xmin, ymin, xmax, ymax; Caffe's has as many rows as were found, here those behind them are zero. The fork
/// says image 0 for all and mixes the images of a batch.
/// - Source: MobileNet-YOLO `yolo_detection_output_layer.cpp`; Redmon and Farhadi 2016, arXiv:1612.08242.
struct YoloDetectionOutputLayer: LayerType {
  static let caffeTypes = ["YoloDetectionOutput"]
  static let arity = Arity(bottoms: 1...2, tops: 1...1)
  static let agreement = Agreement.exact

  private let classes: Int
  private let boxes: Int
  private let minimum: Float
  private let threshold: Float
  private let anchors: [Float]

  init(_ source: LayerSource) throws(LayerError) {
    let p = source.settings("yolo_detection_output_param")
    classes = try source.positive(p, "num_classes")
    boxes = try source.positive(p, "num_box", default: 5)
    minimum = try source.finite(p, "confidence_threshold", default: 0.01)
    threshold = try source.finite(p, "nms_threshold", default: 0.45)
    if let coords = p.int("coords"), coords != 4 {
      throw source.error("coords must be 4, is \(coords)", p, field: "coords")
    }
    anchors = p.floats("biases")
    guard anchors.count / 2 >= boxes, anchors.allSatisfy(\.isFinite) else {
      throw source.error("needs biases, two numbers for each of \(boxes) boxes", p, field: "biases")
    }
  }

  func topShapes(_ bottoms: [Shape]) throws(LayerError) -> [Shape] {
    let places = try yoloPlaces(bottoms, boxes: boxes, classes: classes)
    return [[1, 1, places, 7]]
  }

  func reference(_ run: LayerRun) {
    let found = (0..<run.shapes.bottoms[0][0]).map { image in
      YoloBox.kept(
        run.bottoms.indices.flatMap { candidates(run.bottoms[$0], run.shapes.bottoms[$0], image) },
        threshold: threshold)
    }
    YoloBox.write(found, into: run.tops[0])
  }

  private func candidates(_ map: FloatView, _ shape: Shape, _ image: Int) -> [YoloBox] {
    let (height, width) = (shape[2], shape[3])
    let area = height * width
    var found: [YoloBox] = []
    for place in 0..<area {
      for n in 0..<boxes {
        let base = (image * shape[1] + n * (5 + classes)) * area + place
        func value(_ i: Int) -> Float { map[base + i * area] }
        var (label, largest) = (0, value(5))
        for c in 0..<classes where value(5 + c) > largest { (label, largest) = (c, value(5 + c)) }
        var sum: Float = 0
        for c in 0..<classes { sum += exp(value(5 + c) - largest) }
        let score = YoloBox.sigmoid(value(4)) * (1 / sum)
        guard score >= minimum else { continue }
        found.append(
          YoloBox(
            x: (Float(place % width) + YoloBox.sigmoid(value(0))) / Float(width),
            y: (Float(place / width) + YoloBox.sigmoid(value(1))) / Float(height),
            w: exp(value(2)) * anchors[2 * n] / Float(width), h: exp(value(3)) * anchors[2 * n + 1] / Float(height),
            score: score, label: label))
      }
    }
    return found
  }
}

extension LayerType {
  /// How many boxes maps of YOLO predict, over all images.
  /// - Throws: a shape error for a map of other channels or of another batch.
  func yoloPlaces(_ bottoms: [Shape], boxes: Int, classes: Int) throws(LayerError) -> Int {
    let (channels, overflow) = boxes.multipliedReportingOverflow(by: 5 + classes)
    var places = 0
    for x in bottoms {
      guard x.rank == 4, !overflow, x[1] == channels, x[0] == bottoms[0][0] else {
        throw .shape(
          "needs maps of [N, \(overflow ? "boxes * (5 + classes)" : "\(channels)"), H, W] for \(boxes) boxes of "
            + "\(classes) classes, got \(x)")
      }
      places += x[0] * boxes * x[2] * x[3]
    }
    return places
  }
}
