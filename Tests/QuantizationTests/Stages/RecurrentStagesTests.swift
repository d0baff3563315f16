import CaffeFormat
import Diagnostics
import Engine
import LayerGraph
import Passes
import Tensors
import TestSupport
import Testing

@testable import Quantization

/// The stages of a run over LSTM, RNN and GRU.
@Suite struct RecurrentStagesTests {
  private func text(_ type: String) -> String {
    NetText.input("x", [3, 2, 2]) + NetText.input("cont", [3, 2]) + NetText.input("s", [2, 1])
      + NetText.layer("rec", type, ["x", "cont", "s"], ["h"], "recurrent_param { num_output: 2 }")
  }

  private func pattern(_ shape: Shape, _ factor: Int, _ modulus: Int, _ scale: Double) -> Tensor {
    let part = { (i: Int) in Double(i * factor % modulus) / Double(modulus) }
    return Tensor(shape: shape, (0..<shape.count).map { Float((part($0) * 2 - 1) * scale) })
  }

  private func params(_ type: String) -> [Tensor] {
    switch type {
    case "LSTM":
      [
        pattern([8, 2], 5, 13, 0.8), pattern([8], 3, 7, 0.3), pattern([8, 1], 2, 5, 0.5), pattern([8, 2], 4, 11, 0.9),
      ]
    case "RNN":
      [
        pattern([2, 2], 5, 7, 0.8), pattern([2], 3, 5, 0.3), pattern([2, 1], 2, 5, 0.5), pattern([2, 2], 3, 7, 0.9),
        pattern([2, 2], 4, 9, 0.7), pattern([2], 2, 3, 0.2),
      ]
    default:
      [pattern([6, 2], 5, 13, 0.8), pattern([6], 3, 7, 0.3), pattern([6, 1], 2, 5, 0.5)]
        + [3, 4, 5].map { pattern([2, 2], $0, 11, 0.9) }
    }
  }

