import Kernels
import LayerGraph
import Tensors
import TestSupport
import Testing

@testable import Layers

@Suite("Cos layer") struct CosLayerTests {
  static let cases: [LayerCase] = [
    LayerCase("image", "", bottoms: [[3, 17, 5, 4]], range: -10...10),
    LayerCase("large", "", bottoms: [[1, 3, 100, 120]], range: -10...10),
    LayerCase("vector", "", bottoms: [[5, 3]], range: -10...10),
  ]
  let suite = LayerSuite(CosLayer.self)

  @Test(arguments: cases) func `kernel agrees with the plain loops`(_ c: LayerCase) throws { try suite.run(c) }

  @Test func `values that numpy computed`() throws {
    let y = try suite.top("", [Tensor(shape: [2, 3], [0, 0.5, 1, 2, -3, 100])])
    let want: [Float] = [1, 0.87758255, 0.5403023, -0.41614684, -0.9899925, 0.8623189]
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
