import Kernels
import LayerGraph
import Tensors
import TestSupport
import Testing

@testable import Layers

@Suite("ReLU layer") struct ReLULayerTests {
  static let cases: [LayerCase] = [
    LayerCase("image", "", bottoms: [[2, 17, 5, 4]]),
    LayerCase("leaky", "relu_param { negative_slope: 0.1 }", bottoms: [[1, 3, 100, 120]]),
    LayerCase("1x1", "", bottoms: [[3, 16, 1, 1]]),
    LayerCase("vector", "relu_param { negative_slope: 2 }", bottoms: [[5]]),
  ]
  let suite = LayerSuite(ReLULayer.self)

  @Test(arguments: cases) func `kernel agrees with the plain loops`(_ c: LayerCase) throws { try suite.run(c) }

  @Test func `negative values by hand`() throws {
    let x = Tensor(shape: [3], [-2, 0, 3])
    #expect(try suite.top("", [x]).array == [0, 0, 3])
    #expect(try suite.top("relu_param { negative_slope: 0.25 }", [x]).array == [-0.5, 0, 3])
  }

  @Test func `not a number stays not a number`() throws {
    #expect(try suite.top("", [Tensor(shape: [1], [.nan])])[0].isNaN)
  }

  @Test func `it is a post-op with its slope`() throws {
    let shapes = LayerShapes(bottoms: [[3]], tops: [[3]])
    let layer = try suite.makeLayer(LayerCase("c", "relu_param { negative_slope: 0.25 }", bottoms: [[3]]))
    #expect(layer.postOp(shapes, []) == .function(.relu(slope: 0.25)))
    #expect(layer.quantization == .data(on: false))
  }
}
