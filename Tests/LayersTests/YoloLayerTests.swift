import LayerGraph
import Tensors
import TestSupport
import Testing

@testable import Layers

@Suite("Yolo layer") struct YoloLayerTests {
  let suite = LayerSuite(YoloLayer.self)
  // sigmoid(ln 3) = 3/4; softmax of ln 3 and 0 is 3/4, 1/4.
  private static let x = Tensor(shape: [1, 7, 1, 1], [0, 1.0986123, 5, -5, 0, 1.0986123, 0])

  @Test(
    arguments: [
      ("", [0.5, 0.75, 5, -5, 0.5, 0.75, 0.5]),
      // Version 3 has no softmax.
      ("softmax: true background: true", [0.5, 0.75, 5, -5, 0.5, 0.75, 0.5]),
      ("yolo_version: 'V2'", [0.5, 0.75, 5, -5, 0.5, 0.75, 0.5]),
      ("yolo_version: 'V2' softmax: true", [0.5, 0.75, 5, -5, 0.5, 0.75, 0.25]),
      ("yolo_version: 'V2' softmax: true background: true", [0.5, 0.75, 5, -5, 0.2, 0.6, 0.2]),
      ("yolo_version: 'V2' background: true", [0.5, 0.75, 5, -5, 0, 0.75, 0.5]),
    ] as [(String, [Float])])
  func `a cell by hand`(_ settings: String, _ want: [Float]) throws {
    let y = try suite.top("yolo_param { boxes: 1 classes: 2 \(settings) }", [Self.x])
    #expect(differences(y.array, want) == "")
  }

  @Test func `the head of YOLO v3 for COCO has 255 channels`() throws {
    #expect(try suite.refusal("", bottoms: [[2, 255, 13, 13]]) == "")
    #expect(
      try suite.refusal("", bottoms: [[2, 75, 13, 13]]).contains("needs a bottom of [N, 3 boxes * (4 coords + 1 + 80"))
  }

  @Test(arguments: [
    ("yolo_version: 'V4'", "yolo_version must be V2 or V3, is 'V4'"), ("softmaxtree: true", "softmaxtree is not read"),
    ("classes: -1", "classes must be positive, is -1"),
  ]) func `a wrong field is refused at its line`(_ settings: String, _ text: String) throws {
    let said = try suite.refusal("yolo_param {\n\(settings)\n}", bottoms: [[1, 255, 2, 2]])
    #expect(said.hasPrefix("case.prototxt:3:") && said.contains(text), "\(said)")
  }
}
