import Kernels
import LayerGraph
import Tensors
import TestSupport
import Testing

@testable import Layers

@Suite("ELU layer") struct ELULayerTests {
  static let cases: [LayerCase] = [
    LayerCase("image", "", bottoms: [[3, 17, 5, 4]], range: -20...5),
    LayerCase("alpha", "elu_param { alpha: 0.25 }", bottoms: [[1, 3, 100, 120]]),
    LayerCase("vector", "elu_param { alpha: -2 }", bottoms: [[5, 3]]),
  ]
  let suite = LayerSuite(ELULayer.self)

  @Test(arguments: cases) func `kernel agrees with the plain loops`(_ c: LayerCase) throws { try suite.run(c) }

  @Test func `values by hand`() throws {
    // 0.5 * (1/2 - 1) = -0.25 at x = -ln 2; positive values pass.
    let y = try suite.top("elu_param { alpha: 0.5 }", [Tensor(shape: [3], [-0.6931472, 0, 3])])
    #expect(abs(y[0] + 0.25) < 1e-7)
    #expect(y[1] == 0)
    #expect(y[2] == 3)
  }

  @Test func `it refuses an alpha that is no number`() throws {
    #expect(
      try suite.refusal("elu_param { alpha: nan }", bottoms: [[3]]).hasPrefix(
        "case.prototxt:2:13: error: layer 'l' (ELU): alpha must be a finite number, is nan"))
  }

  @Test func `it is a post-op and quantized by default`() throws {
    let layer = try suite.makeLayer(LayerCase("c", "elu_param { alpha: 2 }", bottoms: [[3]]))
    #expect(layer.postOp(LayerShapes(bottoms: [[3]], tops: [[3]]), []) == .function(.elu(alpha: 2)))
    #expect(layer.quantization == .data())
  }
}
