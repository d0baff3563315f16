import LayerGraph
import Tensors
import TestSupport
import Testing

@testable import Layers

@Suite("Region layer") struct RegionLayerTests {
  let suite = LayerSuite(RegionLayer.self)
  // sigmoid(ln 3) = 3/4; softmax of ln 3 and 0 is 3/4, 1/4.
  private static let ln3: Float = 1.0986123

  @Test func `two boxes of a cell by hand`() throws {
    let x = Tensor(shape: [1, 14, 1, 1], [0, Self.ln3, 5, -5, 0, Self.ln3, 0] + [Self.ln3, 0, 7, 8, Self.ln3, 0, 0])
    let settings = "boxes: 2 classes: 2"
    #expect(
      try differences(
        suite.top("region_param { \(settings) softmax: 1 }", [x]).array,
        [0.5, 0.75, 5, -5, 0.5, 0.75, 0.25, 0.75, 0.5, 7, 8, 0.75, 0.5, 0.5]) == "")
    #expect(
      try differences(
        suite.top("region_param { \(settings) }", [x]).array,
        [0.5, 0.75, 5, -5, 0.5, 0.75, 0.5, 0.75, 0.5, 7, 8, 0.75, 0.5, 0.5]) == "")
  }

  @Test func `a background is left alone, or is the first of the softmax, by hand`() throws {
    let x = Tensor(shape: [1, 7, 1, 1], [0, 0, 1, 2, Self.ln3, 0, 0])
    #expect(
      try differences(
        suite.top("region_param { classes: 2 background: 1 }", [x]).array, [0.5, 0.5, 1, 2, Self.ln3, 0.5, 0.5]) == "")
    #expect(
      try differences(
        suite.top("region_param { classes: 2 background: 1 softmax: 1 }", [x]).array,
        [0.5, 0.5, 1, 2, 0.6, 0.2, 0.2]) == "")
  }

  @Test func `cells and images do not see each other`() throws {
    // Two images of 1 x 3 cells, one box of one class: softmax of one class is 1.
    let x = Tensor(shape: [2, 6, 1, 3], (0..<36).map { Float($0 % 3 == 0 ? 0 : 9) })
    let y = try suite.top("region_param { classes: 1 softmax: 1 }", [x]).array
    for image in [0, 18] {
      // x of the first cell, width of the first cell, the class of all cells.
      #expect(y[image] == 0.5)
      #expect(y[image + 6] == 0)
      #expect(Array(y[image + 15..<image + 18]) == [1, 1, 1])
    }
  }

  @Test(arguments: [
    ("boxes: 0", "boxes must be positive"), ("softmax_tree: 'tree'", "softmax_tree is not read"),
    ("boxes: 2147483647 classes: 2147483647", "needs a bottom of"), ("boxes: 2", "needs a bottom of [N, 2 boxes"),
  ]) func `it refuses`(_ settings: String, _ text: String) throws {
    let said = try suite.refusal("region_param {\n\(settings)\n}", bottoms: [[1, 25, 2, 2]])
    #expect(said.contains(text), "\(said)")
    #expect(said.hasPrefix("case.prototxt:3:") || text.hasPrefix("needs"), "\(said)")
  }
}
