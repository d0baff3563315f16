import LayerGraph
import Tensors
import TestSupport
import Testing

@testable import Layers

@Suite("GRU layer") struct GRULayerTests {
  let suite = LayerSuite(GRULayer.self)
  private static let input = [Tensor.pattern([6, 2], 5, 13, 0.8), Tensor.pattern([6], 3, 7, 0.3)]
  private static let hidden = [3, 4, 5].map { Tensor.pattern([2, 2], $0, 11, 0.9) }

  /// Numbers of this suite: numpy 2.4 with the formula of the layer's documentation, in float64.
  @Test func `three steps of two streams that begin at different times`() throws {
    let h = try suite.top(
      "recurrent_param { num_output: 2 }", [RecurrentCase.x, RecurrentCase.cont], params: Self.input + Self.hidden)
    #expect(
      differences(
        h.array,
        [
          0.25612883, -0.46190216, 0.19194942, -0.44929438, 0.12608273, -0.12773835, -0.19837655, 0.07546952,
          0.30791414, -0.48312771, 0.07222763, 0.04433307,
        ]) == "")
  }

  @Test func `a static input, and a state that comes in and goes out`() throws {
    let bottoms = [RecurrentCase.x, RecurrentCase.cont, RecurrentCase.statics, RecurrentCase.state]
    let c = LayerCase(
      "state", "recurrent_param { num_output: 2 expose_hidden: true }", bottoms: bottoms.map(\.shape), topCount: 2)
    let tops = try suite.reference(c, bottoms, params: Self.input + [.pattern([6, 1], 2, 5, 0.5)] + Self.hidden)
    #expect(
      differences(
        tops[0].array,
        [
          0.16657904, -0.23092439, -0.02312959, -0.42827777, 0.07464448, 0.11425191, -0.20267831, 0.10397141,
          0.21062303, -0.16485905, 0.05463329, 0.08911857,
        ]) == "")
    #expect(differences(tops[1].array, [0.21062303, -0.16485905, 0.05463329, 0.08911857]) == "")
  }

  @Test func `the reset gate behind the product`() throws {
    let h = try suite.top(
      "recurrent_param { num_output: 2 linear_before_reset: 1 }", [RecurrentCase.x, RecurrentCase.cont],
      params: Self.input + Self.hidden + [.pattern([2], 2, 3, 0.4)])
    #expect(
      differences(
        h.array,
        [
          0.19646491, -0.43617414, 0.05980077, -0.42048737, 0.01490629, -0.09011666, -0.32654351, 0.09816947,
          0.17208837, -0.46037497, -0.06327333, 0.06631006,
        ]) == "")
  }

  @Test func `one step by hand`() throws {
    // z = sigmoid(0) = 0.5, g = tanh(0.5) = 0.46211716, h = g + z (0 - g).
    let params =
      [Tensor(shape: [3, 1], [0, 0, 0.5]), Tensor(shape: [3])] + [1, 2, 3].map { Tensor(shape: [1, 1], [$0]) }
    let h = try suite.top(
      "recurrent_param { num_output: 1 }", [Tensor(shape: [1, 1, 1], [1]), Tensor(shape: [1, 1], [0])], params: params)
    #expect(h[0].isNearly(0.23105858))
  }

  @Test func `shapes of what it learns stand in the fork's order`() throws {
    let c = LayerCase(
      "c", "recurrent_param { num_output: 5 linear_before_reset: 1 }", bottoms: [[3, 2, 4], [3, 2], [2, 7]])
    let specs = try suite.makeLayer(c).paramBlobs(c.bottoms)
    #expect(specs.map(\.shape) == [[15, 4], [15], [15, 7], [5, 5], [5, 5], [5, 5], [5]])
    #expect(specs.map(\.name) == ["W_xc", "b_c", "W_xc_static", "R_z", "R_r", "R_h", "Rb_h"])
  }

  @Test func `it refuses what is no recurrent layer`() throws {
    let said = try suite.refusal("recurrent_param {\nnum_output: 0\n}", bottoms: [[2, 1, 1], [2, 1]])
    #expect(said.hasPrefix("case.prototxt:3:1: error: layer 'l' (GRU): num_output must be positive, is 0"), "\(said)")
    #expect(try suite.refusal("", bottoms: [[2, 1, 1], [2, 1]]).contains("needs num_output"))
    #expect(
      try suite.refusal("recurrent_param { num_output: 2 }", bottoms: [[2, 1, 1], [2, 2]]).contains("needs cont of"))
    #expect(
      try suite.refusal("recurrent_param { num_output: 2 }", bottoms: [[2, 1, 1]]).contains("has 1 bottoms"))
  }
}
