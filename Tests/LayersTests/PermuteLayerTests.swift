import Kernels
import LayerGraph
import Tensors
import TestSupport
import Testing

@testable import Layers

@Suite("Permute layer") struct PermuteLayerTests {
  static let cases: [LayerCase] = [
    LayerCase("NHWC", "permute_param { order: 0 order: 2 order: 3 order: 1 }", bottoms: [[3, 17, 5, 4]]),
    LayerCase("large", "permute_param { order: 0 order: 2 order: 3 order: 1 }", bottoms: [[1, 35, 40, 37]]),
    LayerCase("reversed", "permute_param { order: 3 order: 2 order: 1 order: 0 }", bottoms: [[3, 5, 7, 18]]),
    LayerCase("rows together", "permute_param { order: 2 order: 1 order: 0 order: 3 }", bottoms: [[3, 5, 40, 37]]),
    LayerCase("rest in order", "permute_param { order: 2 }", bottoms: [[2, 3, 4, 5]]),
    LayerCase("with ones", "permute_param { order: 1 order: 0 }", bottoms: [[1, 7, 1, 3]]),
    LayerCase("identity", "permute_param { order: 0 order: 1 }", bottoms: [[3, 5, 2]]),
    LayerCase("matrix", "permute_param { order: 1 order: 0 }", bottoms: [[33, 50]]),
  ]
  let suite = LayerSuite(PermuteLayer.self)

  @Test(arguments: cases) func `kernel agrees with the plain loops`(_ c: LayerCase) throws { try suite.run(c) }

  func shape(_ settings: String, _ bottoms: Shape...) throws -> Shape {
    try #require(try suite.makeLayer(LayerCase("c", settings, bottoms: bottoms)).topShapes(bottoms).first)
  }

  @Test func `a matrix by hand`() throws {
    // 1 2 3    1 4
    // 4 5 6 -> 2 5
    //          3 6
    let y = try suite.top("permute_param { order: 1 order: 0 }", [Tensor(shape: [2, 3], [1, 2, 3, 4, 5, 6])])
    #expect(y == Tensor(shape: [3, 2], [1, 4, 2, 5, 3, 6]))
  }

  @Test func `axes that order leaves out follow`() throws {
    #expect(try shape("permute_param { order: 2 }", [2, 3, 4, 5]) == [4, 2, 3, 5])
    #expect(try shape("permute_param { order: 0 order: 2 order: 3 order: 1 }", [2, 3, 4, 5]) == [2, 4, 5, 3])
  }

  @Test func `only the order that changes nothing is a view`() throws {
    func isView(_ settings: String) throws -> Bool {
      try suite.makeLayer(LayerCase("c", settings, bottoms: [[3, 2]])).topsAreViews
    }
    #expect(try isView("permute_param { order: 0 order: 1 }"))
    #expect(try !isView("permute_param { order: 1 }"))
  }

  @Test func `it refuses axes twice and axes that are not there`() throws {
    #expect(
      try suite.refusal("permute_param { order: 1 order: 1 }", bottoms: [[2, 3]]).hasPrefix(
        "case.prototxt:2:26: error: layer 'l' (Permute): order names axis 1 twice"))
    #expect(
      try suite.refusal("permute_param { order: 2 }", bottoms: [[2, 3]]).contains(
        "orders axis 2, which its bottom [2, 3] does not have"))
    #expect(
      try suite.refusal("permute_param { order: 4000000000 }", bottoms: [[2, 3]]).contains(
        "order must name axes 0 to 11"))
  }
}
