import Kernels
import LayerGraph
import Tensors
import TestSupport
import Testing

@testable import Layers

@Suite("Concat layer") struct ConcatLayerTests {
  static let cases: [LayerCase] = [
    LayerCase("channels", "", bottoms: [[2, 3, 4, 5], [2, 17, 4, 5], [2, 1, 4, 5]]),
    LayerCase("whole blocks", "", bottoms: [[2, 16, 3, 3], [2, 48, 3, 3]]),
    LayerCase("samples", "concat_param { axis: 0 }", bottoms: [[1, 17, 2, 2], [3, 17, 2, 2]]),
    LayerCase("rows", "concat_param { axis: -2 }", bottoms: [[2, 17, 2, 3], [2, 17, 5, 3]]),
    LayerCase("old spelling", "concat_param { concat_dim: 2 }", bottoms: [[1, 2, 3], [1, 2, 1]]),
    LayerCase("one bottom", "", bottoms: [[1, 2, 3]]),
    LayerCase("vectors", "", bottoms: [[3, 5], [3, 1]]),
  ]
  let suite = LayerSuite(ConcatLayer.self)

  @Test(arguments: cases) func `kernel agrees with the plain loops`(_ c: LayerCase) throws { try suite.run(c) }

  @Test func `rows are joined along the axis, by hand`() throws {
    let (a, b) = (Tensor(shape: [2, 1], [1, 2]), Tensor(shape: [2, 2], [3, 4, 5, 6]))
    #expect(try suite.top("", [a, b]).array == [1, 3, 4, 2, 5, 6])
    #expect(try suite.top("concat_param { axis: 0 }", [b, b]).array == [3, 4, 5, 6, 3, 4, 5, 6])
  }

  @Test func `whole blocks stay blocked, others become plain`() throws {
    for (channels, block) in [(32, 16), (20, 1)] {
      let c = LayerCase("c", "", bottoms: [[1, 16, 2, 2], [1, channels, 2, 2]])
      let layer = try suite.makeLayer(c)
      let layouts = c.bottoms.compactMap { Layout.blocked($0, block: 16) }
      let context = KernelContext(
        shapes: LayerShapes(bottoms: c.bottoms, tops: try layer.topShapes(c.bottoms)), params: [], bottomLayouts: layouts,
        backend: Backend(threads: 1))
      let kernel = try #require(try layer.makeKernel(context))
      #expect((kernel.bottomLayouts + kernel.topLayouts).map(\.channelBlock) == [block, block, block])
    }
  }

  @Test func `wrong settings and bottoms are refused`() throws {
    #expect(
      try suite.refusal("concat_param {\naxis: 1 concat_dim: 1 }", bottoms: [[1, 2]])
        == "case.prototxt:3:9: error: layer 'l' (Concat): axis and concat_dim are both set")
    #expect(try suite.refusal("concat_param { axis: 2 }", bottoms: [[1, 2]]).contains("has axis 2, outside its bottom [1, 2]"))
    #expect(
      try suite.refusal("", bottoms: [[1, 2, 3], [1, 2, 4]])
        .contains("needs bottoms that differ on axis 1 only, got [1, 2, 3] and [1, 2, 4]"))
  }
}
