import LayerGraph
import Tensors
import TestSupport
import Testing

@testable import Layers

/// The types of LSTM, RNN and GRU in calibration and quantized models.
///
/// Numbers of this suite: numpy 2.4 with the formulas of the layers' documentation, in float64 with float32 states; the
/// quantizer is `clip(round(float32(v) / step) + offset) - offset`, half away from zero, times the step.
@Suite("Recurrent layers of calibration and quantized models") struct RecurrentVariantTests {
  private static let input = [Tensor.pattern([8, 2], 5, 13, 0.8), Tensor.pattern([8], 3, 7, 0.3)]
  private static let lstm = input + [Tensor.pattern([8, 2], 4, 11, 0.9)]
  private static let rnn = [
    Tensor.pattern([2, 2], 5, 7, 0.8), .pattern([2], 3, 5, 0.3), .pattern([2, 2], 3, 7, 0.9),
    .pattern([2, 2], 4, 9, 0.7), .pattern([2], 2, 3, 0.2),
  ]
  private static let gru =
    [Tensor.pattern([6, 2], 5, 13, 0.8), .pattern([6], 3, 7, 0.3)] + [3, 4, 5].map { .pattern([2, 2], $0, 11, 0.9) }

  /// Step 0.0625, offset -5.
  private func quantized(_ field: String, _ more: String = "") -> String {
    "recurrent_param { num_output: 2 \(more)} \(field) { w_h_quant_param { scale: 16 offset: -5 } }"
  }

  private let bottoms = [RecurrentCase.x, RecurrentCase.cont]

