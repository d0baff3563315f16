import Kernels
import LayerGraph
import Tensors
import TestSupport
import Testing

@testable import Layers

@Suite("Gemm layer") struct GemmLayerTests {
  static let cases: [LayerCase] = [
    LayerCase("two", "", bottoms: [[17, 9], [9, 21]]),
    LayerCase(
      "three", "gemm_param { alpha: 0.5 beta: -2 transA: 1 transB: 1 }", bottoms: [[9, 17], [21, 9], [17, 21]]),
    LayerCase("a row", "", bottoms: [[150, 33], [33, 20], [20]]),
    LayerCase("a column", "gemm_param { transB: 1 }", bottoms: [[3, 65], [530, 65], [3, 1]]),
    LayerCase("one", "", bottoms: [[3, 5], [5, 7], []]),
    LayerCase("c not read", "gemm_param { beta: 0 }", bottoms: [[3, 5], [5, 7], [3, 7]]),
  ]
  let suite = LayerSuite(GemmLayer.self)

  @Test(arguments: cases) func `kernel agrees with the plain loops`(_ c: LayerCase) throws { try suite.run(c) }

  let a = Tensor(shape: [2, 2], [1, 2, 3, 4])
  let b = Tensor(shape: [2, 2], [5, 6, 7, 8])

  @Test func `values by hand`() throws {
    func top(_ settings: String, _ c: Tensor? = nil) throws -> [Float] {
      try suite.top("gemm_param { \(settings) }", [a, b] + (c.map { [$0] } ?? [])).array
    }
    // The product is 19 22 43 50.
    #expect(try top("") == [19, 22, 43, 50])
    #expect(try top("alpha: 2 beta: 10", Tensor(shape: [2, 2], [1, 2, 3, 4])) == [48, 64, 116, 140])
    #expect(try top("", Tensor(shape: [2], [1, 2])) == [20, 24, 44, 52])
    #expect(try top("", Tensor(shape: [2, 1], [1, 2])) == [20, 23, 45, 52])
    #expect(try top("", Tensor(shape: [1], [1])) == [20, 23, 44, 51])
    // 1 3   5 6     26 30          1 2   5 7     17 23
    // 2 4 * 7 8 =   38 44          3 4 * 6 8  =  39 53
    #expect(try top("transA: 1") == [26, 30, 38, 44])
    #expect(try top("transB: 1") == [17, 23, 39, 53])
    #expect(try top("beta: 0", Tensor(shape: [1], [.nan])) == [19, 22, 43, 50])
  }

  @Test func `it refuses shapes and flags that make no product`() throws {
    #expect(
      try suite.refusal("", bottoms: [[2, 3], [2, 3]]).contains(
        "cannot multiply 2 x 3 by 2 x 3 matrices, from bottoms [2, 3] and [2, 3]"))
    #expect(
      try suite.refusal("", bottoms: [[2, 3, 1], [3, 2]]).contains("needs two matrices, got [2, 3, 1] and [3, 2]"))
    #expect(
      try suite.refusal("", bottoms: [[2, 3], [3, 2], [3]]).contains(
        "needs a bottom 2 that can be spread over [2, 2], got [3]"))
    #expect(
      try suite.refusal("gemm_param { transA: 2 }", bottoms: [[2, 3], [3, 2]]).hasPrefix(
        "case.prototxt:2:14: error: layer 'l' (Gemm): transA must be 0 or 1, is 2"))
    #expect(
      try suite.refusal("gemm_param { alpha: nan }", bottoms: [[2, 3], [3, 2]]).hasPrefix(
        "case.prototxt:2:14: error: layer 'l' (Gemm): alpha must be a finite number, is nan"))
  }

  @Test func `its role in quantization`() throws {
    #expect(try suite.makeLayer(Self.cases[0]).quantization == .data(inputs: .all))
  }
}
