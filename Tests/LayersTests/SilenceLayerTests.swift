import Kernels
import LayerGraph
import Tensors
import TestSupport
import Testing

@testable import Layers

@Suite("Silence layer") struct SilenceLayerTests {
  let suite = LayerSuite(SilenceLayer.self)

  @Test func `it reads and makes nothing`() throws {
    try suite.run(LayerCase("two", "", bottoms: [[2, 3], [4]], topCount: 0))
    #expect(SilenceLayer.arity == Arity(bottoms: 1...Int.max, tops: 0...0))
    #expect(try suite.makeLayer(LayerCase("c", "", bottoms: [[2]], topCount: 0)).quantization == .none)
  }
}
