import Kernels
import LayerGraph
import Tensors
import TestSupport
import Testing

@testable import Layers

@Suite("Dropout layer") struct DropoutLayerTests {
  static let cases: [LayerCase] = [
    LayerCase("scaled", "dropout_param { dropout_ratio: 0.3 scale_train: false }", bottoms: [[3, 17, 5, 4]]),
    LayerCase("scaled vector", "dropout_param { scale_train: false }", bottoms: [[1, 3]]),
  ]
  let suite = LayerSuite(DropoutLayer.self)

  @Test(arguments: cases) func `kernel agrees with the plain loops`(_ c: LayerCase) throws { try suite.run(c) }

  let x = Tensor(shape: [3], [-2, 0, 3])

  @Test func `outside training it is the identity`() throws {
    #expect(try suite.top("dropout_param { dropout_ratio: 0.3 }", [x]) == x)
    let layer = try suite.makeLayer(LayerCase("c", "", bottoms: [[3]]))
    #expect(layer.topsAreViews)
    #expect(layer.quantization == .none)
  }

  @Test func `without scaling in training it scales here`() throws {
    // 1 - 0.25 = 0.75
    let settings = "dropout_param { dropout_ratio: 0.25 scale_train: false }"
    #expect(try suite.top(settings, [x]).array == [-1.5, 0, 2.25])
    #expect(try !suite.makeLayer(LayerCase("c", settings, bottoms: [[3]])).topsAreViews)
  }

  @Test func `it refuses a ratio beyond 1`() throws {
    #expect(
      try suite.refusal("dropout_param { dropout_ratio: 1.5 }", bottoms: [[3]]).hasPrefix(
        "case.prototxt:2:17: error: layer 'l' (Dropout): dropout_ratio must be in 0 ... 1, is 1.5"))
  }
}
