import Kernels
import LayerGraph
import Tensors
import TestSupport
import Testing

@testable import Layers

@Suite("ReLU6 layer") struct ReLU6LayerTests {
  static let cases: [LayerCase] = [
    LayerCase("image", "", bottoms: [[3, 17, 5, 4]], range: -9...9),
    LayerCase("large", "", bottoms: [[1, 3, 100, 120]], range: -9...9),
    LayerCase("slope", "relu6_param { negative_slope: 0.1 }", bottoms: [[5, 3]], range: -9...9),
  ]
  let suite = LayerSuite(ReLU6Layer.self)

  @Test(arguments: cases) func `kernel agrees with the plain loops`(_ c: LayerCase) throws { try suite.run(c) }

  @Test func `values by hand`() throws {
    let x = Tensor(shape: [2, 3], [-2, 0, 3, 6, 7, -.infinity])
    #expect(try suite.top("", [x]).array == [0, 0, 3, 6, 6, 0])
    // -2 * 0.5 = -1, and 7 is still cut.
    #expect(try suite.top("relu6_param { negative_slope: 0.5 }", [x]).array == [-1, 0, 3, 6, 6, -.infinity])
  }

  @Test func `it refuses a slope that is no number`() throws {
    #expect(
      try suite.refusal("relu6_param { negative_slope: inf }", bottoms: [[3]]).hasPrefix(
        "case.prototxt:2:15: error: layer 'l' (ReLU6): negative_slope must be a finite number, is inf"))
  }

  @Test func `without slope it is a post-op, and it is not quantized unless asked`() throws {
    let layer = try suite.makeLayer(Self.cases[0])
    let shapes = LayerShapes(bottoms: [[3]], tops: [[3]])
    #expect(layer.postOp(shapes, []) == .function(.clip(low: 0, high: 6)))
    #expect(try suite.makeLayer(Self.cases[2]).postOp(shapes, []) == nil)
    #expect(layer.quantization == .data(on: false))
  }
}
