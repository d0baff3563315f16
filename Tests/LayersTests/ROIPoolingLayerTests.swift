import LayerGraph
import Tensors
import TestSupport
import Testing

@testable import Layers

@Suite("ROIPooling layer") struct ROIPoolingLayerTests {
  let suite = LayerSuite(ROIPoolingLayer.self)
  private static let settings = "roi_pooling_param { pooled_h: 2 pooled_w: 2 }"

  @Test func `kernel agrees with the plain loops`() throws {
    // Regions of image 0, within it and one place large.
    try suite.run(
      LayerCase("small", Self.settings, bottoms: [[1, 17, 5, 4], [6, 5]], range: 0...0.9))
  }

  /// Pools regions of a map of 4 x 4 with the values 0 to 15, and of a second image with 100 more.
  private func top(_ rois: [Float], _ settings: String = settings) throws -> [Float] {
    let map = (0..<32).map { Float($0 < 16 ? $0 : 84 + $0) }
    return try suite.top(
      settings, [Tensor(shape: [2, 1, 4, 4], map), Tensor(shape: [rois.count / 5, 5], rois)]
    ).array
  }

  @Test func `regions by hand`() throws {
    // The whole map in four squares.
    #expect(try top([0, 0, 0, 3, 3]) == [5, 7, 13, 15])
    // The second image.
    #expect(try top([1, 0, 0, 3, 3]) == [105, 107, 113, 115])
    // Rows 1 to 3, bins of 1.5: rows 1..2 and 2..3; columns 2 and 3.
    #expect(try top([0, 2, 1, 3, 3]) == [10, 11, 14, 15])
    // Inside out is one place, which is all bins.
    #expect(try top([0, 2, 2, 0, 0]) == [10, 10, 10, 10])
    // Beyond the right edge: columns 3..4 and 5..6, of which the second has nothing.
    #expect(try top([0, 3, 0, 6, 1]) == [3, 0, 7, 0])
  }

  @Test func `corners are scaled and rounded, halves away from zero`() throws {
    // 3 * 0.5 = 1.5 -> 2, 6 * 0.5 = 3: rows and columns 2 and 3.
    #expect(
      try top([0, 3, 3, 6, 6], "roi_pooling_param { pooled_h: 2 pooled_w: 2 spatial_scale: 0.5 }") == [10, 11, 14, 15])
  }

  @Test(
    arguments: [([2, 0, 0, 1, 1], "region 0 is of image 2.0"), ([0, .nan, 0, 1, 1], "region 0 is not finite")]
      as [([Float], String)])
  func `a region that cannot be is an error of the run`(_ roi: [Float], _ text: String) throws {
    let graph = try NetText.graph(
      NetText.input("x", [2, 1, 4, 4]) + NetText.input("rois", [1, 5])
        + NetText.layer("pool", "ROIPooling", ["x", "rois"], ["pool"], Self.settings))
    let inputs = [
      graph.inputs[0]: Tensor(shape: [2, 1, 4, 4]), graph.inputs[1]: Tensor(shape: [1, 5], roi),
    ]
    let found = NetText.problems { _ = try GraphRun.values(graph, inputs: inputs, referenceOnly: false) }
    #expect(found.first?.lines.joined(separator: " ").contains(text) == true, "\(found)")
    // The plain loops look at nothing before they run.
    #expect(try GraphRun.values(graph, inputs: inputs)["pool"]?.array == [0, 0, 0, 0])
  }

  @Test func `it refuses other shapes and sizes`() throws {
    #expect(
      try suite.refusal("roi_pooling_param { pooled_h: 2 }", bottoms: [[1, 1, 4, 4], [1, 5]]).contains("pooled_w"))
    #expect(
      try suite.refusal(Self.settings, bottoms: [[1, 1, 4, 4], [1, 4]]).contains("needs a bottom 1 of [regions, 5]"))
    #expect(
      try suite.refusal(
        "roi_pooling_param { pooled_h: 2 pooled_w: 2 spatial_scale: 0 }", bottoms: [[1, 1, 4, 4], [1, 5]]
      ).contains("spatial_scale must be above 0"))
  }
}
