import LayerGraph
import Tensors
import TestSupport
import Testing

@testable import Layers

@Suite("DetectionEvaluate layer") struct DetectionEvaluateLayerTests {
  let suite = LayerSuite(DetectionEvaluateLayer.self)
  private static let box: [Float] = [0, 0, 0.5, 1]
  /// Overlaps `box` by 0.4 / 0.6.
  private static let near: [Float] = [0.1, 0, 0.6, 1]
  private static let far: [Float] = [0.9, 0, 1, 1]

  /// Rows for detections (image, class, score, box) and true boxes (image, class, difficult, box).
  private func rows(
    _ settings: String, _ found: [([Float], [Float])], _ truths: [([Float], [Float])]
  ) throws -> [[Float]] {
    let y = try suite.top(
      "detection_evaluate_param { num_classes: 3 \(settings) }",
      [
        Tensor(shape: [1, 1, found.count, 7], found.flatMap { $0.0 + $0.1 }),
        Tensor(shape: [1, 1, truths.count, 8], truths.flatMap { [$0.0[0], $0.0[1], 0] + $0.1 + [$0.0[2]] }),
      ])
    return (0..<y.shape[2]).map { r in (0..<5).map { y[r * 5 + $0] } }
  }

  @Test func `a true box is found once, by the best, by hand`() throws {
    let got = try rows(
      "", [([0, 1, 0.6], Self.near), ([0, 1, 0.9], Self.box), ([0, 2, 0.8], Self.box), ([0, 1, 0.3], Self.far)],
      [([0, 1, 0], Self.box), ([0, 2, 0], Self.far)])
    #expect(
      got == [
        [-1, 1, 1, -1, -1], [-1, 2, 1, -1, -1], [0, 1, 0.9, 1, 0], [0, 1, 0.6, 0, 1], [0, 1, 0.3, 0, 1],
        [0, 2, 0.8, 0, 1],
      ])
  }

  @Test func `the overlap that is needed, and boxes that are difficult, by hand`() throws {
    let found: [([Float], [Float])] = [([0, 1, 0.6], Self.near)]
    #expect(try rows("overlap_threshold: 0.6", found, [([0, 1, 0], Self.box)])[2] == [0, 1, 0.6, 1, 0])
    #expect(try rows("overlap_threshold: 0.7", found, [([0, 1, 0], Self.box)])[2] == [0, 1, 0.6, 0, 1])
    #expect(
      try rows("", found, [([0, 1, 1], Self.box)]) == [[-1, 1, 1, -1, -1], [-1, 2, 0, -1, -1], [0, 1, 0.6, 1, 0]])
    // Neither right nor wrong, and not to be found.
    #expect(
      try rows("evaluate_difficult_gt: false", found, [([0, 1, 1], Self.box)])
        == [[-1, 1, 0, -1, -1], [-1, 2, 0, -1, -1], [0, 1, 0.6, 0, 0]])
  }

  @Test func `images apart, rows of nothing left out, without a background all classes`() throws {
    let got = try rows(
      "background_label_id: 7",
      [([1, 0, 0.5], Self.box), ([0, 0, 0.4], Self.box), ([0, -1, 0], Self.box), ([-1, 1, 0], Self.box)],
      [([1, 0, 0], Self.box), ([-1, 0, 0], Self.box), ([0, 0, 0], Self.box)])
    #expect(
      got == [
        [-1, 0, 2, -1, -1], [-1, 1, 0, -1, -1], [-1, 2, 0, -1, -1], [0, 0, 0.4, 1, 0], [1, 0, 0.5, 1, 0],
        [0, 0, 0, 0, 0], [0, 0, 0, 0, 0],
      ])
  }

  @Test func `numbers that are none do not trap`() throws {
    let bad: [Float] = [.nan, .nan, .infinity, 1]
    let got = try rows(
      "", [([.nan, 1, 0.5], bad), ([0, .nan, 0.5], bad), ([0, 1, .nan], bad), ([0, 1, 0.5], Self.box)],
      [([0, 1, 0], bad), ([.nan, .nan, .nan], Self.box)])
    #expect(got.count == 6)
    #expect(got[0] == [-1, 1, 1, -1, -1])
  }

  @Test(arguments: [
    ("", "needs num_classes"), ("num_classes: 0", "num_classes must be positive"),
    ("num_classes: 2147483647", "num_classes 2147483647 is too large"),
    ("num_classes: 2 overlap_threshold: 0", "overlap_threshold must be above 0"),
  ]) func `a wrong field is refused at its line`(_ settings: String, _ text: String) throws {
    let said = try suite.refusal(
      "detection_evaluate_param {\n\(settings)\n}", bottoms: [[1, 1, 4, 7], [1, 1, 2, 8]])
    #expect(said.contains(text), "\(said)")
    #expect(said.hasPrefix("case.prototxt:2:") || said.hasPrefix("case.prototxt:3:"), "\(said)")
  }

  @Test func `it refuses other shapes`() throws {
    let settings = "detection_evaluate_param { num_classes: 2 }"
    #expect(
      try suite.refusal(settings, bottoms: [[4, 7], [1, 1, 2, 8]]).contains("needs detections of [1, 1, rows, 7]"))
    #expect(try suite.refusal(settings, bottoms: [[1, 1, 4, 7], [1, 1, 2, 7]]).contains("needs true boxes of"))
  }
}
