import Diagnostics
import LayerGraph
import Quantization
import TestSupport
import Testing

@testable import QuantEngine

/// The manual's ladder: batches, float, clip range, 12 bits, per-channel weights, training.
@Suite("Tuning ladder") struct TuningLadderTests {
  private static let net =
    NetText.input("data", [1, 2, 4, 4])
    + NetText.layer("conv", "Convolution", ["data"], ["conv"], "convolution_param { num_output: 2 kernel_size: 1 }")
    + NetText.layer("pool", "Pooling", ["conv"], ["pool"], "pooling_param { kernel_size: 2 stride: 2 }")
    + NetText.layer("fc", "InnerProduct", ["pool"], ["fc"], "inner_product_param { num_output: 3 }")

  private let graph: Graph
  private var config: QuantConfig

  init() throws {
    graph = try NetText.graph(Self.net)
    var log = DiagnosticLog()
    config = try QuantConfig.initial(graph: graph, log: &log)
  }

  private func ladder(_ layer: String, images: Int = 64, found: [TuningProposal] = []) throws -> TuningLadder {
    TuningLadder(
      try #require(graph.node(named: layer)), config, images: ImageSupply(count: images, batchSize: 8), found: found)
  }

  private func states(_ ladder: TuningLadder) -> String {
    ladder.rungs.map { $0.state == .done ? "d" : $0.state == .open ? "o" : "-" }.joined()
  }

  @Test func `defaults leave batches, float, clip range and bits open`() throws {
    #expect(try states(ladder("conv")) == "ooood-")
    // An InnerProduct may not have a step for each channel, a Pooling has no weights.
    #expect(try states(ladder("fc")) == "oooo--")
    #expect(try ladder("fc")[.channelWiseWeights].reason == "not allowed for InnerProduct")
    #expect(try ladder("pool")[.channelWiseWeights].reason == "the layer has no weights")
    // 8 images are calibrated with; 16 are two batches of 8.
    #expect(try ladder("conv")[.moreBatches].proposal?.change == .batchNum(2))
    #expect(
      try ladder("conv").proposals.map(\.change) == [
        .activationBits(12), .percentile(0.9999), .quantEnable(false), .batchNum(2),
      ])
  }

  @Test func `batches stop at 16 images and at what is there`() throws {
    #expect(try ladder("conv", images: 15)[.moreBatches].state == .closed)
    var more = self
    more.config = try applying(.batchNum(2))
    #expect(try more.ladder("conv")[.moreBatches].state == .done)
  }

  @Test func `a step that is taken is done, and what is float has no others`() throws {
    var changed = self
    for change in [TuningProposal.Change.activationBits(12), .percentile(0.9999)] {
      try changed.config.apply(change, to: "conv", graph)
    }
    #expect(try changed.states(changed.ladder("conv")) == "ooddd-")
    #expect(try changed.ladder("conv").proposals.map(\.step) == [.unquantize, .moreBatches])
    try changed.config.apply(.quantEnable(false), to: "conv", graph)
    #expect(try changed.states(changed.ladder("conv")) == "od----")
  }

  @Test func `a step for each channel is proposed first where it is off: it costs nothing`() throws {
    var changed = self
    try changed.config.apply(.channelWise(false), to: "conv", graph)
    #expect(try changed.ladder("conv").proposals.first?.change == .channelWise(true))
  }

  @Test func `what a run's details speak for goes first, with its reason`() throws {
    let tail = TuningProposal(.clipRange, .searchRange(0.7, 1.6), reason: "saturated 0.3 %")
    let ladder = try ladder("conv", found: [tail])
    #expect(ladder.proposals.first == tail)
    #expect(ladder[.clipRange].reason == "saturated 0.3 %")
    #expect(ladder.proposals.map(\.step) == [.clipRange, .moreBits, .unquantize, .moreBatches])
  }

  @Test func `a proposal changes what it says, on all inputs, and nothing when it is refused`() throws {
    let percentile = try applying(.percentile(0.9999))
    let settings = try #require(percentile.effective(layer: "conv", input: 0))
    #expect(settings.maxPercentile == 0.9999 && settings.minPercentile == 0.9999)
    let range = try #require(try applying(.searchRange(0.7, 1.6)).effective(layer: "conv", input: 0))
    #expect(range.searchRange == (0.7, 1.6))
    #expect(try !applying(.quantEnable(false)).isEnabled("conv"))
    var copy = config
    #expect(throws: DiagnosticError.self) { try copy.apply(.channelWise(true), to: "fc", graph) }
    #expect(copy == config)
  }

  private func applying(_ change: TuningProposal.Change) throws -> QuantConfig {
    var copy = config
    try copy.apply(change, to: "conv", graph)
    return copy
  }
}
