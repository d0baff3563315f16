import Kernels
import LayerGraph
import Tensors
import TestSupport
import Testing

@testable import Layers

@Suite("Flatten layer") struct FlattenLayerTests {
  static let cases: [LayerCase] = [
    LayerCase("image", "", bottoms: [[3, 17, 5, 4]])
  ]
  let suite = LayerSuite(FlattenLayer.self)

  @Test(arguments: cases) func `kernel agrees with the plain loops`(_ c: LayerCase) throws { try suite.run(c) }

  func shape(_ settings: String, _ bottoms: Shape...) throws -> Shape {
    try #require(try suite.makeLayer(LayerCase("c", settings, bottoms: bottoms)).topShapes(bottoms).first)
  }

  @Test func `it folds axes`() throws {
    #expect(try shape("", [2, 3, 4, 5]) == [2, 60])
    #expect(try shape("flatten_param { axis: 0 }", [2, 3, 4, 5]) == [120])
    #expect(try shape("flatten_param { axis: 1 end_axis: 2 }", [2, 3, 4, 5]) == [2, 12, 5])
    #expect(try shape("flatten_param { axis: -2 }", [2, 3, 4, 5]) == [2, 3, 20])
    // Nothing between axis 2 and end_axis 1: an axis of extent 1 comes in.
    #expect(try shape("flatten_param { axis: 2 end_axis: 1 }", [2, 3, 4, 5]) == [2, 3, 1, 4, 5])
  }

  @Test func `values stay in order`() throws {
    let x = Tensor(shape: [1, 2, 2], [1, 2, 3, 4])
    #expect(try suite.top("", [x]) == Tensor(shape: [1, 4], [1, 2, 3, 4]))
    #expect(try suite.makeLayer(LayerCase("c", "", bottoms: [[3]])).topsAreViews)
  }

  @Test func `it refuses axes that are not there`() throws {
    #expect(try suite.refusal("", bottoms: [[3]]).contains("has axis 1, outside its bottom [3]"))
    #expect(
      try suite.refusal("flatten_param { end_axis: 4 }", bottoms: [[2, 3, 4, 5]]).contains(
        "has end_axis 4, outside its bottom [2, 3, 4, 5]"))
    #expect(
      try suite.refusal("flatten_param { axis: 3 end_axis: 1 }", bottoms: [[2, 3, 4, 5]]).contains(
        "has axis 3 behind end_axis 1"))
  }
}
