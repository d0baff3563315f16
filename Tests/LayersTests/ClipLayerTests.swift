import Kernels
import LayerGraph
import Tensors
import TestSupport
import Testing

@testable import Layers

@Suite("Clip layer") struct ClipLayerTests {
  static let cases: [LayerCase] = [
    LayerCase("image", "clip_param { min: -0.5 max: 0.25 }", bottoms: [[3, 17, 5, 4]]),
    LayerCase("above zero", "clip_param { min: 0.5 max: 0.75 }", bottoms: [[3, 17, 5, 4]]),
    LayerCase("large", "clip_param { min: 0 max: 6 }", bottoms: [[1, 3, 100, 120]], range: -9...9),
    LayerCase("vector", "clip_param { min: -inf max: 0 }", bottoms: [[5, 3]]),
  ]
  let suite = LayerSuite(ClipLayer.self)

  @Test(arguments: cases) func `kernel agrees with the plain loops`(_ c: LayerCase) throws { try suite.run(c) }

  @Test func `values by hand`() throws {
    let x = Tensor(shape: [2, 3], [-2, -1, 0, 1.5, 2, 7])
    #expect(try suite.top("clip_param { min: -1 max: 2 }", [x]).array == [-1, -1, 0, 1.5, 2, 2])
    #expect(try suite.top("clip_param { min: 1 max: 1 }", [x]).array == [1, 1, 1, 1, 1, 1])
    #expect(try suite.top("clip_param { min: -1 max: 2 }", [Tensor(shape: [1], [.nan])])[0].isNaN)
  }

  @Test func `it refuses bounds that are missing, no numbers or the wrong way round`() throws {
    #expect(
      try suite.refusal("clip_param { min: 2 max: 1 }", bottoms: [[3]]).hasPrefix(
        "case.prototxt:2:14: error: layer 'l' (Clip): min 2.0 is above max 1.0"))
    #expect(
      try suite.refusal("clip_param { min: 2 max: nan }", bottoms: [[3]]).hasPrefix(
        "case.prototxt:2:21: error: layer 'l' (Clip): max must be a number, is nan"))
    #expect(
      try suite.refusal("", bottoms: [[3]]).hasPrefix(
        "case.prototxt:1:1: error: layer 'l' (Clip): needs clip_param with min and max"))
  }

  @Test func `it is a post-op and not quantized unless asked`() throws {
    let layer = try suite.makeLayer(LayerCase("c", "clip_param { min: 0 max: 6 }", bottoms: [[3]]))
    #expect(layer.postOp(LayerShapes(bottoms: [[3]], tops: [[3]]), []) == .function(.clip(low: 0, high: 6)))
    #expect(layer.quantization == .data(on: false))
  }
}