  /// Numbers: numpy 2.4, the layers' formulas in float64 with float32 states. The inputs are so small that the largest
  /// magnitude is one of the state's: -0.25590059, 0.26499844 and 0.19835395. Symmetric, by the plain range and one
  /// try within it, the step is that magnitude over 128 or 127; the static input's is 1 / 128.
  @Test(arguments: [("LSTM", 0.00199922337), ("RNN", 0.00208660186), ("GRU", 0.00156184210)] as [(String, Float)])
  func `the state is searched together with the input, the static input alone`(_ type: String, _ scale: Float) throws {
    let graph = try NetText.graph(text(type), params: ["rec": params(type)])
    let config = try StageNet.config(
      graph,
      [0, 1].flatMap { i in
        [
          ("rec.activation_quant_params[\(i)].max_percentile", "1.0"),
          ("rec.activation_quant_params[\(i)].min_percentile", "1.0"),
          ("rec.activation_quant_params[\(i)].search_range", "1.0,1.5"),
          ("rec.activation_quant_params[\(i)].search_step", "0.5"),
        ]
      } + [("activation_offset", "false")])
    let targets = CalibrationTarget.all(in: graph, config)
    #expect(targets.map { $0.searches.map(\.indices) } == [[[0], [1]]])
    let shown = try PassPipeline.run([ShowState(targets)], on: graph).graph
    let calibrator = Calibrator(shown, targets, threads: 1) { _ in }
    let plan = try Plan(
      shown, PlanOptions(threads: 1, observed: .only(calibrator.observed), exactFusionsOnly: true))
    let run = try Run(plan)
    let values = [
      "x": Tensor(shape: [3, 2, 2], pattern([3, 2, 2], 7, 11, 1).array.map { Float(Double($0) * 0.05) }),
      "cont": Tensor(shape: [3, 2], [0, 1, 1, 0, 1, 1]), "s": pattern([2, 1], 3, 7, 1),
    ]
    for blob in shown.inputs { try run.setInput(blob, try #require(values[shown[blob].name])) }
    try run.execute(calibrator)
    let data = calibrator.results.flatMap(\.data).sorted { $0.index < $1.index }
    #expect(data.map(\.index) == [0, 1])
    #expect(abs(data[0].scale - scale) < 2e-9, "\(data[0].scale)")
    #expect(data[1].scale == 0.0078125)
    let record = try FactorRecord(
      shown, weights: ["rec": WeightFactors(layer: "rec", scales: [1, 2, 3], numBits: 8)],
      results: calibrator.results)
    #expect(record["rec"]?.data.map(\.index) == [0, 1])
  }

  @Test func `the config has a list for a static input, and no steps by channel`() throws {
    let graph = try NetText.graph(text("GRU"))
    let config = try StageNet.config(graph)
    #expect(config.isEnabled("rec"))
    #expect(config.text.contains("\"activation_quant_params\":[") && config.text.contains("\"channel_wise\":false"))
    #expect(config.layers["rec"]?.activations.count == 2)
    var log = DiagnosticLog()
    let found = NetText.problems {
      _ = try QuantConfig.read(
        Array(config.text.replacing("\"channel_wise\":false", with: "\"channel_wise\":true").utf8), file: "config.json",
        for: graph, log: &log)
    }
    #expect(found.first?.text == "The channel_wise must be False for layer type GRU")
    #expect((found.first?.location?.line ?? 0) > 0)
  }

  @Test func `non-uniform weights for all become uniform ones here, with a note`() throws {
    let graph = try NetText.graph(text("LSTM"))
    let recipe = try Recipe.read(
      Array("common_config: { snq_quantize: { channel_wise: true } }".utf8), file: "r.cfg")
    var log = DiagnosticLog()
    let config = try recipe.apply(to: graph, log: &log)
    let weights = try config.weights(of: #require(graph.node(named: "rec")))
    #expect(weights == .uniform(channelWise: false, numBits: 8))
    #expect(log.diagnostics.map(\.text).contains { $0.contains("'rec' (LSTM) can't have snq_quantize") })
  }

  @Test func `each matrix has one step, a GRU's three of the state together`() throws {
    let weights: [Tensor] = [
      Tensor(shape: [3, 2], [63.5, -10.25, 0, 8.1, 1, 2]), Tensor(shape: [3], [0.5, -1, 2]),
      Tensor(shape: [3, 1], [2, -4, 1]), Tensor(shape: [1, 1], [16]), Tensor(shape: [1, 1], [-32]),
      Tensor(shape: [1, 1], [3.1]),
    ]
    let graph = try NetText.graph(
      NetText.input("x", [3, 2, 2]) + NetText.input("cont", [3, 2]) + NetText.input("s", [2, 1])
        + NetText.layer("rec", "GRU", ["x", "cont", "s"], ["h"], "recurrent_param { num_output: 1 }"),
      params: ["rec": weights])
    let outcome = try WeightQuantizer.run(graph, try StageNet.config(graph)) { _, _, _ in }
    // 63.5 / 127, -32 / -128, -4 / -128.
    #expect(outcome.factors["rec"]?.scales == [0.5, 0.25, 0.03125])
    // W_xc: 127, -20.5 -> -21, 0, 16.2 -> 16, 2, 4; R_z 64, R_r -128, R_h 12.4 -> 12; W_xc_static 64, -128, 32.
    #expect(outcome.codes["rec"] == [127, -21, 0, 16, 2, 4, 64, -128, 12, 64, -128, 32])
    let node = try #require(outcome.graph.node(named: "rec"))
    #expect(
      node.params.map(\.array) == [
        [63.5, -10.5, 0, 8, 1, 2], [0.5, -1, 2], [2, -4, 1], [16], [-32], [3],
      ])

    let record = FactorRecord(layers: [
      LayerRecord(
        layer: "rec", weightScales: [0.5, 0.25, 0.03125],
        data: [0, 1].map {
          .init(index: $0, scale: $0 == 0 ? 0.5 : 4, offset: 0, numBits: 8, channels: 1, height: 1, width: 1)
        })
    ])
    let model = try QuantizedModel(
      outcome.graph, record: record, weightCodes: outcome.codes, absorbed: [:], name: "net",
      withOffset: { _, _ in true }
    )
    #expect(model.codes.isEmpty)
    let blobs = try #require(model.recurrentBlobs["rec"])
    var codes: [[Int8]] = []
    for blob in blobs { if case .int8(_, let values) = blob { codes.append(values) } }
    #expect(codes == [[127, -21, 0, 16, 2, 4], [64, -128, 32], [64], [-128], [12]])
    guard case .int32(let shape, let bias) = blobs[1] else {
      Issue.record("the bias is no int32")
      return
    }
    // In units of 0.5 x 0.5: 2, -4, 8.
    #expect(shape == [3] && bias == [2, -4, 8])
    #expect(model.graph.nodes.map(\.type) == ["Quant", "Quant", "GRUQuant"])
  }
}
