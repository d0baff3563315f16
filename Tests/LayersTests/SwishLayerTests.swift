import Kernels
import LayerGraph
import Tensors
import TestSupport
import Testing

@testable import Layers

@Suite("Swish layer") struct SwishLayerTests {
  static let cases: [LayerCase] = [
    LayerCase("image", "", bottoms: [[3, 17, 5, 4]], range: -20...20),
    LayerCase("large", "swish_param { beta: 0.25 }", bottoms: [[1, 3, 100, 120]]),
    LayerCase("vector", "swish_param { beta: -2 }", bottoms: [[5, 3]]),
  ]
  let suite = LayerSuite(SwishLayer.self)

  @Test(arguments: cases) func `kernel agrees with the plain loops`(_ c: LayerCase) throws { try suite.run(c) }

  @Test func `values that numpy computed`() throws {
    let x = Tensor(shape: [2, 3], [-2, -0.5, 0, 0.25, 1, 3])
    let one: [Float] = [-0.23840584, -0.18877034, 0, 0.14054413, 0.7310586, 2.8577223]
    let two: [Float] = [-0.03597242, -0.13447072, 0, 0.15561484, 0.8807971, 2.9925821]
    let near = Agreement.relativeToLargest(2e-7)
    #expect(try near.firstDisagreement(suite.top("", [x]), Tensor(shape: [2, 3], one)) == nil)
    #expect(try near.firstDisagreement(suite.top("swish_param { beta: 2 }", [x]), Tensor(shape: [2, 3], two)) == nil)
    // With beta 0 the gate is one half.
    #expect(try suite.top("swish_param { beta: 0 }", [x]).array == [-1, -0.25, 0, 0.125, 0.5, 1.5])
  }

  @Test func `far values`() throws {
    let y = try suite.top("", [Tensor(shape: [4], [.infinity, 1000, -1000, .nan])])
    #expect(y[0] == .infinity && y[1] == 1000 && y[2] == 0 && y[3].isNaN)
  }

  @Test func `it refuses a beta that is no number`() throws {
    #expect(
      try suite.refusal("swish_param { beta: nan }", bottoms: [[3]]).hasPrefix(
        "case.prototxt:2:15: error: layer 'l' (Swish): beta must be a finite number, is nan"))
  }

  @Test func `it is a post-op and not quantized unless asked`() throws {
    let layer = try suite.makeLayer(LayerCase("c", "swish_param { beta: 2 }", bottoms: [[3]]))
    #expect(layer.postOp(LayerShapes(bottoms: [[3]], tops: [[3]]), []) == .function(.swish(beta: 2)))
    #expect(layer.quantization == .data(on: false))
  }
}
