import Kernels
import LayerGraph
import Tensors
import TestSupport
import Testing

@testable import Layers

@Suite("Sign layer") struct SignLayerTests {
  static let cases: [LayerCase] = [
    LayerCase("image", "", bottoms: [[3, 17, 5, 4]]),
    LayerCase("large", "", bottoms: [[1, 3, 100, 120]]),
    LayerCase("vector", "", bottoms: [[5, 3]]),
  ]
  let suite = LayerSuite(SignLayer.self)

  @Test(arguments: cases) func `kernel agrees with the plain loops`(_ c: LayerCase) throws { try suite.run(c) }

  @Test func `values by hand`() throws {
    let y = try suite.top("", [Tensor(shape: [2, 3], [-2, 0, 1e-30, -0.0, .infinity, -.infinity])])
    #expect(y.array == [-1, 0, 1, 0, 1, -1])
    #expect(try suite.top("", [Tensor(shape: [1], [.nan])])[0].isNaN)
  }

  @Test func `its role in quantization`() throws {
    #expect(try suite.makeLayer(Self.cases[0]).quantization == .data(on: false))
  }
}
