import Kernels
import LayerGraph
import Tensors
import TestSupport
import Testing

@testable import Layers

@Suite("DetectionOutput layer") struct DetectionOutputLayerTests {
  let suite = LayerSuite(DetectionOutputLayer.self)

  /// Three default boxes: the left and right halves of the image, and the left one a little lower.
  private static let boxes: [Float] = [0, 0, 0.5, 1, 0.5, 0, 1, 1, 0, 0.1, 0.5, 1]
  private static let variances: [Float] = [0.1, 0.1, 0.2, 0.2, 0.1, 0.1, 0.2, 0.2, 0.1, 0.1, 0.2, 0.2]

  /// Rows of 7 for two classes; class 0 is the background.
  private func rows(
    _ settings: String, locations: [Float] = [Float](repeating: 0, count: 12), scores: [Float]
  ) throws -> [[Float]] {
    let top = try suite.top(
      "detection_output_param { num_classes: 2 \(settings) }",
      [
        Tensor(shape: [scores.count / 3, locations.count / (scores.count / 3)], locations),
        Tensor(shape: [scores.count / 3, 6], scores.flatMap { [1 - $0, $0] }),
        Tensor(shape: [1, 2, 12], Self.boxes + Self.variances),
      ])
    return (0..<top.count / 7).map { r in (0..<7).map { top[7 * r + $0] } }
  }

