import LayerGraph
import Quantization
import Tensors
import TestSupport
import Testing

@Suite("WeightQuantizer") struct WeightQuantizerTests {
  /// conv [2, 2, 1, 1] and fc [2, 8], whose largest magnitudes make steps that are exact.
  private static let text =
    NetText.input("data", [1, 2, 2, 2]) + NetText.layer("conv", "Convolution", ["data"], ["conv"], StageNet.convolution)
    + NetText.layer("fc", "InnerProduct", ["conv"], ["fc"], "inner_product_param { num_output: 2 bias_term: false }")
  private static let fc: [Float] = [63.5, 10.25, -10.25, 0, 0, 0, 0, 0.2, -32, 8.1, 0, 0, 0, 0, 0, 0]
  private let bias = Tensor(shape: [2], [0.3, -0.7])

  private func run(
    _ changes: [(String, String)] = []
  ) throws -> (outcome: WeightQuantizer.Outcome, reports: [String]) {
    let graph = try NetText.graph(
      Self.text,
      params: [
        "conv": [Tensor(shape: [2, 2, 1, 1], [63.5, -10.25, -32, 8.1]), bias],
        "fc": [Tensor(shape: [2, 8], Self.fc)],
      ])
    var reports: [String] = []
    let config = try StageNet.config(graph, changes)
    let outcome = try WeightQuantizer.run(graph, config) { reports.append("\($0) \($1)/\($2)") }
    return (outcome, reports)
  }

  @Test func `channels of a convolution have steps of their own`() throws {
    let (outcome, reports) = try run()
    let factors = try #require(outcome.factors["conv"])
    // 63.5 / 127 = 0.5 and -32 / -128 = 0.25.
    #expect(factors.scales == [0.5, 0.25])
    #expect(factors.axis == 0 && factors.numBits == 8)
    // 63.5 / 0.5 = 127; -10.25 / 0.5 = -20.5, half away from zero -21; -32 / 0.25 = -128; 8.1 / 0.25 = 32.4.
    #expect(outcome.codes["conv"] == [127, -21, -128, 32])
    let conv = try #require(outcome.graph.node(named: "conv"))
    #expect(conv.params[0] == Tensor(shape: [2, 2, 1, 1], [63.5, -10.5, -32, 8]))
    #expect(conv.params[1] == bias, "the bias stays float")
    #expect(reports == ["conv 1/2", "fc 2/2"])
  }

  @Test func `an InnerProduct has one step for all weights`() throws {
    let outcome = try run().outcome
    #expect(outcome.factors["fc"]?.scales == [0.5])
    #expect(outcome.factors["fc"]?.axis == nil)
    // 10.25 / 0.5 = 20.5 -> 21; 0.2 / 0.5 = 0.4 -> 0; -32 / 0.5 = -64; 8.1 / 0.5 = 16.2 -> 16.
    #expect(outcome.codes["fc"] == [127, 21, -21, 0, 0, 0, 0, 0, -64, 16, 0, 0, 0, 0, 0, 0])
    #expect(
      outcome.graph.node(named: "fc")?.params[0].array == [63.5, 10.5, -10.5, 0, 0, 0, 0, 0, -32, 8, 0, 0, 0, 0, 0, 0])
  }

  @Test func `a convolution that is not channel-wise has one step too`() throws {
    let outcome = try run([("conv.channel_wise", "false")]).outcome
    #expect(outcome.factors["conv"]?.scales == [0.5])
    #expect(outcome.codes["conv"] == [127, -21, -64, 16])
  }

  @Test func `layers that are off keep their weights`() throws {
    let (outcome, reports) = try run([("fc.quant_enable", "false")])
    #expect(outcome.factors.keys.sorted() == ["conv"] && outcome.codes.keys.sorted() == ["conv"])
    #expect(outcome.graph.node(named: "fc")?.params[0].array == Self.fc)
    #expect(reports == ["conv 1/1"])
  }

  /// conv becomes x = 127, -20.5 and -128, 32.4 by the steps of above. Uniform start: 255 / 16 = 15.9375 apart from
  /// -120.03; -20.5 is in cluster 6 (-32.375...-16.4375), 32.4 in cluster 10 (31.375...47.3125); each is alone.
  @Test func `a layer with snq_quantize has levels, its neighbour steps`() throws {
    let (outcome, reports) = try run([("conv.wts_algo", "snq_quantize")])
    let factors = try #require(outcome.factors["conv"])
    #expect(factors.scales == [0.5, 0.25] && factors.axis == 0 && factors.numBits == 4)
    let levels = try #require(factors.codebook)
    // The centres that stay: -120.03 + 15.9375 k. Half of -20.5 goes away from zero.
    #expect(levels == [-128, -104, -88, -72, -56, -40, -21, -8, 7, 23, 32, 55, 71, 87, 103, 127])
    // -20.5 is nearest to -21, 32.4 to 32.
    #expect(outcome.codes["conv"] == [15, 6, 0, 10])
    #expect(outcome.graph.node(named: "conv")?.params[0].array == [63.5, -10.5, -32, 8])
    #expect(outcome.graph.node(named: "conv")?.params[1] == bias)
    #expect(outcome.factors["fc"]?.codebook == nil && outcome.factors["fc"]?.numBits == 8)
    #expect(outcome.codes["fc"]?.first == 127)
    #expect(reports == ["conv 1/2", "fc 2/2"])
  }

  @Test func `snq_quantize of an InnerProduct has one step`() throws {
    let outcome = try run([("fc.wts_algo", "snq_quantize")]).outcome
    #expect(outcome.factors["fc"]?.scales == [0.5] && outcome.factors["fc"]?.codebook?.count == 16)
    #expect(outcome.codes["fc"]?.allSatisfy { (0...15).contains($0) } == true)
  }

  @Test func `NaN weights are reported with the layer`() throws {
    let graph = try NetText.graph(
      Self.text, params: ["conv": [Tensor(shape: [2, 2, 1, 1], [1, .nan, 1, 1]), bias]])
    let config = try StageNet.config(graph)
    let found = NetText.problems { _ = try WeightQuantizer.run(graph, config) { _, _, _ in } }
    #expect(found.first?.text == "Exist NaN in input data, cannot do ARQ quantize.")
    #expect(found.first?.notes.map(\.text) == ["while quantizing the weights of 'conv'"])
  }

  @Test func `NaN weights of snq_quantize are reported with the layer`() throws {
    let graph = try NetText.graph(
      Self.text, params: ["conv": [Tensor(shape: [2, 2, 1, 1], [1, .nan, 1, 1]), bias]])
    let config = try StageNet.config(graph, [("conv.wts_algo", "snq_quantize")])
    let found = NetText.problems { _ = try WeightQuantizer.run(graph, config) { _, _, _ in } }
    #expect(found.first?.text == "Exist NaN in input data, cannot do SNQ quantize.")
    #expect(found.first?.notes.map(\.text) == ["while quantizing the weights of 'conv'"])
  }
}
