import Kernels
import LayerGraph
import Tensors
import TestSupport
import Testing

@testable import Layers

@Suite("Sqrt layer") struct SqrtLayerTests {
  static let cases: [LayerCase] = [
    LayerCase("image", "", bottoms: [[3, 17, 5, 4]], range: 0...20),
    LayerCase("large", "", bottoms: [[1, 3, 100, 120]], range: 0...20),
    LayerCase("negative", "", bottoms: [[2, 17, 3, 3]], range: -1...1),
    LayerCase("vector", "", bottoms: [[5, 3]], range: 0...20),
  ]
  let suite = LayerSuite(SqrtLayer.self)

  @Test(arguments: cases) func `kernel agrees with the plain loops`(_ c: LayerCase) throws { try suite.run(c) }

  @Test func `values by hand`() throws {
    let y = try suite.top("", [Tensor(shape: [2, 2], [0, 4, 0.25, .infinity])])
    #expect(y.array == [0, 2, 0.5, .infinity])
    #expect(try suite.top("", [Tensor(shape: [1], [-1])])[0].isNaN)
  }

  @Test func `its role in quantization`() throws {
    #expect(try suite.makeLayer(Self.cases[0]).quantization == .data())
  }
}
