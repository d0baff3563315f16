import LayerGraph
import Tensors
import TestSupport
import Testing

@testable import Layers

@Suite("LSTM layer") struct LSTMLayerTests {
  let suite = LayerSuite(LSTMLayer.self)
  private static let settings = "recurrent_param { num_output: 1 }"
  // One input, one output: gates i, f, o, g.
  private static let inner = Tensor(shape: [4, 1], [0.5, 0.25, -0.5, 1])
  private static let bias = Tensor(shape: [4], [0, 0.1, 0.2, -0.1])
  private static let hidden = Tensor(shape: [4, 1], [0.3, -0.2, 0.1, 0.4])

  private func expectNear(_ got: [Float], _ want: [Float]) {
    #expect(got.count == want.count)
    for (a, b) in zip(got, want) { #expect(abs(a - b) < 1e-6, "\(got) is not \(want)") }
  }

  /// Numbers of this suite: numpy 1.26 with the formula of the layer's documentation, in float64.
  @Test func `two steps, the state forgotten before the first`() throws {
    let h = try suite.top(
      Self.settings, [Tensor(shape: [2, 1, 1], [1, 2]), Tensor(shape: [2, 1], [0, 1])],
      params: [Self.inner, Self.bias, Self.hidden])
    expectNear(h.array, [0.17809375, 0.23868625])
  }

  @Test func `a static input, and a state that comes in and goes out`() throws {
    let c = LayerCase(
      "state", "recurrent_param { num_output: 1 expose_hidden: true }",
      bottoms: [[2, 1, 1], [2, 1], [1, 1], [1, 1, 1], [1, 1, 1]], topCount: 3)
    let tops = try suite.reference(
      c,
      [
        Tensor(shape: [2, 1, 1], [1, 2]), Tensor(shape: [2, 1], [1, 1]), Tensor(shape: [1, 1], [2]),
        Tensor(shape: [1, 1, 1], [0.5]), Tensor(shape: [1, 1, 1], [-1]),
      ], params: [Self.inner, Self.bias, Tensor(shape: [4, 1], [0.1, 0.2, 0.3, 0.4]), Self.hidden])
    expectNear(tops[0].array, [0.00756582, 0.29173417])
    expectNear(tops[1].array, [0.29173417])
    expectNear(tops[2].array, [0.77148064])
  }

  @Test func `streams do not see each other`() throws {
    // The second stream is the first of the test above, its neighbour another.
    let h = try suite.top(
      Self.settings, [Tensor(shape: [2, 2, 1], [7, 1, -3, 2]), Tensor(shape: [2, 2], [0, 0, 1, 1])],
      params: [Self.inner, Self.bias, Self.hidden])
    expectNear([h[1], h[3]], [0.17809375, 0.23868625])
  }

  @Test func `shapes of what it learns stand in Caffe's order`() throws {
    let c = LayerCase("c", "recurrent_param { num_output: 5 }", bottoms: [[3, 2, 4, 6], [3, 2], [2, 7]])
    #expect(try suite.makeLayer(c).paramBlobs(c.bottoms).map(\.shape) == [[20, 24], [20], [20, 7], [20, 5]])
    #expect(try suite.makeLayer(c).topShapes(c.bottoms) == [[3, 2, 5]])
  }

  @Test func `it refuses wrong numbers of blobs and shapes`() throws {
    func refusal(_ settings: String, _ bottoms: [Shape], tops: Int = 1) throws -> String {
      try suite.refusal(settings, bottoms: bottoms, topCount: tops)
    }
    #expect(try refusal("", [[2, 1, 1], [2, 1]]).contains("num_output"))
    #expect(try refusal(Self.settings, [[2, 1, 1], [1, 2]]).contains("needs cont of [2, 1], got [1, 2]"))
    #expect(try refusal(Self.settings, [[2, 1, 1], [2, 1], [3, 4]]).contains("needs a static input of [1, ..]"))
    #expect(
      try refusal("recurrent_param { num_output: 1 expose_hidden: true }", [[2, 1, 1], [2, 1]]).contains(
        "needs x, cont and at most a static input, then h0 and c0, has 2 bottoms"))
    #expect(try refusal(Self.settings, [[2, 1, 1], [2, 1]], tops: 3).contains("has 3 tops, needs one"))
  }
}
