import Kernels
import LayerGraph
import Tensors
import TestSupport
import Testing

@testable import Layers

@Suite("Erf layer") struct ErfLayerTests {
  static let cases: [LayerCase] = [
    LayerCase("image", "", bottoms: [[3, 17, 5, 4]], range: -10...10),
    LayerCase("large", "", bottoms: [[1, 3, 100, 120]], range: -10...10),
    LayerCase("vector", "", bottoms: [[5, 3]], range: -10...10),
  ]
  let suite = LayerSuite(ErfLayer.self)

  @Test(arguments: cases) func `kernel agrees with the plain loops`(_ c: LayerCase) throws { try suite.run(c) }

  @Test func `values that scipy.special.erf computed`() throws {
    let y = try suite.top("", [Tensor(shape: [2, 3], [-2, -0.5, 0, 0.25, 1, 3])])
    let want: [Float] = [-0.9953223, -0.5204999, 0, 0.2763264, 0.8427008, 0.9999779]
    #expect(Agreement.relativeToLargest(1e-7).firstDisagreement(y, Tensor(shape: [2, 3], want)) == nil)
  }

  @Test func `ends`() throws {
    let y = try suite.top("", [Tensor(shape: [3], [.infinity, -.infinity, .nan])])
    #expect(y[0] == 1 && y[1] == -1 && y[2].isNaN)
  }

  @Test func `its role in quantization`() throws {
    #expect(try suite.makeLayer(Self.cases[0]).quantization == .data(on: false))
  }
}
