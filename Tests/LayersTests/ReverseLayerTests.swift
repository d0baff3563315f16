import LayerGraph
import Tensors
import TestSupport
import Testing

@testable import Layers

@Suite("Reverse layer") struct ReverseLayerTests {
  static let cases: [LayerCase] = [
    LayerCase("time", "", bottoms: [[7, 3, 5]]),
    LayerCase("channels", "reverse_param { axis: 1 }", bottoms: [[2, 17, 9, 8]]),
    LayerCase("last axis", "reverse_param { axis: -1 }", bottoms: [[3, 5, 37]]),
    LayerCase("both", "reverse_param { axis: 2 axis: 3 }", bottoms: [[1, 3, 20, 21]]),
  ]
  let suite = LayerSuite(ReverseLayer.self)

  @Test(arguments: cases) func `kernel agrees with the plain loops`(_ c: LayerCase) throws { try suite.run(c) }

  @Test(
    arguments: [
      ("", [4, 5, 6, 1, 2, 3]), ("reverse_param { axis: 1 }", [3, 2, 1, 6, 5, 4]),
      ("reverse_param { axis: 0 axis: -1 }", [6, 5, 4, 3, 2, 1]),
    ] as [(String, [Float])])
  func `a matrix by hand`(_ settings: String, _ want: [Float]) throws {
    #expect(try suite.top(settings, [Tensor(shape: [2, 3], [1, 2, 3, 4, 5, 6])]).array == want)
  }

  @Test func `it refuses axes that are not there`() throws {
    #expect(
      try suite.refusal("reverse_param { axis: 2 }", bottoms: [[2, 3]]).contains("has axis 2, outside its bottom"))
  }
}
