import Kernels
import LayerGraph
import Tensors
import TestSupport
import Testing

@testable import Layers

@Suite("ArgMax layer") struct ArgMaxLayerTests {
  static let cases: [LayerCase] = [
    LayerCase("image", "", bottoms: [[3, 17, 5, 4]]),
    LayerCase("pairs", "argmax_param { out_max_val: true top_k: 5 }", bottoms: [[3, 100]]),
    LayerCase("axis", "argmax_param { axis: 1 top_k: 3 }", bottoms: [[2, 35, 30, 31]]),
    LayerCase("axis, values", "argmax_param { axis: -1 top_k: 2 out_max_val: true }", bottoms: [[2, 5, 7]]),
    LayerCase("many", "argmax_param { top_k: 40 }", bottoms: [[1, 50]]),
  ]
  let suite = LayerSuite(ArgMaxLayer.self)

  @Test(arguments: cases) func `kernel agrees with the plain loops`(_ c: LayerCase) throws { try suite.run(c) }

  func shape(_ settings: String, _ bottoms: Shape...) throws -> Shape {
    try #require(try suite.makeLayer(LayerCase("c", settings, bottoms: bottoms)).topShapes(bottoms).first)
  }

  @Test func `shapes of every combination`() throws {
    #expect(try shape("argmax_param { top_k: 2 }", [4, 5]) == [4, 1, 2])
    #expect(try shape("argmax_param { top_k: 2 out_max_val: true }", [4, 5]) == [4, 2, 2])
    #expect(try shape("argmax_param { top_k: 2 out_max_val: true }", [4, 5, 6, 7]) == [4, 2, 2, 1])
    #expect(try shape("", [4, 5, 6, 7, 8]) == [4, 1, 1, 1, 1])
    #expect(try shape("", [4]) == [4, 1, 1])
    #expect(try shape("argmax_param { axis: 2 top_k: 3 }", [4, 5, 6, 7]) == [4, 5, 3, 7])
    #expect(try shape("argmax_param { axis: -1 top_k: 3 out_max_val: true }", [4, 5]) == [4, 3])
  }

  @Test func `values by hand`() throws {
    let x = Tensor(shape: [2, 3], [1, 5, 2, 9, 7, 8])
    func top(_ settings: String) throws -> [Float] { try suite.top("argmax_param { \(settings) }", [x]).array }
    #expect(try top("") == [1, 0])
    #expect(try top("top_k: 2") == [1, 2, 0, 2])
    // Indices, then values, of each item.
    #expect(try top("top_k: 2 out_max_val: true") == [1, 2, 5, 2, 0, 2, 9, 8])
    #expect(try top("axis: 0") == [1, 1, 1])
    #expect(try top("axis: 0 out_max_val: true") == [9, 7, 8])
    #expect(try top("axis: 0 top_k: 2") == [1, 1, 1, 0, 0, 0])
  }

  @Test func `of equal values the later comes first and NaN last`() throws {
    let x = Tensor(shape: [1, 4], [.nan, 3, 1, 3])
    #expect(try suite.top("argmax_param { top_k: 4 }", [x]).array == [3, 1, 2, 0])
  }

  @Test func `the long way of choosing is the same as the short`() throws {
    let x = Tensor.random([1, 50], seed: 3)
    let long = try suite.top("argmax_param { top_k: 40 }", [x]).array
    #expect(try suite.top("argmax_param { top_k: 32 }", [x]).array == Array(long.prefix(32)))
  }

  @Test func `it refuses more than there are`() throws {
    #expect(
      try suite.refusal("argmax_param { top_k: 4 }", bottoms: [[2, 3]]).contains(
        "has top_k 4, more than the 3 values it chooses from in its bottom [2, 3]"))
    #expect(
      try suite.refusal("argmax_param { top_k: 0 }", bottoms: [[2, 3]]).hasPrefix(
        "case.prototxt:2:16: error: layer 'l' (ArgMax): top_k must be positive, is 0"))
    #expect(
      try suite.refusal("argmax_param { axis: 2 }", bottoms: [[2, 3]]).contains(
        "has axis 2, outside its bottom [2, 3]"))
  }
}
