import Kernels
import LayerGraph
import Tensors
import TestSupport
import Testing

@testable import Layers

@Suite("Sigmoid layer") struct SigmoidLayerTests {
  static let cases: [LayerCase] = [
    LayerCase("image", "", bottoms: [[3, 17, 5, 4]], range: -20...20),
    LayerCase("large", "", bottoms: [[1, 3, 100, 120]]),
    LayerCase("far left", "", bottoms: [[1, 40]], range: -80 ... -60),
    LayerCase("vector", "", bottoms: [[5, 3]], range: -100...100),
  ]
  let suite = LayerSuite(SigmoidLayer.self)

  @Test(arguments: cases) func `kernel agrees with the plain loops`(_ c: LayerCase) throws { try suite.run(c) }

  @Test func `values by hand`() throws {
    // 1 / (1 + 3) at x = -ln 3, 3 / 4 at ln 3.
    let y = try suite.top("", [Tensor(shape: [5], [-1.0986123, 0, 1.0986123, 200, -200])])
    #expect(abs(y[0] - 0.25) < 1e-7)
    #expect(y[1] == 0.5)
    #expect(abs(y[2] - 0.75) < 1e-7)
    #expect(y[3] == 1)
    #expect(y[4] == 0)
  }

  @Test func `it is a post-op and quantized by default`() throws {
    let layer = try suite.makeLayer(LayerCase("c", "", bottoms: [[3]]))
    #expect(layer.postOp(LayerShapes(bottoms: [[3]], tops: [[3]]), []) == .function(.logistic))
    #expect(layer.quantization == .data())
  }
}
