import LayerGraph
import Tensors
import TestSupport
import Testing

@testable import Layers

@Suite("ROIAlign layer") struct ROIAlignLayerTests {
  let suite = LayerSuite(ROIAlignLayer.self)
  private static func settings(_ h: Int, _ w: Int, _ more: String = "") -> String {
    "roi_align_param { pooled_h: \(h) pooled_w: \(w) \(more) }"
  }

  @Test(arguments: ["", "sampling_ratio: 2 roi_end_mode: 1", "spatial_scale: 9 roi_end_mode: 2"])
  func `kernel agrees with the plain loops`(_ more: String) throws {
    try suite.run(LayerCase("odd", Self.settings(3, 2, more), bottoms: [[1, 17, 5, 7], [9, 5]], range: 0...0.9))
  }

  /// Regions of a map of 4 x 4 with 4 y + x: between places it is the same formula.
  private func top(_ roi: [Float], _ pooled: Int, _ more: String) throws -> [Float] {
    let bottoms = [Tensor(shape: [1, 1, 4, 4], (0..<16).map(Float.init)), Tensor(shape: [1, 5], [0] + roi)]
    return try suite.top(Self.settings(pooled, pooled, more), bottoms).array
  }

  @Test func `bins have the value of their middle, by hand`() throws {
    #expect(try top([0, 0, 2, 2], 1, "sampling_ratio: 1") == [5])
    // Middles 0.5 and 1.5.
    #expect(try top([0, 0, 2, 2], 2, "sampling_ratio: 2") == [2.5, 3.5, 6.5, 7.5])
    // Bins of 1.5, two samples per axis each: middles 0.75 and 2.25.
    #expect(try top([0, 0, 3, 3], 2, "") == [3.75, 5.25, 9.75, 11.25])
    #expect(try top([0, 0, 6, 6], 2, "spatial_scale: 0.5") == [3.75, 5.25, 9.75, 11.25])
  }

  @Test func `what a region is goes by its mode, by hand`() throws {
    // One place more: 0 to 3.
    #expect(try top([0, 0, 2, 2], 2, "sampling_ratio: 1 roi_end_mode: 1") == [3.75, 5.25, 9.75, 11.25])
    // Half a place back: middles 0 and 1.
    #expect(try top([0, 0, 2, 2], 2, "sampling_ratio: 1 roi_end_mode: 2") == [0, 1, 4, 5])
    // Half a place large: widened to 1 it is sampled at 1.5; not widened at 0.75; moved, then widened at 1.
    #expect(try top([1, 1, 1.5, 1.5], 1, "sampling_ratio: 1") == [7.5])
    #expect(try top([1, 1, 1.5, 1.5], 1, "sampling_ratio: 1 roi_end_mode: 2") == [3.75])
    #expect(try top([1, 1, 1.5, 1.5], 1, "sampling_ratio: 1 roi_end_mode: 3") == [5])
  }

  @Test func `borders hold for one place, by hand`() throws {
    // x = -0.5 has the value of 0, x = 3.5 that of 3; y = 1.
    #expect(try top([-1.5, 0, 0.5, 2], 1, "sampling_ratio: 1") == [4])
    #expect(try top([2.5, 0, 4.5, 2], 1, "sampling_ratio: 1") == [7])
    // x = 4.2 and x = -2: nothing.
    #expect(try top([3.2, 0, 5.2, 2], 1, "sampling_ratio: 1") == [0])
    #expect(try top([-3, 0, -1, 2], 1, "sampling_ratio: 1") == [0])
    // x = -2 and 0, y = 0.5 and 1.5: those outside count in the mean, (2 + 6) / 4.
    #expect(try top([-3, 0, 1, 2], 1, "sampling_ratio: 2") == [2])
  }

  /// numpy 2.4 in float64, from the formulas of He et al.: positions, clamping, bilinear weights, mean.
  @Test func `two images, odd sizes`() throws {
    let map = Tensor.pattern([2, 2, 5, 6], 29, 61, 1)
    let adaptive = try suite.top(
      Self.settings(2, 3, "spatial_scale: 0.5"), [map, Tensor(shape: [1, 5], [1, 1.5, 2, 9.25, 8.5])])
    #expect(
      differences(
        adaptive.array,
        [
          0.04986338, 0.06039478, -0.21032382, -0.08329065, -0.13184128, 0.51622266, 0.21572961, 0.18182741,
          -0.02557739, 0.09494536, 0.10433744, -0.31335382,
        ]) == "")
    let fixed = try suite.top(
      Self.settings(3, 2, "spatial_scale: 0.5 sampling_ratio: 2"), [map, Tensor(shape: [1, 5], [0, -3, 1, 7, 13])])
    #expect(
      differences(
        fixed.array,
        [
          0.36065573, -0.1782787, -0.0420082, 0.29405736, -0.00102459, 0.16700819, 0.07274592, -0.02868852,
          0.29508198, -0.24385245, 0.0737705, -0.19569672,
        ]) == "")
  }

  @Test func `regions beyond all measure neither trap nor take long`() throws {
    // Samples on the map are 16 or so of 4e12.
    let all = try top([-1e30, -1e30, 1e30, 1e30], 1, "")
    #expect(all.count == 1 && all[0] >= 0 && all[0] < 1e-6)
    #expect(try top([1e30, 1e30, -1e30, -1e30], 2, "roi_end_mode: 2") == [0, 0, 0, 0])
  }

  @Test(arguments: [
    ("pooled_h: 2", "needs pooled_w"), ("pooled_h: 2 pooled_w: 2 spatial_scale: -1", "spatial_scale must be above 0"),
    ("pooled_h: 2 pooled_w: 2 spatial_scale: nan", "spatial_scale must be a finite number"),
    ("pooled_h: 2 pooled_w: 2 sampling_ratio: 1025", "sampling_ratio must be at most 1024, is 1025"),
    ("pooled_h: 2 pooled_w: 2 roi_end_mode: 4", "roi_end_mode must be 0 to 3, is 4"),
  ]) func `a wrong field is refused at its line`(_ settings: String, _ text: String) throws {
    let said = try suite.refusal("roi_align_param {\n\(settings)\n}", bottoms: [[1, 1, 4, 4], [1, 5]])
    #expect(said.contains(text), "\(said)")
    #expect(said.hasPrefix("case.prototxt:2:") || said.hasPrefix("case.prototxt:3:"), "\(said)")
  }

  @Test func `it refuses other shapes`() throws {
    #expect(try suite.refusal(Self.settings(1, 1), bottoms: [[1, 4, 4], [1, 5]]).contains("needs a bottom 0 of"))
    #expect(try suite.refusal(Self.settings(1, 1), bottoms: [[1, 1, 4, 4], [5]]).contains("needs a bottom 1 of"))
  }
}
