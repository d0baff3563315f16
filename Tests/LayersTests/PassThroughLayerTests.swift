import LayerGraph
import Tensors
import TestSupport
import Testing

@testable import Layers

@Suite("PassThrough layer") struct PassThroughLayerTests {
  let suite = LayerSuite(PassThroughLayer.self)

  @Test(arguments: [
    LayerCase("squares", "pass_through_param { block_height: 2 block_width: 2 }", bottoms: [[2, 17, 6, 10]]),
    LayerCase("one by three", "pass_through_param { block_height: 1 block_width: 3 }", bottoms: [[3, 5, 7, 9]]),
    LayerCase("large", "pass_through_param { block_height: 4 block_width: 2 }", bottoms: [[1, 16, 64, 64]]),
  ]) func `kernel agrees with the plain loops`(_ c: LayerCase) throws { try suite.run(c) }

  @Test func `squares become channels, place by place, by hand`() throws {
    // Channels 0 1 | 2 3 and 4 5 | 6 7 of one square: places before channels.
    let y = try suite.top(
      "pass_through_param { block_height: 2 block_width: 2 num_output: 8 }",
      [Tensor(shape: [1, 2, 2, 2], (0..<8).map(Float.init))])
    #expect(y.shape == [1, 8, 1, 1])
    #expect(y.array == [0, 4, 1, 5, 2, 6, 3, 7])
  }

  @Test func `a block of one row by hand`() throws {
    // Rows 0 1 2 3 and 4 5 6 7 in pairs: first ones 0 2 | 4 6, second ones 1 3 | 5 7; the second image 10 more.
    let values = (0..<16).map { Float($0 < 8 ? $0 : $0 + 2) }
    let y = try suite.top(
      "pass_through_param { block_height: 1 block_width: 2 }", [Tensor(shape: [2, 1, 2, 4], values)])
    #expect(y.shape == [2, 2, 2, 2])
    #expect(y.array == [0, 2, 4, 6, 1, 3, 5, 7, 10, 12, 14, 16, 11, 13, 15, 17])
  }

  @Test(arguments: [
    ("block_height: 2", "needs block_width"), ("block_height: 0 block_width: 2", "block_height must be positive, is 0"),
    ("block_height: 2 block_width: 4", "needs a bottom of [N, C, H, W] with a height that is a multiple of 2"),
    ("block_height: 2 block_width: 2 num_output: 7", "has num_output 7, makes 8 channels"),
    ("block_height: 4294967295 block_width: 2", "block_height must be positive"),
  ]) func `it refuses`(_ settings: String, _ text: String) throws {
    let said = try suite.refusal("pass_through_param {\n\(settings)\n}", bottoms: [[1, 2, 6, 6]])
    #expect(said.contains(text), "\(said)")
    #expect(said.hasPrefix("case.prototxt:") != (text.hasPrefix("needs a") || text.hasPrefix("has")), "\(said)")
  }
}
