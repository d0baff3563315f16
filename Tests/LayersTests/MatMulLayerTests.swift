import Kernels
import LayerGraph
import Tensors
import TestSupport
import Testing

@testable import Layers

@Suite("MatMul layer") struct MatMulLayerTests {
  static let cases: [LayerCase] = [
    LayerCase("batches", "", bottoms: [[3, 2, 17, 9], [3, 2, 9, 21]]),
    LayerCase(
      "transposed", "matmul_param { transpose_a: true transpose_b: true }", bottoms: [[3, 9, 17], [3, 21, 9]]),
    LayerCase("tall", "", bottoms: [[301, 33], [33, 19]]),
    LayerCase("tall, b transposed", "matmul_param { transpose_b: true }", bottoms: [[301, 33], [19, 33]]),
    LayerCase("tall, a transposed", "matmul_param { transpose_a: true }", bottoms: [[33, 301], [33, 19]]),
    LayerCase("wide", "", bottoms: [[5, 65], [65, 530]]),
    LayerCase("wide, b transposed", "matmul_param { transpose_b: true }", bottoms: [[5, 65], [530, 65]]),
    LayerCase("wide, a transposed", "matmul_param { transpose_a: true }", bottoms: [[65, 5], [65, 530]]),
    LayerCase("one b for all", "", bottoms: [[3, 2, 7, 5], [5, 4]]),
    LayerCase("both spread", "", bottoms: [[3, 1, 7, 5], [2, 5, 4]]),
  ]
  let suite = LayerSuite(MatMulLayer.self)

  @Test(arguments: cases) func `kernel agrees with the plain loops`(_ c: LayerCase) throws { try suite.run(c) }

  let a = Tensor(shape: [2, 2, 3], [-3, 2, 0, -2, 3, 1, -1, -3, 2, 0, -2, 3])
  let b = Tensor(shape: [2, 3, 2], [-2, 1, -1, 2, 0, -2, 1, -1, 2, 0, -2, 1])

  @Test func `a product by hand`() throws {
    // 1 2   5 6     5 + 14  6 + 16
    // 3 4 * 7 8 =  15 + 28  18 + 32
    let y = try suite.top("", [Tensor(shape: [2, 2], [1, 2, 3, 4]), Tensor(shape: [2, 2], [5, 6, 7, 8])])
    #expect(y.array == [19, 22, 43, 50])
  }

  @Test func `products that numpy computed`() throws {
    #expect(try suite.top("", [a, b]) == Tensor(shape: [2, 2, 2], [4, 1, 1, 2, -11, 3, -10, 3]))
    let both = try suite.top("matmul_param { transpose_a: true transpose_b: true }", [a, b])
    #expect(
      both
        == Tensor(shape: [2, 3, 3], [4, -1, 4, -1, 4, -6, 1, 2, -2, -1, -2, 2, -1, -6, 4, -1, 4, -1]))
    // One b for both.
    let one = try suite.top("", [a, Tensor(shape: [3, 2], Array(b.array.prefix(6)))])
    #expect(one == Tensor(shape: [2, 2, 2], [4, 1, 1, 2, 5, -11, 2, -10]))
  }

  @Test func `it refuses shapes that cannot be multiplied`() throws {
    #expect(
      try suite.refusal("", bottoms: [[2, 3], [2, 3]]).contains(
        "cannot multiply 2 x 3 by 2 x 3 matrices, from bottoms [2, 3] and [2, 3]"))
    #expect(try suite.refusal("", bottoms: [[3], [3, 2]]).contains("needs bottoms of at least two axes, got [3]"))
    #expect(try suite.refusal("", bottoms: [[2, 2, 3], [4, 3, 2]]).contains("got [2] and [4]"))
    #expect(try suite.refusal("", bottoms: [[2, 0], [0, 2]]).contains("has nothing to sum in its bottoms"))
  }

  @Test func `work is counted`() throws {
    let layer = try suite.makeLayer(Self.cases[0])
    // 6 products of 17 x 9 by 9 x 21.
    #expect(layer.macs(LayerShapes(bottoms: Self.cases[0].bottoms, tops: [[3, 2, 17, 21]])) == 6 * 17 * 21 * 9)
  }

  @Test func `its role in quantization`() throws {
    #expect(try suite.makeLayer(Self.cases[0]).quantization == .data(inputs: .all))
  }
}
