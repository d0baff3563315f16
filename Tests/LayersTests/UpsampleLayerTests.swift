import LayerGraph
import Tensors
import TestSupport
import Testing

@testable import Layers

@Suite("Upsample layer") struct UpsampleLayerTests {
  static let cases: [LayerCase] = [
    LayerCase("twice", "upsample_param { scale: 2 }", bottoms: [[2, 17, 5, 4]]),
    LayerCase("not at all", "upsample_param { scale: 1 }", bottoms: [[1, 3, 2, 2]]),
    LayerCase(
      "oblong, multiplied", "upsample_param { scale: 0.5 stride_h: 3 stride_w: 1 }", bottoms: [[1, 3, 40, 37]]),
  ]
  let suite = LayerSuite(UpsampleLayer.self)

  @Test(arguments: cases) func `kernel agrees with the plain loops`(_ c: LayerCase) throws { try suite.run(c) }

  @Test(
    arguments: [
      // scale alone enlarges.
      ("scale: 2", [1, 1, 4, 4], [1, 1, 2, 2, 1, 1, 2, 2, 3, 3, 4, 4, 3, 3, 4, 4]),
      // With a stride the stride enlarges, and scale multiplies.
      ("stride: 2 scale: 3", [1, 1, 4, 4], [3, 3, 6, 6, 3, 3, 6, 6, 9, 9, 12, 12, 9, 9, 12, 12]),
      ("stride_h: 1 stride_w: 3", [1, 1, 2, 6], [1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4]),
      ("", [1, 1, 4, 4], [1, 1, 2, 2, 1, 1, 2, 2, 3, 3, 4, 4, 3, 3, 4, 4]),
    ] as [(String, Shape, [Float])])
  func `a square by hand`(_ settings: String, _ shape: Shape, _ want: [Float]) throws {
    let top = try suite.top("upsample_param { \(settings) }", [Tensor(shape: [1, 1, 2, 2], [1, 2, 3, 4])])
    #expect(top == Tensor(shape: shape, want))
  }

  @Test func `it refuses parts of a place, and other ranks`() throws {
    #expect(
      try suite.refusal("upsample_param { scale: 1.5 }", bottoms: [[1, 1, 2, 2]]).hasPrefix(
        "case.prototxt:2:18: error: layer 'l' (Upsample): scale must be a whole number from 1 to 4096"))
    #expect(try suite.refusal("upsample_param { stride: 0 }", bottoms: [[1, 1, 2, 2]]).contains("must be positive"))
    #expect(try suite.refusal("", bottoms: [[2, 2]]).contains("needs a bottom of [N, C, H, W], got [2, 2]"))
  }
}
