import LayerGraph
import Passes
import Quantization
import Tensors
import TestSupport
import Testing

/// Weights that are quantized, then quantized again when the refreshed BatchNorm is folded in.
@Suite struct `Weights after a BatchNorm update` {
  private static let text =
    NetText.input("data", [1, 2, 2, 2])
    + NetText.layer("conv", "Convolution", ["data"], ["conv"], StageNet.convolution)
    + NetText.layer("bn", "BatchNorm", ["conv"], ["bn"], "batch_norm_param { eps: 0 }")
    + NetText.layer("scale", "Scale", ["bn"], ["y"])
  /// Channel 1 has a negative gamma. Variance 1 before; after the update 16 and 4: deviations 4 and 2.
  private static let params = [
    "conv": [Tensor(shape: [2, 2, 1, 1], [63.5, -10.25, -31.75, 8.1]), Tensor(shape: [2], [1, 2])],
    "bn": BatchNormStatistics(mean: [0, 0], variance: [1, 1], factor: 1).blobs,
    "scale": [Tensor(shape: [2], [8, -4])],
  ]
  private static let fresh = ["bn": BatchNormStatistics(mean: [2, 4], variance: [32, 8], factor: 2)]

  private func quantized(_ changes: [(String, String)], gamma: [Float] = [8, -4]) throws -> (
    before: WeightQuantizer.Outcome, after: WeightQuantizer.Outcome
  ) {
    var params = Self.params
    params["scale"] = [Tensor(shape: [2], gamma)]
    let graph = try NetText.graph(Self.text, params: params)
    let config = try StageNet.config(graph, changes)
    let prepared = try PreparedModel(graph, config, fuses: false)
    #expect(prepared.absorbed.isEmpty && prepared.graph.nodes.count == graph.nodes.count)
    let plan = try #require(prepared.plan)
    let before = try WeightQuantizer.run(prepared.graph, config, later: plan) { _, _, _ in }
    let refreshed = BatchNormUpdate.graph(prepared.graph, with: Self.fresh)
    let conv = try #require(refreshed.node(named: "conv"))
    let chain = try #require(try plan.chain(behind: conv, in: refreshed))
    // 8 / 4 and -4 / 2.
    if gamma == [8, -4] { #expect(chain.factor == [2, -2] && chain.signs == [1, -1]) }
    let fused = try prepared.fused(with: Self.fresh)
    #expect(fused.absorbed == ["conv": ["bn", "scale"]])
    // (1 - 1) * 2 = 0 and (2 - 2) * -2 = 0: the refreshed means are 1 and 2... of factor 2.
    if gamma == [8, -4] { #expect(fused.graph.node(named: "conv")?.params[1].array == [0, 0]) }
    return (before, try WeightQuantizer.refreshed(fused.graph, config, before: before, chains: ["conv": chain]))
  }

  @Test func `uniform ones are quantized anew, from the float weights`() throws {
    let (before, after) = try quantized([])
    // 63.5 / 127 and -31.75 / -128.
    #expect(before.factors["conv"]?.scales == [0.5, 31.75 / 128])
    // Folded: 127, -20.5 and 63.5, -16.2. Steps 127 / 127 and 63.5 / 127.
    #expect(after.factors["conv"]?.scales == [1, 0.5])
    // -20.5 goes away from zero; -16.2 / 0.5 = -32.4.
    #expect(after.codes["conv"] == [127, -21, 127, -32])
    #expect(after.graph.node(named: "conv")?.params[0].array == [127, -21, 63.5, -16])
  }

  @Test func `non-uniform ones keep codes and levels, their steps take the factor`() throws {
    let (before, after) = try quantized([("conv.wts_algo", "snq_quantize")])
    // Clustered with the sign of gamma: 63.5, -10.25 and 31.75, -8.1, so both largest are 127 steps.
    let (first, second) = try (#require(before.factors["conv"]), #require(after.factors["conv"]))
    #expect(first.scales == [0.5, 0.25] && second.scales == [1, 0.5], "times 8 / 4 and |-4 / 2|")
    let levels = try #require(first.codebook)
    #expect(second.codebook == levels && before.codes == after.codes)
    let codes = try #require(before.codes["conv"]).map { Float(levels[Int($0)]) }
    // What runs while BatchNorm is refreshed has the sign of the weights.
    #expect(
      before.graph.node(named: "conv")?.params[0].array
        == [codes[0] * 0.5, codes[1] * 0.5, -codes[2] * 0.25, -codes[3] * 0.25])
    #expect(after.graph.node(named: "conv")?.params[0].array == [codes[0], codes[1], codes[2] * 0.5, codes[3] * 0.5])
    // 127, -20.5 and 127, -32.4 steps; the levels are whole steps nearby.
    #expect(codes[0] == 127 && codes[2] == 127 && abs(codes[1] + 20.5) <= 0.5 && abs(codes[3] + 32.4) <= 0.5)
  }

  @Test func `one step for factors that differ is found anew`() throws {
    let (before, after) = try quantized([("conv.wts_algo", "snq_quantize"), ("conv.channel_wise", "false")])
    // No signs are turned: 63.5 / 127. Folded 127, -20.5, 63.5, -16.2: 127 / 127.
    #expect(before.factors["conv"]?.scales == [0.5] && after.factors["conv"]?.scales == [1])
    #expect(after.factors["conv"]?.codebook?.count == 16)
    // Uniform starts are 9.2 apart from -20.5 on: -20.5 and -16.2 are in one cluster, its centre -18.35.
    #expect(after.graph.node(named: "conv")?.params[0].array == [127, -18, 64, -18])
  }

  @Test func `a dead channel has weights of 0`() throws {
    let after = try quantized([("conv.wts_algo", "snq_quantize")], gamma: [8, 0]).after
    let factors = try #require(after.factors["conv"])
    #expect(factors.scales == [1, 1] && factors.codebook?.contains(0) == true)
    let values = try #require(after.graph.node(named: "conv")?.params[0].array)
    #expect(values[2] == 0 && values[3] == 0 && values[0] == 127)
  }

  @Test func `layers without a chain stay as they were`() throws {
    let graph = try NetText.graph(
      NetText.input("data", [1, 2, 2, 2])
        + NetText.layer("conv", "Convolution", ["data"], ["y"], StageNet.convolution))
    let config = try StageNet.config(graph, [("conv.wts_algo", "snq_quantize")])
    let before = try WeightQuantizer.run(graph, config) { _, _, _ in }
    let after = try WeightQuantizer.refreshed(graph, config, before: before, chains: [:])
    #expect(after.factors == before.factors && after.codes == before.codes)
    #expect(after.graph.node(named: "conv")?.params == before.graph.node(named: "conv")?.params)
  }
}
