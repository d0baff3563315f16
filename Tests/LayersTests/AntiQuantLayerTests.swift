import Kernels
import LayerGraph
import Tensors
import TestSupport
import Testing

@testable import Layers

@Suite("AntiQuant layer") struct AntiQuantLayerTests {
  static let cases: [LayerCase] = [
    LayerCase("image", "", bottoms: [[3, 17, 5, 4]])
  ]
  let suite = LayerSuite(AntiQuantLayer.self)

  @Test(arguments: cases) func `kernel agrees with the plain loops`(_ c: LayerCase) throws { try suite.run(c) }

  @Test func `values stay as they are`() throws {
    let x = Tensor(shape: [3], [-2, 0.5, 3])
    #expect(try suite.top("", [x]) == x)
    let layer = try suite.makeLayer(LayerCase("c", "", bottoms: [[3]]))
    #expect(layer.topsAreViews)
    #expect(layer.quantization == .none)
  }
}
