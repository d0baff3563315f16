import LayerGraph
import Tensors
import TestSupport
import Testing

@testable import Layers

@Suite("Axpy layer") struct AxpyLayerTests {
  static let cases: [LayerCase] = [
    LayerCase("images", "", bottoms: [[2, 17, 1, 1], [2, 17, 9, 8], [2, 17, 9, 8]]),
    LayerCase("two axes of factors", "", bottoms: [[3, 16], [3, 16, 40, 40], [3, 16, 40, 40]]),
  ]
  let suite = LayerSuite(AxpyLayer.self)

  @Test(arguments: cases) func `kernel agrees with the plain loops`(_ c: LayerCase) throws { try suite.run(c) }

  @Test func `a factor for each channel of each image, by hand`() throws {
    let top = try suite.top(
      "",
      [
        Tensor(shape: [2, 2], [1, 2, 3, -1]), Tensor(shape: [2, 2, 1, 2], [1, 2, 3, 4, 5, 6, 7, 8]),
        Tensor(shape: [2, 2, 1, 2], [10, 10, 20, 20, 30, 30, 40, 40]),
      ])
    #expect(top.array == [11, 12, 26, 28, 45, 48, 33, 32])
  }

  @Test func `every input has factors of its own`() throws {
    let layer = try suite.makeLayer(Self.cases[0])
    #expect(layer.quantization.kind == .data && layer.quantization.inputs == .all)
  }

  @Test func `it refuses shapes that do not go together`() throws {
    #expect(
      try suite.refusal("", bottoms: [[2, 3], [2, 3, 4, 4], [2, 3, 4, 5]]).contains("bottoms 1 and 2 of one shape"))
    #expect(
      try suite.refusal("", bottoms: [[1, 3], [2, 3, 4, 4], [2, 3, 4, 4]]).contains("needs a bottom 0 of [2, 3]"))
    #expect(
      try suite.refusal("", bottoms: [[2, 3, 4, 1], [2, 3, 4, 4], [2, 3, 4, 4]]).contains("one value a channel"))
  }
}
