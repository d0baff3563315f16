import Kernels
import LayerGraph
import Tensors
import TestSupport
import Testing

@testable import Layers

@Suite("Ceil layer") struct CeilLayerTests {
  static let cases: [LayerCase] = [
    LayerCase("image", "", bottoms: [[3, 17, 5, 4]], range: -20...20),
    LayerCase("large", "", bottoms: [[1, 3, 100, 120]], range: -20...20),
    LayerCase("vector", "", bottoms: [[5, 3]], range: -20...20),
  ]
  let suite = LayerSuite(CeilLayer.self)

  @Test(arguments: cases) func `kernel agrees with the plain loops`(_ c: LayerCase) throws { try suite.run(c) }

  @Test func `values by hand`() throws {
    let y = try suite.top("", [Tensor(shape: [2, 4], [-1.5, -1, -0.25, 0, 0.25, 1, 1.5, 3e9])])
    #expect(y.array == [-1, -1, 0, 0, 1, 1, 2, 3e9])
    #expect(try suite.top("", [Tensor(shape: [1], [.nan])])[0].isNaN)
  }

  @Test func `its role in quantization`() throws {
    #expect(try suite.makeLayer(Self.cases[0]).quantization == .data())
  }
}
