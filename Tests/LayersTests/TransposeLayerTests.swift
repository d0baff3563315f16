import Kernels
import LayerGraph
import Tensors
import TestSupport
import Testing

@testable import Layers

@Suite("Transpose layer") struct TransposeLayerTests {
  static let cases: [LayerCase] = [
    LayerCase("sequence", "transpose_param { dim: 3 dim: 2 dim: 0 dim: 1 }", bottoms: [[3, 17, 5, 4]]),
    LayerCase("large", "transpose_param { dim: 0 dim: 2 dim: 3 dim: 1 }", bottoms: [[1, 35, 40, 37]]),
    LayerCase("matrix", "transpose_param { dim: 1 dim: 0 }", bottoms: [[33, 50]]),
    LayerCase("from the end", "transpose_param { dim: -1 dim: 0 dim: 1 }", bottoms: [[3, 5, 7]]),
  ]
  let suite = LayerSuite(TransposeLayer.self)

  @Test(arguments: cases) func `kernel agrees with the plain loops`(_ c: LayerCase) throws { try suite.run(c) }

  @Test func `a matrix by hand`() throws {
    let y = try suite.top("transpose_param { dim: 1 dim: 0 }", [Tensor(shape: [2, 3], [1, 2, 3, 4, 5, 6])])
    #expect(y == Tensor(shape: [3, 2], [1, 4, 2, 5, 3, 6]))
  }

  @Test func `three axes by hand`() throws {
    // top[i, j, k] = bottom[j, k, i]
    let x = Tensor(shape: [2, 1, 3], [1, 2, 3, 4, 5, 6])
    #expect(
      try suite.top("transpose_param { dim: 2 dim: 0 dim: 1 }", [x]) == Tensor(shape: [3, 2, 1], [1, 4, 2, 5, 3, 6]))
  }

  @Test func `it refuses what does not name each axis once`() throws {
    func says(_ dims: String, _ text: String) throws {
      #expect(try suite.refusal("transpose_param { \(dims) }", bottoms: [[2, 3]]).contains(text), "\(dims)")
    }
    try says("dim: 1 dim: 1", "has dim [1, 1], which does not name each axis of its bottom [2, 3] once")
    try says("dim: 1", "has dim [1], which does not name each axis of its bottom [2, 3] once")
    try says("dim: 1 dim: 0 dim: 2", "has dim [1, 0, 2], which does not name each axis")
    try says("dim: 1 dim: -2147483648", "which does not name each axis")
    try says("", "case.prototxt:2:1: error: layer 'l' (Transpose): needs dim")
  }

  @Test func `it is never quantized`() throws {
    #expect(try suite.makeLayer(Self.cases[0]).quantization == .none)
  }
}
