import Kernels
import LayerGraph
import Tensors
import TestSupport
import Testing

@testable import Layers

@Suite("Hswish layer") struct HswishLayerTests {
  static let cases: [LayerCase] = [
    LayerCase("image", "", bottoms: [[3, 17, 5, 4]], range: -6...6),
    LayerCase("large", "", bottoms: [[1, 3, 100, 120]], range: -6...6),
    LayerCase("vector", "", bottoms: [[5, 3]], range: -6...6),
  ]
  let suite = LayerSuite(HswishLayer.self)

  @Test(arguments: cases) func `kernel agrees with the plain loops`(_ c: LayerCase) throws { try suite.run(c) }

  @Test func `values by hand`() throws {
    // -1 * 2 / 6, 1 * 4 / 6; whole from 3 on, nothing up to -3.
    let x = Tensor(shape: [2, 4], [-3, -1, 0, 1, 3, 1e38, -.infinity, -1e38])
    let want = Tensor(shape: [2, 4], [0, -1 / 3, 0, 2 / 3, 3, 1e38, 0, 0])
    #expect(try Agreement.ulps(1).firstDisagreement(suite.top("", [x]), want) == nil)
    #expect(try suite.top("", [Tensor(shape: [1], [.nan])])[0].isNaN)
  }

  @Test func `it refuses a slope, whose meaning nobody published`() throws {
    #expect(try suite.refusal("hswish_param { negative_slope: 0 }", bottoms: [[3]]) == "")
    #expect(
      try suite.refusal("hswish_param { negative_slope: 0.5 }", bottoms: [[3]]).hasPrefix(
        "case.prototxt:2:16: error: layer 'l' (Hswish): negative_slope other than 0 has no published meaning, is 0.5"))
  }

  @Test func `its role in quantization`() throws {
    #expect(try suite.makeLayer(Self.cases[0]).quantization == .data())
  }
}
