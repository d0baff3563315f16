import Glibc
import LayerGraph
import Tensors
import TestSupport
import Testing

@testable import Layers

@Suite("Softmax layer") struct SoftmaxLayerTests {
  static let cases: [LayerCase] = [
    LayerCase("classes", "", bottoms: [[3, 10]], range: -20...20),
    LayerCase("1x1 images", "", bottoms: [[1, 17, 1, 1]]),
    LayerCase("per pixel", "", bottoms: [[2, 3, 5, 7]], range: -5...5),
    LayerCase("last axis", "softmax_param { axis: 2 }", bottoms: [[2, 5, 21]]),
    LayerCase("first axis", "softmax_param { axis: -2 }", bottoms: [[4, 300]]),
    LayerCase("one class", "softmax_param { axis: 1 }", bottoms: [[2, 1, 3]]),
  ]
  let suite = LayerSuite(SoftmaxLayer.self)

  @Test(arguments: cases) func `kernel agrees with the plain loops`(_ c: LayerCase) throws { try suite.run(c) }

  @Test func `two classes by hand`() throws {
    // exp(0) : exp(ln 3) = 1 : 3, also far away from 0.
    let top = try suite.top("", [Tensor(shape: [2, 2], [0, log(3), 10000, 10000])])
    #expect(Agreement.ulps(2).firstDisagreement(top, Tensor(shape: [2, 2], [0.25, 0.75, 0.5, 0.5])) == nil)
  }

  @Test func `an axis outside the bottom is refused`() throws {
    #expect(
      try suite.refusal("softmax_param { axis: 2 }", bottoms: [[4, 300]]).contains("has axis 2, outside its bottom [4, 300]"))
  }
}
