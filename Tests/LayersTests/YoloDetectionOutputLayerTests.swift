import LayerGraph
import Tensors
import TestSupport
import Testing

@testable import Layers

@Suite("YoloDetectionOutput layer") struct YoloDetectionOutputLayerTests {
  let suite = LayerSuite(YoloDetectionOutputLayer.self)

  private func rows(_ settings: String, _ bottoms: [Tensor]) throws -> [[Float]] {
    let y = try suite.top("yolo_detection_output_param { \(settings) }", bottoms)
    return (0..<y.shape[2]).map { r in (0..<7).map { y[r * 7 + $0] } }
  }

  @Test func `one cell by hand`() throws {
    // x = y = w = h = 0: the middle of the cell, the anchor's size. Objectness sigmoid(0) = 0.5, two equal classes: 0.25.
    let x = Tensor(shape: [1, 7, 1, 1])
    let settings = "num_classes: 2 num_box: 1 biases: 0.5 biases: 0.25"
    #expect(try rows(settings, [x]) == [[0, 1, 0.25, 0.25, 0.375, 0.75, 0.625]])
    #expect(try rows("\(settings) confidence_threshold: 0.25", [x]) == [[0, 1, 0.25, 0.25, 0.375, 0.75, 0.625]])
    #expect(try rows("\(settings) confidence_threshold: 0.26", [x]) == [[0, 0, 0, 0, 0, 0, 0]])
    // A second map has the same box: it overlaps by 1.
    #expect(try rows(settings, [x, x])[1] == [0, 0, 0, 0, 0, 0, 0])
    #expect(try rows("\(settings) nms_threshold: 1.5", [x, x])[1] == [0, 1, 0.25, 0.25, 0.375, 0.75, 0.625])
  }

  /// numpy 2.4 in float64, from the formulas of the layer's documentation.
  @Test func `two images of 4 x 6 cells`() throws {
    let found = try rows(
      "num_classes: 3 num_box: 2 biases: 0.7 biases: 0.9 biases: 2.4 biases: 1.6 confidence_threshold: 0.5",
      [.pattern([2, 16, 4, 6], 83, 211, 2.5)])
    #expect(found.count == 96)
    #expect((0..<2).map { n in found[..<42].count { $0[0] == Float(n) } } == [20, 22])
    #expect(
      differences(
        Array(found[..<2].joined()),
        [
          0, 2, 0.78144742, 0.83905115, 0.43198853, 0.89179242, 0.9097873, 0, 2, 0.76969953, 0.52149217, 0.04781702,
          0.53452378, 0.27549875,
        ]) == "")
    #expect(differences(found[41], [1, 3, 0.52118443, 0.15489063, 0.28739985, 0.45236849, 0.32241955]) == "")
    #expect(found[42...].allSatisfy { $0.allSatisfy { $0 == 0 } })
  }

  @Test func `numbers that are none are no detections`() throws {
    let values: [[Float]] = [[.nan, 0, 0, 0, 0, 0, 0], [0, 0, 0, 0, .nan, 0, 0], [0, 0, .infinity, 0, 0, 0, 0]]
    for v in values {
      let found = try rows("num_classes: 2 num_box: 1 biases: 1 biases: 1", [Tensor(shape: [1, 7, 1, 1], v)])
      #expect(found.count == 1)
    }
  }

  @Test(arguments: [
    ("num_box: 1", "needs num_classes"), ("num_classes: 2", "needs biases, two numbers for each of 5 boxes"),
    ("num_classes: 2 num_box: 1 biases: 1 biases: inf", "needs biases"),
    ("num_classes: 2 num_box: 1 biases: 1 biases: 1 coords: 5", "coords must be 4, is 5"),
    ("num_classes: 2 num_box: 1 biases: 1 biases: 1 nms_threshold: nan", "nms_threshold must be a finite number"),
    ("num_classes: 3 num_box: 1 biases: 1 biases: 1", "needs maps of [N, 8, H, W] for 1 boxes of 3 classes"),
  ]) func `it refuses`(_ settings: String, _ text: String) throws {
    let said = try suite.refusal("yolo_detection_output_param {\n\(settings)\n}", bottoms: [[1, 7, 1, 1]])
    #expect(said.contains(text), "\(said)")
    #expect(said.hasPrefix("case.prototxt:") || text.hasPrefix("needs maps"), "\(said)")
  }
}
