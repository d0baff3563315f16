import LayerGraph
import Tensors
import TestSupport
import Testing

@testable import Layers

@Suite("PriorBox layer") struct PriorBoxLayerTests {
  let suite = LayerSuite(PriorBoxLayer.self)

  /// Boxes and variances on a map of one place, in an image of height 10 and width 20.
  private func top(_ settings: String) throws -> [Float] {
    try suite.top(
      "prior_box_param { \(settings) }", [Tensor(shape: [1, 8, 1, 1]), Tensor(shape: [1, 3, 10, 20])]
    ).array
  }

  private func expectNear(_ got: [Float], _ want: [Float]) {
    #expect(got.count == want.count)
    for (a, b) in zip(got, want) { #expect(abs(a - b) < 1e-6, "\(got)") }
  }

  @Test func `one place by hand`() throws {
    // The centre is (0.5 * 20, 0.5 * 10) = (10, 5). 4 x 4; sqrt(4 * 9) = 6; 4 * sqrt(4) x 4 / sqrt(4) = 8 x 2.
    let values = try top("min_size: 4 max_size: 9 aspect_ratio: 4 flip: false variance: 0.2")
    expectNear(
      values,
      [0.4, 0.3, 0.6, 0.7, 0.35, 0.2, 0.65, 0.8, 0.3, 0.4, 0.7, 0.6] + [Float](repeating: 0.2, count: 12))
  }

  @Test func `flipped ratios follow theirs, and 1 and doubles are left out`() throws {
    // 4 and 1/4: 8 x 2 and 2 x 8.
    let values = try top("min_size: 4 aspect_ratio: 1 aspect_ratio: 4 aspect_ratio: 0.25 aspect_ratio: 4")
    expectNear(
      Array(values.prefix(12)), [0.4, 0.3, 0.6, 0.7, 0.3, 0.4, 0.7, 0.6, 0.45, 0.1, 0.55, 0.9])
    #expect(values.count == 24)
  }

  @Test func `boxes are cut at the image's edge when told, and variances stand four in a row`() throws {
    // 40 x 40 around the middle: -0.5 .. 1.5 across, -1.5 .. 2.5 down.
    let text = "min_size: 40 variance: 0.1 variance: 0.2 variance: 0.3 variance: 0.4"
    expectNear(try top(text), [-0.5, -1.5, 1.5, 2.5, 0.1, 0.2, 0.3, 0.4])
    expectNear(try top(text + " clip: true"), [0, 0, 1, 1, 0.1, 0.2, 0.3, 0.4])
  }

  @Test func `step, offset and image size can be said`() throws {
    // Centre (0.25 * 8, 0.25 * 4) = (2, 1), image 16 wide and 8 high; 2 x 2.
    expectNear(
      Array(try top("min_size: 2 offset: 0.25 step_h: 4 step_w: 8 img_h: 8 img_w: 16").prefix(4)),
      [1.0 / 16, 0, 3.0 / 16, 2.0 / 8])
  }

  @Test func `places follow each other row by row`() throws {
    let values = try suite.top(
      "prior_box_param { min_size: 2 }", [Tensor(shape: [1, 8, 2, 2]), Tensor(shape: [1, 3, 8, 8])])
    #expect(values.shape == [1, 2, 16])
    // Centres (2, 2), (6, 2), (2, 6), (6, 6).
    expectNear((0..<4).map { values[4 * $0] }, [0.125, 0.625, 0.125, 0.625])
    expectNear((0..<4).map { values[4 * $0 + 1] }, [0.125, 0.125, 0.625, 0.625])
  }

  @Test(arguments: [
    ("", "needs min_size"), ("min_size: -1", "min_size must be above 0, is -1.0"),
    ("min_size: 4 max_size: 3", "max_size 3.0 must be above min_size 4.0"),
    ("min_size: 4 max_size: 5 max_size: 6", "has 2 max_size for 1 min_size"),
    ("min_size: 4 variance: 1 variance: 2", "variance must be given once or four times, there are 2"),
    ("min_size: 4 step: 2 step_h: 3 step_w: 3", "step and step_h or step_w are both set"),
    ("min_size: 4 img_h: 3", "img_w must be above 0, is 0.0"),
  ]) func `it refuses`(_ settings: String, _ text: String) throws {
    let said = try suite.refusal("prior_box_param { \(settings) }", bottoms: [[1, 1, 1, 1], [1, 3, 10, 20]])
    #expect(said.contains(text), "\(said)")
  }
}
