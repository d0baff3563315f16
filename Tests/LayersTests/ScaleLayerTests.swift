import Kernels
import LayerGraph
import Tensors
import TestSupport
import Testing

@testable import Layers

@Suite("Scale layer") struct ScaleLayerTests {
  static let cases: [LayerCase] = [
    LayerCase("channels", "scale_param { bias_term: true }", bottoms: [[2, 17, 5, 4]]),
    LayerCase("no bias, whole blocks", "", bottoms: [[1, 32, 20, 20]]),
    LayerCase("vectors", "scale_param { bias_term: true }", bottoms: [[3, 10]]),
    LayerCase("two axes", "scale_param { axis: 1 num_axes: 2 bias_term: true }", bottoms: [[2, 3, 4, 5]]),
    LayerCase("all axes from 2", "scale_param { axis: 2 num_axes: -1 }", bottoms: [[2, 17, 4, 5]]),
    LayerCase("one for everything", "scale_param { num_axes: 0 bias_term: true }", bottoms: [[2, 3, 4]]),
    LayerCase("samples and channels", "scale_param { axis: 0 num_axes: 2 bias_term: true }", bottoms: [[3, 17, 2, 2]]),
    LayerCase("second bottom", "scale_param { axis: 0 }", bottoms: [[3, 17, 4, 4], [3, 17]]),
    LayerCase("second bottom with bias", "scale_param { axis: -2 bias_term: true }", bottoms: [[2, 5, 3, 4], [3]]),
    LayerCase("second bottom of the same shape", "scale_param { axis: 0 }", bottoms: [[2, 3, 4], [2, 3, 4]]),
    LayerCase("second bottom of one value", "", bottoms: [[2, 3, 4], []]),
  ]
  let suite = LayerSuite(ScaleLayer.self)

  @Test(arguments: cases) func `kernel agrees with the plain loops`(_ c: LayerCase) throws { try suite.run(c) }

  @Test func `channels by hand`() throws {
    let top = try suite.top(
      "scale_param { bias_term: true }", [Tensor(shape: [1, 2, 2], [1, 2, 3, 4])],
      params: [Tensor(shape: [2], [10, 100]), Tensor(shape: [2], [1, -1])])
    #expect(top.array == [11, 21, 299, 399])
  }

  @Test func `a second bottom by hand`() throws {
    let top = try suite.top(
      "scale_param { axis: 0 }", [Tensor(shape: [2, 2], [1, 2, 3, 4]), Tensor(shape: [2], [10, 100])])
    #expect(top.array == [10, 20, 300, 400])
  }

  @Test func `only a learned scale along axis 1 is a post-op`() throws {
    let bottoms: [Shape] = [[1, 2, 2]]
    let shapes = LayerShapes(bottoms: bottoms, tops: bottoms)
    let scale = Tensor(shape: [2], [3, 4])
    func op(_ settings: String, _ params: [Tensor]) throws -> PostOp? {
      try suite.makeLayer(LayerCase("c", settings, bottoms: bottoms)).postOp(shapes, params)
    }
    #expect(try op("", [scale]) == .affine(scale: [3, 4], shift: [0, 0]))
    #expect(try op("scale_param { bias_term: true }", [scale, scale]) == .affine(scale: [3, 4], shift: [3, 4]))
    #expect(try op("scale_param { axis: 2 }", [scale]) == nil)
    #expect(try op("scale_param { axis: 0 num_axes: 2 }", [scale]) == nil)
  }

  @Test func `wrong axes are refused`() throws {
    #expect(
      try suite.refusal("scale_param {\nnum_axes: -2 }", bottoms: [[1, 2]])
        == "case.prototxt:3:1: error: layer 'l' (Scale): num_axes must be -1 or more, is -2")
    #expect(try suite.refusal("scale_param { axis: 2 }", bottoms: [[1, 2]]).contains("has axis 2, outside its bottom [1, 2]"))
    #expect(
      try suite.refusal("scale_param { num_axes: 2147483647 }", bottoms: [[1, 2]])
        .contains("has num_axes 2147483647 from axis 1 on, more than its bottom [1, 2] has"))
    #expect(
      try suite.refusal("", bottoms: [[1, 2, 3], [3]])
        .contains("needs a second bottom with the extents of [1, 2, 3] from axis 1 on, got [3]"))
  }
}
