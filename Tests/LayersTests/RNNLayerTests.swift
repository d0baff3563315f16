import LayerGraph
import Tensors
import TestSupport
import Testing

@testable import Layers

/// Values for the recurrent layers: T = 3 steps of N = 2 streams, I = 2 inputs, S = 1 static input, D = 2 outputs.
enum RecurrentCase {
  static let x = Tensor.pattern([3, 2, 2], 7, 11, 1)
  static let cont = Tensor(shape: [3, 2], [0, 1, 1, 0, 1, 1])
  static let statics = Tensor.pattern([2, 1], 3, 7, 1)
  static let state = Tensor.pattern([1, 2, 2], 5, 9, 0.6)
}

@Suite("RNN layer") struct RNNLayerTests {
  let suite = LayerSuite(RNNLayer.self)
  private static let settings = "recurrent_param { num_output: 2 }"
  private static let input = [Tensor.pattern([2, 2], 5, 7, 0.8), Tensor.pattern([2], 3, 5, 0.3)]
  private static let output = [
    Tensor.pattern([2, 2], 3, 7, 0.9), Tensor.pattern([2, 2], 4, 9, 0.7), Tensor.pattern([2], 2, 3, 0.2),
  ]

  /// Numbers of this suite: numpy 2.4 with the formula of the layer's documentation, in float64.
  @Test func `three steps of two streams that begin at different times`() throws {
    let o = try suite.top(Self.settings, [RecurrentCase.x, RecurrentCase.cont], params: Self.input + Self.output)
    #expect(o.shape == [3, 2, 2])
    #expect(
      differences(
        o.array,
        [
          -0.51838091, 0.33835469, -0.38445828, 0.31547881, 0.29491588, -0.47121534, 0.27023163, -0.30583123,
          -0.61444068, 0.58658264, -0.33252369, 0.11955502,
        ]) == "")
  }

  @Test func `a static input, and a state that comes in and goes out`() throws {
    let bottoms = [RecurrentCase.x, RecurrentCase.cont, RecurrentCase.statics, RecurrentCase.state]
    let c = LayerCase(
      "state", "recurrent_param { num_output: 2 expose_hidden: true }", bottoms: bottoms.map(\.shape), topCount: 2)
    let tops = try suite.reference(c, bottoms, params: Self.input + [.pattern([2, 1], 2, 5, 0.5)] + Self.output)
    #expect(
      differences(
        tops[0].array,
        [
          -0.64569347, 0.44119168, -0.55165442, 0.51895052, 0.21234058, -0.44462163, 0.24324174, -0.28916342,
          -0.65722278, 0.60906017, -0.35481602, 0.12946915,
        ]) == "")
    #expect(tops[1].shape == [1, 2, 2])
    #expect(differences(tops[1].array, [0.90925937, -0.62450597, 0.21795178, 0.23626883]) == "")
  }

  @Test func `one step by hand`() throws {
    // W_xh 0 and b_h 0 make h = 0; o = tanh(b_o) = tanh(0.5) = 0.46211716 whatever the rest.
    let params = [
      Tensor(shape: [1, 1]), Tensor(shape: [1]), Tensor(shape: [1, 1], [3]), Tensor(shape: [1, 1], [2]),
      Tensor(shape: [1], [0.5]),
    ]
    let o = try suite.top(
      "recurrent_param { num_output: 1 }", [Tensor(shape: [1, 1, 1], [7]), Tensor(shape: [1, 1], [0])], params: params)
    #expect(o[0].isNearly(0.46211716))
  }

  @Test func `shapes of what it learns stand in Caffe's order`() throws {
    let c = LayerCase("c", "recurrent_param { num_output: 5 }", bottoms: [[3, 2, 4, 6], [3, 2], [2, 7]])
    let layer = try suite.makeLayer(c)
    let specs = try layer.paramBlobs(c.bottoms)
    #expect(specs.map(\.shape) == [[5, 24], [5], [5, 7], [5, 5], [5, 5], [5]])
    #expect(specs.map(\.name) == ["W_xh", "b_h", "W_xh_static", "W_hh", "W_ho", "b_o"])
    // 3 x 2 rows of 24 + 5 + 5 products for 5 outputs, 2 rows of 7.
    #expect(layer.macs(LayerShapes(bottoms: c.bottoms, tops: [])) == 5 * (6 * 34 + 14))
  }

  @Test func `it refuses wrong numbers of blobs and shapes`() throws {
    func refusal(_ settings: String, _ bottoms: [Shape], tops: Int = 1) throws -> String {
      try suite.refusal(settings, bottoms: bottoms, topCount: tops)
    }
    #expect(try refusal("", [[2, 1, 1], [2, 1]]).contains("num_output"))
    #expect(
      try refusal("recurrent_param {\nnum_output: 0\n}", [[2, 1, 1], [2, 1]]).hasPrefix(
        "case.prototxt:3:1: error: layer 'l' (RNN): num_output must be positive, is 0"))
    #expect(try refusal(Self.settings, [[2, 1, 1], [1, 2]]).contains("needs cont of [2, 1], got [1, 2]"))
    #expect(try refusal(Self.settings, [[2], [2]]).contains("needs x of [T, N, ..]"))
    #expect(try refusal(Self.settings, [[2, 1, 1], [2, 1], [3, 4]]).contains("needs a static input of [1, ..]"))
    let exposed = "recurrent_param { num_output: 2 expose_hidden: true }"
    #expect(try refusal(exposed, [[2, 1, 1], [2, 1]]).contains("then h0, has 2 bottoms"))
    #expect(
      try refusal(exposed, [[2, 1, 1], [2, 1], [1, 1, 3]], tops: 2).contains("needs a state of [1, 1, 2], got"))
    #expect(try refusal(Self.settings, [[2, 1, 1], [2, 1]], tops: 2).contains("has 2 tops, needs one"))
    #expect(
      try refusal("recurrent_param { num_output: 2147483647 }", [[2, 1, 1], [2, 1]]).contains("would need weights"))
  }
}
