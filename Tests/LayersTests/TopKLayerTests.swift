import Kernels
import LayerGraph
import Tensors
import TestSupport
import Testing

@testable import Layers

@Suite("TopK layer") struct TopKLayerTests {
  static let cases: [LayerCase] = [
    LayerCase("rows", "topk_param { top_k: 5 }", bottoms: [[3, 17, 5, 40]]),
    LayerCase("many", "topk_param { top_k: 50 }", bottoms: [[3, 100]], topCount: 2),
    LayerCase("channels", "topk_param { axis: 1 top_k: 3 largest: false }", bottoms: [[2, 35, 30, 31]], topCount: 2),
    LayerCase("long", "topk_param { axis: 0 top_k: 3 }", bottoms: [[70000, 3]], topCount: 2),
    LayerCase("one", "", bottoms: [[5, 3]], topCount: 2),
  ]
  let suite = LayerSuite(TopKLayer.self)

  @Test(arguments: cases) func `kernel agrees with the plain loops`(_ c: LayerCase) throws { try suite.run(c) }

  @Test func `values by hand`() throws {
    let x = Tensor(shape: [2, 4], [3, -1, 2, 3, 0, 5, -4, 1])
    func tops(_ settings: String) throws -> [Tensor] {
      try suite.reference(LayerCase("c", "topk_param { \(settings) }", bottoms: [[2, 4]], topCount: 2), [x])
    }
    var t = try tops("top_k: 3")
    #expect(t[0] == Tensor(shape: [2, 3], [3, 3, 2, 5, 1, 0]))
    #expect(t[1] == Tensor(shape: [2, 3], [0, 3, 2, 1, 3, 0]))
    t = try tops("top_k: 2 largest: false sorted: false")
    #expect(t[0].array == [-1, 2, -4, 0])
    #expect(t[1].array == [1, 2, 2, 0])
    t = try tops("axis: 0")
    #expect(t[0] == Tensor(shape: [1, 4], [3, 5, 2, 3]))
    #expect(t[1].array == [0, 1, 0, 0])
  }

  @Test func `NaN comes last`() throws {
    let x = Tensor(shape: [3], [.nan, -.infinity, 1])
    #expect(try suite.top("topk_param { top_k: 2 }", [x]).array == [1, -.infinity])
    #expect(try suite.top("topk_param { top_k: 2 largest: false }", [x]).array == [-.infinity, 1])
  }

  @Test func `it refuses more than there are`() throws {
    #expect(try suite.refusal("", bottoms: [[2, 0]]).contains("has nothing to choose from in its bottom [2, 0]"))
    #expect(
      try suite.refusal("topk_param { top_k: 4 }", bottoms: [[2, 3]]).contains(
        "has top_k 4, more than the 3 values on axis 1 of its bottom [2, 3]"))
    #expect(
      try suite.refusal("topk_param { top_k: 0 }", bottoms: [[2, 3]]).hasPrefix(
        "case.prototxt:2:14: error: layer 'l' (TopK): top_k must be positive, is 0"))
    #expect(
      try suite.refusal("topk_param { axis: -3 }", bottoms: [[2, 3]]).contains("has axis -3, outside its bottom [2, 3]")
    )
  }

  @Test func `its role in quantization`() throws {
    #expect(try suite.makeLayer(Self.cases[0]).quantization == .data(on: false))
  }
}