  @Test func `an LSTM quantizes its state before each step`() throws {
    let h = try LayerSuite(LSTMQuantLayer.self).top(quantized("lstm_quant_param"), bottoms, params: Self.lstm)
    #expect(
      differences(
        h.array,
        [
          -0.142787889, 0.000213631560, -0.166664571, 0.0138303237, 0.0771166459, -0.134318560, 0.0303727221,
          -0.129989728, -0.123377472, -0.0458202064, 0.209914923, -0.235079676,
        ]) == "")
  }

  @Test func `a static input and states go through the quantized LSTM as they are`() throws {
    let bottoms = [
      RecurrentCase.x, RecurrentCase.cont, RecurrentCase.statics, RecurrentCase.state, .pattern([1, 2, 2], 4, 7, 0.5),
    ]
    let c = LayerCase(
      "state", quantized("lstm_quant_param", "expose_hidden: true "), bottoms: bottoms.map(\.shape), topCount: 3)
    let params = Self.input + [.pattern([8, 1], 2, 5, 0.5), Self.lstm[2]]
    let tops = try LayerSuite(LSTMQuantLayer.self).reference(c, bottoms, params: params)
    #expect(
      differences(
        tops[0].array,
        [
          -0.12068236, -0.04337996, -0.23455116, 0.06217479, 0.13243333, -0.27932751, 0.03347511, -0.14538538,
          -0.11557914, -0.18527195, 0.21472950, -0.26660246,
        ]) == "")
    #expect(differences(tops[1].array, [-0.11557914, -0.18527195, 0.21472950, -0.26660246]) == "")
    #expect(differences(tops[2].array, [-0.17191629, -0.41366708, 0.36613981, -0.51161427]) == "")
  }

  @Test func `an RNN quantizes its state before both of its matrices`() throws {
    let o = try LayerSuite(RNNQuantLayer.self).top(quantized("rnn_quant_param"), bottoms, params: Self.rnn)
    #expect(
      differences(
        o.array,
        [
          -0.53258728, 0.35654025, -0.37518541, 0.30018437, 0.30963249, -0.47887829, 0.26955962, -0.31151488,
          -0.61397572, 0.58461432, -0.33267517, 0.12435300,
        ]) == "")
  }

  @Test func `a GRU quantizes its state, and once more behind the gate`() throws {
    let h = try LayerSuite(GRUQuantLayer.self).top(quantized("gru_quant_param"), bottoms, params: Self.gru)
    #expect(
      differences(
        h.array,
        [
          0.25612885, -0.46190214, 0.19194943, -0.44929439, 0.11704946, -0.12343851, -0.19837655, 0.07546952,
          0.30620921, -0.48636782, 0.06689171, 0.05315968,
        ]) == "")
    let linear = try LayerSuite(GRUQuantLayer.self).top(
      quantized("gru_quant_param", "linear_before_reset: 1 "), bottoms, params: Self.gru + [.pattern([2], 2, 3, 0.4)])
    #expect(
      differences(
        linear.array,
        [
          0.19646491, -0.43617415, 0.05980077, -0.42048737, 0.01692676, -0.09133617, -0.32654351, 0.09816947,
          0.17533423, -0.46334246, -0.06188464, 0.06732447,
        ]) == "")
  }

  /// Runs a layer of a calibration model with and without the top that shows the state.
  private func shown(_ type: any LayerType.Type, _ original: any LayerType.Type, _ params: [Tensor]) throws -> Tensor {
    let (suite, settings) = (LayerSuite(type), "recurrent_param { num_output: 2 }")
    let shapes = bottoms.map(\.shape)
    let tops = try suite.reference(
      LayerCase("shown", settings, bottoms: shapes, topCount: 2), bottoms, params: params)
    let plain = try LayerSuite(original).top(settings, bottoms, params: params)
    #expect(tops.count == 2 && tops[0] == plain, "it computes what the layer does")
    #expect(try suite.top(settings, bottoms, params: params) == plain)
    return tops[1]
  }

  @Test func `a layer of a calibration model shows what its matrices are fed of the state`() throws {
    let lstm = try shown(LSTMCalibrationLayer.self, LSTMLayer.self, Self.lstm)
    #expect(lstm.shape == [3, 2, 2])
    #expect(
      differences(
        lstm.array,
        [0, 0, 0, 0, -0.14278789, 0.00021363, 0, 0, 0.07833544, -0.13074288, 0.03037272, -0.12998973]) == "")
    // State times cont, then the next state, step by step.
    let rnn = try shown(RNNCalibrationLayer.self, RNNLayer.self, Self.rnn)
    #expect(rnn.shape == [6, 2, 2])
    #expect(
      differences(
        rnn.array,
        [
          0, 0, 0, 0, 0.53241283, 0.01843945, 0.33118251, -0.34131876, 0.53241283, 0.01843945, 0, 0, -0.79038304,
          0.63419330, -0.68594664, 0.03920069, -0.79038304, 0.63419330, -0.68594664, 0.03920069, 0.81447983,
          -0.69571865, 0.18546504, 0.20362501,
        ]) == "")
    // State times cont, then the same behind the gate.
    let gru = try shown(GRUCalibrationLayer.self, GRULayer.self, Self.gru)
    #expect(
      differences(
        gru.array,
        [
          0, 0, 0, 0, 0, 0, 0, 0, 0.25612885, -0.46190214, 0, 0, 0.10724634, -0.24163189, 0, 0, 0.12608273,
          -0.12773834, -0.19837655, 0.07546952, 0.07516602, -0.07674148, -0.08348092, 0.02868684,
        ]) == "")
  }

  @Test(
    arguments: [
      LSTMLayer.self, RNNLayer.self, GRULayer.self, LSTMCalibrationLayer.self, RNNCalibrationLayer.self,
      GRUCalibrationLayer.self, LSTMQuantLayer.self, RNNQuantLayer.self, GRUQuantLayer.self,
    ] as [any LayerType.Type]) func `float products agree with the loops`(_ type: any LayerType.Type) throws
  {
    let suite = LayerSuite(type)
    let isQuant = type.caffeType.hasSuffix("Quant")
    let field = type.caffeType.lowercased().dropLast(isQuant ? 5 : 0) + "_quant_param"
    let states = type.caffeType.hasPrefix("LSTM") ? 2 : 1
    func settings(_ more: String) -> String {
      isQuant ? quantized(String(field), more) : "recurrent_param { num_output: 2 \(more)}"
    }
    let wide = settings("").replacing("num_output: 2", with: "num_output: 70")
    try suite.run(LayerCase("wide", wide, bottoms: [[5, 3, 2, 20], [5, 3]], range: 0...1))
    let state = Array(repeating: Shape([1, 4, 2]), count: states)
    try suite.run(
      LayerCase(
        "state", settings("expose_hidden: true "), bottoms: [[3, 4, 6], [3, 4], [4, 5]] + state, topCount: 1 + states,
        range: 0...1))
    if type.caffeType.hasSuffix("Calibration") {
      try suite.run(LayerCase("shown", wide, bottoms: [[5, 3, 2, 20], [5, 3]], topCount: 2, range: 0...1))
    }
    if type.caffeType.hasPrefix("GRU") {
      try suite.run(
        LayerCase("linear", settings("linear_before_reset: 1 "), bottoms: [[4, 2, 3], [4, 2]], range: 0...1))
    }
  }

  @Test func `an infinite state behind an end of a sequence is forgotten`() throws {
    // x = inf makes h = 0 * tanh(inf); the next sequence does not see it.
    let x = Tensor(shape: [2, 1, 1], [.infinity, 0])
    let h = try LayerSuite(LSTMLayer.self).top(
      "recurrent_param { num_output: 1 }", [x, Tensor(shape: [2, 1], [0, 0])],
      params: [
        Tensor(shape: [4, 1], [1, 1, 1, 0.5]), Tensor(shape: [4]), Tensor(shape: [4, 1], [1, 1, 1, 1]),
      ])
    #expect(h[1] == 0)
  }

  @Test func `the order of steps and biases is that of the record`() throws {
    let statics: [Shape] = [[3, 2, 4], [3, 2], [2, 7]]
    func matrices(_ type: any LayerType.Type, _ settings: String, _ bottoms: [Shape]) throws -> [String] {
      let layer = try LayerSuite(type).makeLayer(LayerCase("m", settings, bottoms: bottoms))
      let feedback = try #require(layer as? any StateFeedback)
      let names = try feedback.paramBlobs(bottoms).map(\.name)
      return feedback.matrices.map { m in
        "\(m.input): " + m.blobs.map { names[$0] }.joined(separator: " ")
          + m.biases.map { " + " + names[$0] }.joined()
      }
    }
    let settings = "recurrent_param { num_output: 5 }"
    #expect(try matrices(LSTMLayer.self, settings, Array(statics.prefix(2))) == ["0: W_xc + b_c", "0: W_hc"])
    #expect(try matrices(LSTMLayer.self, settings, statics) == ["0: W_xc + b_c", "0: W_hc", "1: W_xc_static"])
    #expect(
      try matrices(RNNLayer.self, settings, statics) == [
        "0: W_xh + b_h", "0: W_hh", "1: W_xh_static", "0: W_ho + b_o",
      ])
    #expect(
      try matrices(GRULayer.self, "recurrent_param { num_output: 5 linear_before_reset: 1 }", statics) == [
        "0: W_xc + b_c", "0: R_z R_r R_h + Rb_h", "1: W_xc_static",
      ])
  }

  @Test func `a quantized layer needs its state's quantizer, and no shifts`() throws {
    let suite = LayerSuite(LSTMQuantLayer.self)
    let shapes: [Shape] = [[2, 1, 1], [2, 1]]
    #expect(
      try suite.refusal("recurrent_param { num_output: 1 }", bottoms: shapes).contains("needs w_h_quant_param"))
    let shifted = """
      recurrent_param { num_output: 1 }
      lstm_quant_param { w_h_quant_param { scale: 16 }
      w_x_dequant_param { shift_bit: 3 } }
      """
    #expect(
      try suite.refusal(shifted, bottoms: shapes).hasPrefix(
        "case.prototxt:4:21: error: layer 'l' (LSTMQuant): a shift_bit in the prototxt must be 0, is 3.0"))
    let bits = "recurrent_param { num_output: 1 }\nrnn_quant_param { w_h_quant_param { scale: 16 num_bits_d: 17 } }"
    #expect(
      try LayerSuite(RNNQuantLayer.self).refusal(bits, bottoms: shapes).contains(
        "num_bits_d must be in 8 ... 16, is 17"))
    let tops = try LayerSuite(GRUCalibrationLayer.self).refusal(
      "recurrent_param { num_output: 1 }", bottoms: shapes, topCount: 3)
    #expect(tops.contains("has 3 tops, needs one"))
  }
}
