import LayerGraph
import Tensors
import TestSupport
import Testing

@testable import Layers

@Suite("Interp layer") struct InterpLayerTests {
  static let cases: [LayerCase] = [
    LayerCase("larger", "interp_param { height: 9 width: 8 }", bottoms: [[2, 3, 4, 5]]),
    LayerCase("smaller", "interp_param { shrink_factor: 3 }", bottoms: [[1, 17, 40, 37]]),
    LayerCase("cropped", "interp_param { zoom_factor: 2 pad_beg: -1 pad_end: -2 }", bottoms: [[1, 3, 8, 7]]),
    LayerCase("one place", "interp_param { height: 3 width: 1 }", bottoms: [[1, 2, 1, 1]]),
  ]
  let suite = LayerSuite(InterpLayer.self)

  @Test(arguments: cases) func `kernel agrees with the plain loops`(_ c: LayerCase) throws { try suite.run(c) }

  @Test(
    arguments: [
      // The corners stay; between them 1 + (3 - 1) / 2 and so on.
      ("height: 1 width: 3", [1, 1, 1, 2], [1, 3], [1, 2, 3]),
      ("height: 3 width: 3", [1, 1, 2, 2], [0, 2, 4, 6], [0, 1, 2, 2, 3, 4, 4, 5, 6]),
      // (5 - 1) / 2 + 1 = 3 places, at 0, 2 and 4.
      ("shrink_factor: 2", [1, 1, 1, 5], [1, 2, 3, 4, 5], [1, 3, 5]),
      // 2 + (2 - 1) * 1 = 3 places.
      ("zoom_factor: 2", [1, 1, 1, 2], [1, 3], [1, 2, 3]),
      // Shrunk to 2, then 2 + 1 * 2 = 4: at 0, 4/3, 8/3 and 4 of 0, 3, 6, 9, 12.
      ("shrink_factor: 4 zoom_factor: 3", [1, 1, 1, 5], [0, 3, 6, 9, 12], [0, 4, 8, 12]),
      // The middle row and column are left.
      ("height: 1 width: 1 pad_beg: -1 pad_end: -1", [1, 1, 3, 3], [1, 2, 3, 4, 5, 6, 7, 8, 9], [5]),
    ] as [(String, Shape, [Float], [Float])])
  func `values by hand`(_ settings: String, _ shape: Shape, _ x: [Float], _ want: [Float]) throws {
    let top = try suite.top("interp_param { \(settings) }", [Tensor(shape: shape, x)])
    #expect(top.count == want.count)
    for (got, want) in zip(top.array, want) { #expect(abs(got - want) <= 2e-6, "\(top.array)") }
  }

  @Test func `it refuses what leaves no size`() throws {
    #expect(
      try suite.refusal("interp_param { height: 4 }", bottoms: [[1, 1, 2, 2]]).hasPrefix(
        "case.prototxt:2:1: error: layer 'l' (Interp): needs width"))
    #expect(try suite.refusal("interp_param { zoom_factor: 0 }", bottoms: [[1, 1, 2, 2]]).contains("must be positive"))
    #expect(
      try suite.refusal("interp_param { zoom_factor: 2 pad_beg: 1 }", bottoms: [[1, 1, 2, 2]]).contains(
        "pad_beg must be 0 or below"))
    #expect(
      try suite.refusal("interp_param { zoom_factor: 2 pad_beg: -2 }", bottoms: [[1, 1, 2, 2]]).contains(
        "which leaves nothing"))
  }
}
