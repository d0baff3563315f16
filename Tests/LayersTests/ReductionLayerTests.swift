import Kernels
import LayerGraph
import Tensors
import TestSupport
import Testing

@testable import Layers

@Suite("Reduction layer") struct ReductionLayerTests {
  static let cases: [LayerCase] = [
    LayerCase("all", "", bottoms: [[3, 17, 5, 4]]),
    LayerCase("mean", "reduction_param { operation: MEAN axis: 2 coeff: 2.5 }", bottoms: [[1, 30, 40, 41]]),
    LayerCase("absolute", "reduction_param { operation: ASUM axis: 1 }", bottoms: [[3, 5]]),
    LayerCase("squares", "reduction_param { operation: SUMSQ axis: -1 coeff: -0.5 }", bottoms: [[2, 3, 9]]),
  ]
  let suite = LayerSuite(ReductionLayer.self)

  @Test(arguments: cases) func `kernel agrees with the plain loops`(_ c: LayerCase) throws { try suite.run(c) }

  func shape(_ settings: String, _ bottoms: Shape...) throws -> Shape {
    try #require(try suite.makeLayer(LayerCase("c", settings, bottoms: bottoms)).topShapes(bottoms).first)
  }

  let x = Tensor(shape: [2, 2], [1, -2, 3, 4])

  @Test func `values by hand`() throws {
    func top(_ settings: String) throws -> Tensor { try suite.top("reduction_param { \(settings) }", [x]) }
    #expect(try top("") == Tensor(shape: [], [6]))
    #expect(try top("axis: 1") == Tensor(shape: [2], [-1, 7]))
    #expect(try top("axis: 1 operation: ASUM coeff: 2") == Tensor(shape: [2], [6, 14]))
    #expect(try top("axis: 1 operation: SUMSQ") == Tensor(shape: [2], [5, 25]))
    #expect(try top("axis: 1 operation: MEAN") == Tensor(shape: [2], [-0.5, 3.5]))
  }

  @Test func `it refuses an axis that is not there`() throws {
    #expect(
      try suite.refusal("reduction_param { axis: 2 }", bottoms: [[2, 3]]).contains(
        "has axis 2, outside its bottom [2, 3]"))
  }
}
