import LayerGraph
import Tensors
import TestSupport
import Testing

@testable import Layers

@Suite("ShuffleChannel layer") struct ShuffleChannelLayerTests {
  static let cases: [LayerCase] = [
    LayerCase("three groups", "shuffle_channel_param { group: 3 }", bottoms: [[2, 18, 5, 4]]),
    LayerCase("large", "shuffle_channel_param { group: 8 }", bottoms: [[1, 240, 28, 28]]),
    LayerCase("one group", "", bottoms: [[1, 3, 2, 2]]),
    LayerCase("two axes", "shuffle_channel_param { group: 2 }", bottoms: [[3, 6]]),
  ]
  let suite = LayerSuite(ShuffleChannelLayer.self)

  @Test(arguments: cases) func `kernel agrees with the plain loops`(_ c: LayerCase) throws { try suite.run(c) }

  @Test func `two groups by hand`() throws {
    // (0 1 2) (3 4 5) -> 0 3, 1 4, 2 5
    let top = try suite.top(
      "shuffle_channel_param { group: 2 }", [Tensor(shape: [1, 6, 1, 1], [0, 1, 2, 3, 4, 5])])
    #expect(top.array == [0, 3, 1, 4, 2, 5])
  }

  @Test func `it refuses groups that do not divide`() throws {
    #expect(
      try suite.refusal("shuffle_channel_param { group: 4 }", bottoms: [[1, 6, 2, 2]]).contains(
        "has 4 groups, which do not divide the 6 channels"))
    #expect(
      try suite.refusal("shuffle_channel_param { group: 0 }", bottoms: [[1, 6]]).hasPrefix(
        "case.prototxt:2:25: error: layer 'l' (ShuffleChannel): group must be positive"))
  }
}
