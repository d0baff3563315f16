import Kernels
import LayerGraph
import Tensors
import TestSupport
import Testing

@testable import Layers

@Suite("Sin layer") struct SinLayerTests {
  static let cases: [LayerCase] = [
    LayerCase("image", "", bottoms: [[3, 17, 5, 4]], range: -10...10),
    LayerCase("large", "", bottoms: [[1, 3, 100, 120]], range: -10...10),
    LayerCase("vector", "", bottoms: [[5, 3]], range: -10...10),
  ]
  let suite = LayerSuite(SinLayer.self)

  @Test(arguments: cases) func `kernel agrees with the plain loops`(_ c: LayerCase) throws { try suite.run(c) }

  @Test func `values that numpy computed`() throws {
    let y = try suite.top("", [Tensor(shape: [2, 3], [0, 0.5, 1, 2, -3, 100])])
    let want: [Float] = [0, 0.47942555, 0.84147096, 0.9092974, -0.14112, -0.50636566]
    #expect(Agreement.relativeToLargest(1e-7).firstDisagreement(y, Tensor(shape: [2, 3], want)) == nil)
  }

  @Test func `ends`() throws {
    let y = try suite.top("", [Tensor(shape: [3], [.infinity, -.infinity, .nan])])
    #expect(y.array.allSatisfy { $0.isNaN })
  }

  @Test func `its role in quantization`() throws {
    #expect(try suite.makeLayer(Self.cases[0]).quantization == .data(on: false))
  }
}
