import Kernels
import LayerGraph
import Tensors
import TestSupport
import Testing

@testable import Layers

@Suite("CReLU layer") struct CReLULayerTests {
  static let cases: [LayerCase] = [
    LayerCase("image", "", bottoms: [[3, 17, 5, 4]]),
    LayerCase("large", "crelu_param { negative_slope: 0.25 }", bottoms: [[2, 3, 101, 121]]),
    LayerCase("last axis", "crelu_param { concat_axis: -1 }", bottoms: [[3, 5, 7]]),
    LayerCase("first axis", "crelu_param { concat_axis: 0 }", bottoms: [[3, 5]]),
  ]
  let suite = LayerSuite(CReLULayer.self)

  @Test(arguments: cases) func `kernel agrees with the plain loops`(_ c: LayerCase) throws { try suite.run(c) }

  @Test func `values by hand`() throws {
    let x = Tensor(shape: [2, 2], [1, -2, -3, 0])
    // Each item: its positive part, then that of its negative.
    let y = try suite.top("", [x])
    #expect(y.shape == [2, 4])
    #expect(y.array == [1, 0, 0, 2, 0, 0, 3, 0])
    let z = try suite.top("crelu_param { concat_axis: 0 negative_slope: 0.5 }", [x])
    #expect(z.shape == [4, 2])
    #expect(z.array == [1, -1, -1.5, 0, -0.5, 2, 3, 0])
  }

  @Test func `it refuses an axis that is not there and a slope that is no number`() throws {
    #expect(
      try suite.refusal("crelu_param { concat_axis: 2 }", bottoms: [[2, 3]]).contains(
        "has concat_axis 2, outside its bottom [2, 3]"))
    #expect(
      try suite.refusal("crelu_param { negative_slope: nan }", bottoms: [[2, 3]]).hasPrefix(
        "case.prototxt:2:15: error: layer 'l' (CReLU): negative_slope must be a finite number, is nan"))
    #expect(
      try suite.refusal("", bottoms: [[65536, 65536]]).contains("has a bottom of [65536, 65536], more than"))
  }

  @Test func `its role in quantization`() throws {
    #expect(try suite.makeLayer(Self.cases[0]).quantization == .data())
  }
}
