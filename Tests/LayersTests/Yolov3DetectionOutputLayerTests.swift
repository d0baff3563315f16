import LayerGraph
import Tensors
import TestSupport
import Testing

@testable import Layers

@Suite("Yolov3DetectionOutput layer") struct Yolov3DetectionOutputLayerTests {
  let suite = LayerSuite(Yolov3DetectionOutputLayer.self)

  private func rows(_ settings: String, _ bottoms: [Tensor]) throws -> [[Float]] {
    let y = try suite.top("yolov3_detection_output_param { \(settings) }", bottoms)
    return (0..<y.shape[2]).map { r in (0..<7).map { y[r * 7 + $0] } }
  }

  @Test func `one cell by hand`() throws {
    // sigmoid(0) = 0.5 for objectness and both classes: 0.25 each; the two have one box, so the first is kept.
    let x = Tensor(shape: [1, 7, 1, 1])
    let settings =
      "num_classes: 2 num_box: 1 mask_group_num: 1 anchors_scale: 32 mask: 1 biases: 9 biases: 9 biases: 16 biases: 8"
    // 16 / 32 wide and 8 / 32 high around the middle.
    #expect(try rows(settings, [x]) == [[0, 1, 0.25, 0.25, 0.375, 0.75, 0.625]])
    // Above, not from on.
    #expect(try rows("\(settings) confidence_threshold: 0.25", [x]) == [[0, 0, 0, 0, 0, 0, 0]])
  }

  /// numpy 2.4 in float64, from the formulas of the layer's documentation.
  @Test func `two images, two maps with their masks`() throws {
    let found = try rows(
      """
      num_classes: 3 num_box: 2 biases: 20 biases: 30 biases: 40 biases: 25 biases: 60 biases: 80 biases: 30 biases: 60
      mask: 2 mask: 3 mask: 0 mask: 1 anchors_scale: 32 anchors_scale: 16 confidence_threshold: 0.6
      """, [.pattern([2, 16, 2, 3], 59, 101, 2.5), .pattern([2, 16, 4, 6], 83, 211, 2.5)])
    #expect(found.count == 120)
    #expect((0..<2).map { n in found[..<24].count { $0[0] == Float(n) } } == [11, 13])
    #expect(
      differences(
        Array(found[..<3].joined()),
        [
          0, 2, 0.84409852, -0.67112517, 0.3142129, 2.61048577, 1.14257832, 0, 2, 0.7843361, 0.83795238, 0.43758773,
          0.8928912, 0.9041881, 0, 2, 0.75308933, 0.51637261, -0.07551058, 0.53964334, 0.39882636,
        ], 4e-6) == "")
    #expect(
      differences(
        Array(found[22...23].joined()),
        [
          1, 2, 0.603051956, -0.894677365, -0.0023021747, 0.92676845, 0.247859514, 1, 3, 0.601581696, 0.0706928011,
          0.528067983, 1.55108021, 0.612784616,
        ], 4e-6) == "")
    #expect(found[24...].allSatisfy { $0.allSatisfy { $0 == 0 } })
  }

  static let good = "num_classes: 2 num_box: 1 mask_group_num: 1 anchors_scale: 8 mask: 0 biases: 1 biases: 1"
  @Test(arguments: [
    ("", "needs num_classes"), ("num_classes: 2", "mask_group_num is 2, there are 1 bottoms"),
    ("num_classes: 2 mask_group_num: 1", "needs an anchors_scale above 0 for each of 1 maps"),
    ("num_classes: 2 mask_group_num: 1 anchors_scale: 8 mask: 0", "needs 3 masks for each of 1 maps, has 1 in all"),
    ("\(good) mask: 1", "mask 1 is none of the 1 anchors"), ("\(good) classes: 2", "classes is a field of ATC's"),
    ("\(good) biases: nan", "biases must be finite"),
    ("num_classes: 3 \(good.dropFirst(14))", "needs maps of [N, 8, H, W]"),
  ]) func `it refuses`(_ settings: String, _ text: String) throws {
    let said = try suite.refusal("yolov3_detection_output_param {\n\(settings)\n}", bottoms: [[1, 7, 1, 1]])
    #expect(said.contains(text), "\(said)")
    #expect(said.hasPrefix("case.prototxt:") || text.hasPrefix("needs maps"), "\(said)")
  }

  @Test func `all maps have the batch of the first`() throws {
    let settings = "num_classes: 2 num_box: 1 anchors_scale: 8 anchors_scale: 4 mask: 0 mask: 0 biases: 1 biases: 1"
    let said = try suite.refusal(
      "yolov3_detection_output_param { \(settings) }", bottoms: [[1, 7, 1, 1], [2, 7, 1, 1]])
    #expect(said.contains("got [2, 7, 1, 1]"), "\(said)")
  }
}
