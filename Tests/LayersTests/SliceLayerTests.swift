import LayerGraph
import Tensors
import TestSupport
import Testing

@testable import Layers

@Suite("Slice layer") struct SliceLayerTests {
  static let cases: [LayerCase] = [
    LayerCase("equal parts", "", bottoms: [[2, 6, 3, 4]], topCount: 3),
    LayerCase("whole blocks", "slice_param { slice_point: 16 }", bottoms: [[2, 64, 3, 3]], topCount: 2),
    LayerCase("odd channels", "slice_param { slice_point: 3 slice_point: 4 }", bottoms: [[3, 21, 2, 2]], topCount: 3),
    LayerCase("samples", "slice_param { axis: 0 }", bottoms: [[4, 17, 1, 1]], topCount: 2),
    LayerCase("columns, old spelling", "slice_param { slice_dim: 3 slice_point: 1 }", bottoms: [[1, 17, 2, 5]], topCount: 2),
    LayerCase("one top", "", bottoms: [[1, 6]]),
  ]
  let suite = LayerSuite(SliceLayer.self)

  @Test(arguments: cases) func `kernel agrees with the plain loops`(_ c: LayerCase) throws { try suite.run(c) }

  @Test func `columns are cut at the points, by hand`() throws {
    let c = LayerCase("c", "slice_param { slice_point: 1 }", bottoms: [[2, 3]], topCount: 2)
    let tops = try suite.reference(c, [Tensor(shape: [2, 3], [1, 2, 3, 4, 5, 6])], params: [])
    #expect(tops.map(\.shape) == [[2, 1], [2, 2]])
    #expect(tops.map(\.array) == [[1, 4], [2, 3, 5, 6]])
  }

  @Test(arguments: [
    ("slice_point: 1", 3, "has 1 slice_point for 3 tops, needs 2"),
    ("slice_point: 3 slice_point: 3", 3, "slice_point must rise from above 0, has 3 after 3"),
    ("slice_point: 0", 2, "slice_point must rise from above 0, has 0 after 0"),
    ("slice_point: 6", 2, "has slice_point 6, outside axis 1 of its bottom [2, 6]"),
    ("axis: 1", 4, "cannot cut axis 1 of its bottom [2, 6] into 4 equal tops"),
    ("axis: 2", 2, "has axis 2, outside its bottom [2, 6]"),
    ("axis: 1 slice_dim: 1", 2, "axis and slice_dim are both set"),
  ]) func `wrong points are refused`(_ text: String, _ tops: Int, _ message: String) throws {
    #expect(try suite.refusal("slice_param { \(text) }", bottoms: [[2, 6]], topCount: tops).contains(message))
  }
}
