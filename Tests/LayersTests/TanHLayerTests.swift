import Kernels
import LayerGraph
import Tensors
import TestSupport
import Testing

@testable import Layers

@Suite("TanH layer") struct TanHLayerTests {
  static let cases: [LayerCase] = [
    LayerCase("image", "", bottoms: [[3, 17, 5, 4]], range: -10...10),
    LayerCase("large", "", bottoms: [[1, 3, 100, 120]]),
    LayerCase("small", "", bottoms: [[7, 3]], range: -0.001...0.001),
  ]
  let suite = LayerSuite(TanHLayer.self)

  @Test(arguments: cases) func `kernel agrees with the plain loops`(_ c: LayerCase) throws { try suite.run(c) }

  @Test func `values by hand`() throws {
    // tanh(ln 2) = (2 - 1/2) / (2 + 1/2) = 0.6
    let y = try suite.top("", [Tensor(shape: [4], [0.6931472, -0.6931472, 0, 50])])
    #expect(abs(y[0] - 0.6) < 1e-7)
    #expect(abs(y[1] + 0.6) < 1e-7)
    #expect(y[2] == 0)
    #expect(y[3] == 1)
  }

  @Test func `it is a post-op and quantized by default`() throws {
    let layer = try suite.makeLayer(LayerCase("c", "", bottoms: [[3]]))
    #expect(layer.postOp(LayerShapes(bottoms: [[3]], tops: [[3]]), []) == .function(.tanh))
    #expect(layer.quantization == .data())
  }
}
