import Kernels
import LayerGraph
import Tensors
import TestSupport
import Testing

@testable import Layers

@Suite("Tile layer") struct TileLayerTests {
  static let cases: [LayerCase] = [
    LayerCase("image", "tile_param { tiles: 3 }", bottoms: [[3, 17, 5, 4]]),
    LayerCase("large", "tile_param { axis: 2 tiles: 4 }", bottoms: [[1, 3, 50, 60]]),
    LayerCase("once", "tile_param { tiles: 1 }", bottoms: [[2, 3]]),
    LayerCase("last axis of ones", "tile_param { axis: -1 tiles: 40 }", bottoms: [[35, 20, 1]]),
    LayerCase("batch", "tile_param { axis: 0 tiles: 3 }", bottoms: [[1, 7]]),
  ]
  let suite = LayerSuite(TileLayer.self)

  @Test(arguments: cases) func `kernel agrees with the plain loops`(_ c: LayerCase) throws { try suite.run(c) }

  func shape(_ settings: String, _ bottoms: Shape...) throws -> Shape {
    try #require(try suite.makeLayer(LayerCase("c", settings, bottoms: bottoms)).topShapes(bottoms).first)
  }

  @Test func `values by hand`() throws {
    let x = Tensor(shape: [2, 2], [1, 2, 3, 4])
    #expect(try suite.top("tile_param { tiles: 2 }", [x]) == Tensor(shape: [2, 4], [1, 2, 1, 2, 3, 4, 3, 4]))
    #expect(
      try suite.top("tile_param { axis: 0 tiles: 2 }", [x]) == Tensor(shape: [4, 2], [1, 2, 3, 4, 1, 2, 3, 4]))
  }

  @Test func `it refuses no tiles and axes that are not there`() throws {
    #expect(try suite.refusal("", bottoms: [[2, 3]]).contains("layer 'l' (Tile): needs tiles"))
    #expect(
      try suite.refusal("tile_param { tiles: 0 }", bottoms: [[2, 3]]).hasPrefix(
        "case.prototxt:2:14: error: layer 'l' (Tile): tiles must be positive, is 0"))
    #expect(
      try suite.refusal("tile_param { axis: 2 tiles: 2 }", bottoms: [[2, 3]]).contains(
        "has axis 2, outside its bottom [2, 3]"))
  }
}
