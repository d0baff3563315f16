import Kernels
import LayerGraph
import Tensors
import TestSupport
import Testing

@testable import Layers

@Suite("Bias layer") struct BiasLayerTests {
  static let cases: [LayerCase] = [
    LayerCase("channels", "", bottoms: [[2, 17, 5, 4]]),
    LayerCase("1x1", "", bottoms: [[1, 3, 1, 1]]),
    LayerCase("two axes", "bias_param { axis: 1 num_axes: 2 }", bottoms: [[3, 3, 4, 5]]),
    LayerCase("one for everything", "bias_param { num_axes: 0 }", bottoms: [[2, 3, 4]]),
    LayerCase("second bottom", "bias_param { axis: 0 }", bottoms: [[3, 17, 4, 4], [3, 17]]),
  ]
  let suite = LayerSuite(BiasLayer.self)

  @Test(arguments: cases) func `kernel agrees with the plain loops`(_ c: LayerCase) throws { try suite.run(c) }

  @Test func `channels by hand`() throws {
    let top = try suite.top("", [Tensor(shape: [1, 2, 2], [1, 2, 3, 4])], params: [Tensor(shape: [2], [10, -10])])
    #expect(top.array == [11, 12, -7, -6])
  }

  @Test func `a learned bias along axis 1 is a post-op`() throws {
    let shapes = LayerShapes(bottoms: [[1, 2, 2]], tops: [[1, 2, 2]])
    let layer = try suite.makeLayer(LayerCase("c", "", bottoms: shapes.bottoms))
    #expect(layer.postOp(shapes, [Tensor(shape: [2], [3, 4])]) == .affine(scale: [1, 1], shift: [3, 4]))
  }

  @Test func `wrong axes are refused`() throws {
    #expect(try suite.refusal("bias_param { axis: 3 }", bottoms: [[1, 2]]).contains("has axis 3, outside its bottom [1, 2]"))
    #expect(
      try suite.refusal("", bottoms: [[1, 2, 3], [3]])
        .contains("needs a second bottom with the extents of [1, 2, 3] from axis 1 on, got [3]"))
  }
}
