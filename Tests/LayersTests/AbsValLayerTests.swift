import Kernels
import LayerGraph
import Tensors
import TestSupport
import Testing

@testable import Layers

@Suite("AbsVal layer") struct AbsValLayerTests {
  static let cases: [LayerCase] = [
    LayerCase("image", "", bottoms: [[3, 17, 5, 4]]),
    LayerCase("large", "", bottoms: [[1, 3, 100, 120]]),
    LayerCase("vector", "", bottoms: [[5, 3]]),
  ]
  let suite = LayerSuite(AbsValLayer.self)

  @Test(arguments: cases) func `kernel agrees with the plain loops`(_ c: LayerCase) throws { try suite.run(c) }

  @Test func `values by hand`() throws {
    let y = try suite.top("", [Tensor(shape: [4], [-2, 0, 3, -.infinity])])
    #expect(y.array == [2, 0, 3, .infinity])
  }

  @Test func `it is a post-op and not quantized unless asked`() throws {
    let layer = try suite.makeLayer(LayerCase("c", "", bottoms: [[3]]))
    #expect(layer.postOp(LayerShapes(bottoms: [[3]], tops: [[3]]), []) == .function(.abs))
    #expect(layer.quantization == .data(on: false))
  }
}
