import Kernels
import LayerGraph
import Tensors
import TestSupport
import Testing

@testable import Layers

@Suite("Greater layer") struct GreaterLayerTests {
  static let cases: [LayerCase] = [
    LayerCase("images", "", bottoms: [[3, 17, 5, 4], [3, 17, 5, 4]]),
    LayerCase("large", "", bottoms: [[1, 3, 100, 120], [1, 3, 100, 120]]),
    LayerCase("one for each channel", "", bottoms: [[3, 17, 5, 4], [17, 1, 1]]),
    LayerCase("both spread", "", bottoms: [[3, 1, 5], [7, 1]]),
    LayerCase("a scalar", "", bottoms: [[5, 3], []]),
  ]
  let suite = LayerSuite(GreaterLayer.self)

  @Test(arguments: cases) func `kernel agrees with the plain loops`(_ c: LayerCase) throws { try suite.run(c) }

  @Test func `values by hand`() throws {
    let a = Tensor(shape: [2, 2], [3, 2, 1, 0])
    #expect(try suite.top("", [a, Tensor(shape: [2, 2], [1, 2, 3, 0])]).array == [1, 0, 0, 0])
    // Every value against 3.
    let rows = Tensor(shape: [2, 3], [1, 2, 3, 3, 5, 6])
    #expect(try suite.top("", [rows, Tensor(shape: [2, 1], [3, 3])]).array == [0, 0, 0, 0, 1, 1])
  }

  @Test func `NaN is in no relation`() throws {
    let x = Tensor(shape: [2], [.nan, 1])
    #expect(try suite.top("", [x, Tensor(shape: [2], [.nan, .nan])]).array == [0, 0])
  }

  @Test func `shapes`() throws {
    func top(_ bottoms: Shape...) throws -> Shape? {
      try suite.makeLayer(LayerCase("c", "", bottoms: bottoms)).topShapes(bottoms).first
    }
    #expect(try top([2, 3], [2, 3]) == [2, 3])
    #expect(try top([2, 1], [4, 1, 5]) == [4, 2, 5])
    #expect(try top([], []) == [])
    #expect(
      try suite.refusal("", bottoms: [[2, 3], [3, 2]]).contains(
        "needs bottoms of one shape, or with extents of 1 where they differ, got [2, 3] and [3, 2]"))
  }

  @Test func `its role in quantization`() throws {
    #expect(try suite.makeLayer(Self.cases[0]).quantization == .data(on: false, inputs: .all))
  }
}
