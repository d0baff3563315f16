import LayerGraph
import Tensors
import TestSupport
import Testing

@testable import Layers

@Suite("Split layer") struct SplitLayerTests {
  let suite = LayerSuite(SplitLayer.self)

  @Test(arguments: 1...3) func `every top is the bottom`(_ tops: Int) throws {
    let c = LayerCase("c", "", bottoms: [[2, 3]], topCount: tops)
    try suite.run(c)
    let bottom = Tensor(shape: [2, 3], [1, 2, 3, 4, 5, 6])
    #expect(try suite.reference(c, [bottom], params: []) == [Tensor](repeating: bottom, count: tops))
    #expect(try suite.makeLayer(c).topsAreViews)
  }
}