  @Test func `of boxes that overlap the better one is kept`() throws {
    // The third overlaps the first by 0.45 / 0.5 = 0.9.
    let found = try rows("keep_top_k: 3 nms_param { nms_threshold: 0.5 }", scores: [0.75, 0.5, 0.25])
    #expect(found == [[0, 1, 0.75, 0, 0, 0.5, 1], [0, 1, 0.5, 0.5, 0, 1, 1], [0, 0, 0, 0, 0, 0, 0]])
    #expect(
      try rows("keep_top_k: 3 nms_param { nms_threshold: 0.95 }", scores: [0.75, 0.5, 0.25]).count { $0[1] == 1 } == 3)
  }

  @Test func `scores at the threshold are left out, and top_k is taken before overlaps are looked at`() throws {
    #expect(
      try rows("keep_top_k: 3 confidence_threshold: 0.5 nms_param { nms_threshold: 0.5 }", scores: [0.75, 0.5, 0.25])
        .count { $0[1] == 1 } == 1)
    // The two best overlap, so that one is left.
    #expect(
      try rows("keep_top_k: 3 nms_param { nms_threshold: 0.5 top_k: 2 }", scores: [0.75, 0.25, 0.5])
        .count { $0[1] == 1 } == 1)
  }

  @Test func `the kernel gives the bits of the reference`() throws {
    // Scores in steps of 1/4, so that there are ties; -0 and 0 count as equal. 40 boxes, 3 classes, 2 images.
    for settings in [
      "keep_top_k: 30 nms_param { nms_threshold: 0.3 top_k: 20 }",
      "share_location: false nms_param { nms_threshold: 0.45 }",
      "keep_top_k: 7 confidence_threshold: 0 code_type: CENTER_SIZE nms_param { nms_threshold: 0.6 eta: 0.9 }",
      "keep_top_k: 9 variance_encoded_in_target: true code_type: CORNER_SIZE",
    ] {
      let isShared = !settings.contains("share_location: false")
      let locations = Tensor.random([2, 40 * 4 * (isShared ? 1 : 3)], seed: 3)
      let scores = Tensor(
        shape: [2, 120], Tensor.random([240], seed: 4).array.map { ($0 * 4).rounded() / 4 })
      let corners = Tensor.random([40, 2], seed: 5, low: 0, high: 0.6).array
      var boxes: [Float] = []
      for i in 0..<40 {
        let (x, y) = (corners[2 * i], corners[2 * i + 1])
        boxes += [x, y, x + 0.4, y + 0.3]
      }
      let defaults = Tensor(shape: [1, 2, 160], boxes + [Float](repeating: 0.2, count: 160))
      let c = LayerCase(
        "kernel", "detection_output_param { num_classes: 3 \(settings) }",
        bottoms: [locations.shape, scores.shape, defaults.shape])
      let layer = try suite.makeLayer(c)
      let shapes = LayerShapes(bottoms: c.bottoms, tops: try layer.topShapes(c.bottoms))
      let backend = Backend(threads: 1)
      let context = KernelContext(
        shapes: shapes, params: [], bottomLayouts: c.bottoms.map(Layout.plain), backend: backend)
      let kernel = try #require(try layer.makeKernel(context))
      let got = try LayerSuite.run(kernel, [locations, scores, defaults], shapes, backend)
      #expect(try got == suite.reference(c, [locations, scores, defaults]), "\(settings)")
      #expect(got[0].array.contains { $0 != 0 })
    }
  }

  @Test func `keep_top_k is the number of rows`() throws {
    #expect(try rows("keep_top_k: 1", scores: [0.25, 0.75, 0.1]) == [[0, 1, 0.75, 0.5, 0, 1, 1]])
    // Without it there is a row for all that could be found: 2 classes, 3 boxes.
    #expect(try rows("", scores: [0.25, 0.75, 0.1]).count == 6)
  }

  @Test func `the images of a batch follow each other`() throws {
    let found = try rows(
      "keep_top_k: 2 nms_param { nms_threshold: 0.5 }", locations: [Float](repeating: 0, count: 24),
      scores: [0.75, 0.5, 0.25, 0.1, 0.9, 0.2])
    // One is enough for four rows: 2 + 2, in the order of the images.
    #expect(found.map { [$0[0], $0[2]] } == [[0, 0.75], [0, 0.5], [1, 0.9], [1, 0.2]])
  }

  @Test func `predictions move the boxes`() throws {
    let one: [Float] = [1, 2, 0.5, 1] + [Float](repeating: 0, count: 8)
    func box(_ settings: String) throws -> [Float] {
      try rows("keep_top_k: 1 \(settings)", locations: one, scores: [0.9, 0.1, 0.1])[0].suffix(4).map(\.self)
    }
    func expectNear(_ got: [Float], _ want: [Float]) {
      for (a, b) in zip(got, want) { #expect(abs(a - b) < 1e-6, "\(got) is not \(want)") }
    }
    // Box 0, 0, 0.5, 1 and variances 0.1, 0.1, 0.2, 0.2.
    expectNear(try box(""), [0.1, 0.2, 0.6, 1.2])
    expectNear(try box("variance_encoded_in_target: true"), [1, 2, 1, 2])
    expectNear(try box("code_type: CORNER_SIZE"), [0.1 * 0.5, 0.2, 0.5 + 0.1 * 0.5, 1 + 0.2])
    // Centre (0.25 + 0.1 * 0.5, 0.5 + 0.2) = (0.3, 0.7), size 0.5 * e^0.1 = 0.5525855 by e^0.2 = 1.2214028.
    expectNear(
      try box("code_type: CENTER_SIZE"), [0.3 - 0.27629273, 0.7 - 0.6107014, 0.3 + 0.27629273, 0.7 + 0.6107014])
  }

  @Test func `classes can have locations of their own`() throws {
    // Prediction (box, class, 4): class 1 moves by 0.1 to the right, the background's are not used.
    var locations = [Float](repeating: 9, count: 24)
    for i in 0..<3 { locations.replaceSubrange(i * 8 + 4..<i * 8 + 8, with: [1, 0, 1, 0]) }
    let found = try suite.top(
      "detection_output_param { num_classes: 2 share_location: false keep_top_k: 1 variance_encoded_in_target: true }",
      [
        Tensor(shape: [1, 24], locations), Tensor(shape: [1, 6], [0, 0.9, 0, 0.2, 0, 0.1]),
        Tensor(shape: [1, 2, 12], Self.boxes + Self.variances),
      ]
    ).array
    #expect(found == [0, 1, 0.9, 1, 0, 1.5, 1])
  }

  @Test(arguments: [
    ("", "needs num_classes"), ("num_classes: 2 nms_param { eta: 2 }", "eta must be above 0, at most 1"),
    ("num_classes: 2 nms_param { nms_threshold: -1 }", "nms_threshold must not be negative"),
    ("num_classes: 3", "needs 3 confidences of 3 classes"),
    ("num_classes: 2 share_location: false", "needs 6 locations of 4 values"),
  ]) func `it refuses`(_ settings: String, _ text: String) throws {
    let said = try suite.refusal(
      "detection_output_param { \(settings) }", bottoms: [[1, 12], [1, 6], [1, 2, 12]])
    #expect(said.contains(text), "\(said)")
  }

  @Test func `eta lowers the limit with every box that is kept`() {
    let boxes = (0..<3).map { DetectionBox(xmin: Float($0) * 0.1, ymin: 0, xmax: Float($0) * 0.1 + 1, ymax: 1) }
    // Neighbours overlap by 0.9 / 1.1 = 0.818, the outer two by 0.8 / 1.2 = 0.667.
    var nms = NonMaximumSuppression(threshold: 0.7)
    #expect(nms.kept(boxes, [3, 2, 1], above: 0) == [0, 2])
    nms.eta = 0.9
    // After the first box the limit is 0.63.
    #expect(nms.kept(boxes, [3, 2, 1], above: 0) == [0])
  }
}
