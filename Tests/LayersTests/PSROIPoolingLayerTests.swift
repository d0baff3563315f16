import LayerGraph
import Tensors
import TestSupport
import Testing

@testable import Layers

@Suite("PSROIPooling layer") struct PSROIPoolingLayerTests {
  let suite = LayerSuite(PSROIPoolingLayer.self)
  private static func settings(_ scale: String, outputs: Int = 1) -> String {
    "psroi_pooling_param { spatial_scale: \(scale) output_dim: \(outputs) group_size: 2 }"
  }

  @Test func `kernel agrees with the plain loops`() throws {
    // Regions of image 0, the corner place.
    let settings = "psroi_pooling_param { spatial_scale: 1.5 output_dim: 3 group_size: 3 }"
    try suite.run(LayerCase("odd", settings, bottoms: [[1, 27, 5, 7], [6, 5]], range: 0...0.9))
  }

  /// Channel k of image n has 1000 n + 100 k + 4 y + x at (y, x) of 4 x 4.
  private func top(_ rois: [Float], _ scale: String = "1") throws -> [Float] {
    let map = (0..<128).map { i -> Float in
      let (image, channel, place) = (i / 64, i / 16 % 4, i % 16)
      return Float(1000 * image + 100 * channel + place)
    }
    let bottoms = [Tensor(shape: [2, 4, 4, 4], map), Tensor(shape: [rois.count / 5, 5], rois)]
    return try suite.top(Self.settings(scale), bottoms).array
  }

  @Test func `each bin has the mean of its own channel, by hand`() throws {
    // Bins of 2 x 2: (0 + 1 + 4 + 5) / 4, (2 + 3 + 6 + 7) / 4, ...
    #expect(try top([0, 0, 0, 3, 3]) == [2.5, 104.5, 210.5, 312.5])
    #expect(try top([1, 0, 0, 3, 3, 0, 0, 0, 3, 3]) == [1002.5, 1104.5, 1210.5, 1312.5, 2.5, 104.5, 210.5, 312.5])
    // From 1 to 2 + 1: halves go away from zero, one place per bin.
    #expect(try top([0, 0.5, 0.5, 2.4, 2.4]) == [5, 106, 209, 310])
    // Rows 0 to 3 in bins of 1.5: 0 ..< 2 and 1 ..< 3; columns 0 ..< 1.5 and 1.5 ..< 3 likewise.
    #expect(try top([0, 0, 0, 2, 2]) == [2.5, 103.5, 206.5, 307.5])
  }

  @Test func `outside there is nothing, and inside out it is a tenth of a place`() throws {
    #expect(try top([0, -10, -10, -5, -5]) == [0, 0, 0, 0])
    // Corners 8 * 0.25 = 2 and (3 + 1) * 0.25 = 1: bins of 0.05 from 2 on, all of them place 2.
    #expect(try top([0, 8, 8, 3, 3], "0.25") == [10, 110, 210, 310])
    // No trap: the bins are larger than the map.
    #expect(try top([0, -3e38, -3e38, 3e38, 3e38]).count == 4)
  }

  @Test func `outputs count before bins`() throws {
    // Two outputs of four channels each, 1 x 1 maps: the channels in order.
    let bottoms = [Tensor(shape: [1, 8, 1, 1], (0..<8).map(Float.init)), Tensor(shape: [1, 5], [0, 0, 0, 1, 1])]
    let y = try suite.top(Self.settings("1", outputs: 2), bottoms)
    // Bins of 1 x 1 from 0 and 1; the map ends at 1, so only the first of each output lies on it.
    #expect(y.array == [0, 0, 0, 0, 4, 0, 0, 0])
    #expect(y.shape == [1, 2, 2, 2])
  }

  @Test(arguments: [
    ("output_dim: 1 group_size: 2", "is missing required"), ("spatial_scale: 0 output_dim: 1 group_size: 2", "above 0"),
    ("spatial_scale: 1 output_dim: 0 group_size: 2", "output_dim must be positive"),
    ("spatial_scale: 1 output_dim: 1 group_size: -2", "group_size must be positive, is -2"),
    ("spatial_scale: 1 output_dim: 2147483647 group_size: 2147483647", "is too large"),
    ("spatial_scale: 1 output_dim: 2 group_size: 2", "needs output_dim 2 x group_size 2 x 2 = 8 channels"),
  ]) func `it refuses`(_ settings: String, _ text: String) throws {
    do {
      let said = try suite.refusal("psroi_pooling_param {\n\(settings)\n}", bottoms: [[1, 4, 4, 4], [1, 5]])
      #expect(said.contains(text), "\(said)")
      #expect(said.hasPrefix("case.prototxt:") || text.hasPrefix("needs output_dim"), "\(said)")
    } catch {
      // The schema asks for all three.
      #expect(text == "is missing required" && "\(error)".contains("spatial_scale"), "\(error)")
    }
  }

  @Test func `a region of no image is an error of the run`() throws {
    let graph = try NetText.graph(
      NetText.input("x", [2, 4, 4, 4]) + NetText.input("rois", [1, 5])
        + NetText.layer("pool", "PSROIPooling", ["x", "rois"], ["pool"], Self.settings("1")))
    for bad in [2, -1, .nan] as [Float] {
      let inputs = [
        graph.inputs[0]: Tensor(shape: [2, 4, 4, 4]), graph.inputs[1]: Tensor(shape: [1, 5], [bad, 0, 0, 1, 1]),
      ]
      let found = NetText.problems { _ = try GraphRun.values(graph, inputs: inputs, referenceOnly: false) }
      #expect(found.first?.lines.joined().contains("region 0 is ") == true, "\(found)")
      // The plain loops look at nothing before they run.
      let plain = try GraphRun.values(graph, inputs: inputs, referenceOnly: true)
      #expect(plain["pool"]?.array == [0, 0, 0, 0])
    }
  }
}
