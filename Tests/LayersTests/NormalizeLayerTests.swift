import LayerGraph
import Tensors
import TestSupport
import Testing

@testable import Layers

@Suite("Normalize layer") struct NormalizeLayerTests {
  static let cases: [LayerCase] = [
    LayerCase("over images", "", bottoms: [[3, 17, 5, 4]]),
    LayerCase(
      "over channels", "norm_param { across_spatial: false channel_shared: false }", bottoms: [[2, 16, 20, 37]]),
    LayerCase("two axes", "norm_param { across_spatial: false }", bottoms: [[3, 5]]),
  ]
  let suite = LayerSuite(NormalizeLayer.self)

  @Test(arguments: cases) func `kernel agrees with the plain loops`(_ c: LayerCase) throws { try suite.run(c) }

  @Test func `one norm an image, by hand`() throws {
    // sqrt(9 + 16) = 5, times 10.
    let top = try suite.top(
      "norm_param { eps: 0 }", [Tensor(shape: [2, 1, 1, 2], [3, 4, 0, -2])], params: [Tensor(shape: [], [10])])
    #expect(top.array == [6, 8, 0, -10])
  }

  @Test func `one norm a place and one scale a channel, by hand`() throws {
    // Places (3, 4) and (0, 2): norms 5 and 2; scales 10 and 100.
    let top = try suite.top(
      "norm_param { across_spatial: false channel_shared: false eps: 0 }",
      [Tensor(shape: [1, 2, 1, 2], [3, 0, 4, 2])], params: [Tensor(shape: [2], [10, 100])])
    #expect(top.array == [6, 0, 80, 100])
  }

  @Test func `eps keeps zeros finite`() throws {
    let top = try suite.top("", [Tensor(shape: [1, 2, 1, 1])], params: [Tensor(shape: [], [1])])
    #expect(top.array == [0, 0])
  }

  @Test func `it learns one scale or one a channel, ones at first`() throws {
    func specs(_ settings: String) throws -> [ParamBlobSpec] {
      try suite.makeLayer(LayerCase("c", settings, bottoms: [[1, 4, 2, 2]])).paramBlobs([[1, 4, 2, 2]])
    }
    #expect(try specs("").map(\.shape) == [[]])
    #expect(try specs("norm_param { channel_shared: false }").map(\.shape) == [[4]])
    var filler = ParamFiller(seed: 1)
    #expect(try specs("").map { filler.fill($0).array } == [[1]])
    #expect(try specs("norm_param { scale_filler { value: 20 } }").map { filler.fill($0).array } == [[20]])
  }

  @Test func `it refuses a negative eps and a bottom without channels`() throws {
    #expect(
      try suite.refusal("norm_param { eps: -1 }", bottoms: [[1, 2]]).hasPrefix(
        "case.prototxt:2:14: error: layer 'l' (Normalize): eps must not be negative"))
    #expect(try suite.refusal("", bottoms: [[3]]).contains("needs a bottom of [N, C, ..], got [3]"))
  }
}
