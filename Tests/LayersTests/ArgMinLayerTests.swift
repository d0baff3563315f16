import Kernels
import LayerGraph
import Tensors
import TestSupport
import Testing

@testable import Layers

@Suite("ArgMin layer") struct ArgMinLayerTests {
  static let cases: [LayerCase] = [
    LayerCase("image", "", bottoms: [[3, 17, 5, 4]]),
    LayerCase("pairs", "argmin_param { out_min_val: true top_k: 5 }", bottoms: [[3, 100]]),
    LayerCase("axis", "argmin_param { axis: 1 top_k: 3 }", bottoms: [[2, 35, 30, 31]]),
    LayerCase("axis, values", "argmin_param { axis: -1 top_k: 2 out_min_val: true }", bottoms: [[2, 5, 7]]),
    LayerCase("many", "argmin_param { top_k: 40 }", bottoms: [[1, 50]]),
  ]
  let suite = LayerSuite(ArgMinLayer.self)

  @Test(arguments: cases) func `kernel agrees with the plain loops`(_ c: LayerCase) throws { try suite.run(c) }

  @Test func `values by hand`() throws {
    let x = Tensor(shape: [2, 3], [3, 1, 2, 9, 7, 8])
    func top(_ settings: String) throws -> [Float] { try suite.top("argmin_param { \(settings) }", [x]).array }
    #expect(try top("") == [1, 1])
    #expect(try top("top_k: 2") == [1, 2, 1, 2])
    // Indices, then values, of each item.
    #expect(try top("top_k: 2 out_min_val: true") == [1, 2, 1, 2, 1, 2, 7, 8])
    #expect(try top("axis: 0") == [0, 0, 0])
    #expect(try top("axis: -1 out_min_val: true") == [1, 7])
  }

  @Test func `of equal values the first comes first and NaN last`() throws {
    let x = Tensor(shape: [1, 6], [.nan, 3, 1, 3, -0.0, 0])
    #expect(try suite.top("argmin_param { top_k: 6 }", [x]).array == [4, 5, 2, 1, 3, 0])
  }

  @Test func `the parameters of ArgMax do as well, not both`() throws {
    let x = Tensor(shape: [1, 3], [3, 1, 2])
    #expect(try suite.top("argmax_param { out_max_val: true }", [x]).array == [1, 1])
    #expect(
      try suite.refusal("argmin_param { top_k: 1 }\nargmax_param { top_k: 1 }", bottoms: [[1, 3]]).hasPrefix(
        "case.prototxt:3:1: error: layer 'l' (ArgMin): argmin_param and argmax_param are both set"))
  }

  @Test func `it refuses more than there are`() throws {
    #expect(try suite.refusal("", bottoms: [[2, 0]]).contains("has nothing to choose from in its bottom [2, 0]"))
    #expect(
      try suite.refusal("argmin_param { top_k: 4 }", bottoms: [[2, 3]]).contains(
        "has top_k 4, more than the 3 values it chooses from in its bottom [2, 3]"))
    #expect(
      try suite.refusal("argmin_param { top_k: 0 }", bottoms: [[2, 3]]).hasPrefix(
        "case.prototxt:2:16: error: layer 'l' (ArgMin): top_k must be positive, is 0"))
    #expect(
      try suite.refusal("argmin_param { axis: -3 }", bottoms: [[2, 3]]).contains(
        "has axis -3, outside its bottom [2, 3]"))
  }

  @Test func `its role in quantization`() throws {
    #expect(try suite.makeLayer(Self.cases[0]).quantization == .data())
  }
}
