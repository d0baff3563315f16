import Diagnostics
import LayerGraph
import Quantization
import TestSupport
import Testing

@testable import QuantEngine

/// What proposals cost, against nets that are small enough to count islands and conversions on paper.
///
/// All convolutions are 1x1 from 2 to 2 channels over 4x4 values: 2 * 2 * 16 = 64 MACs, 4 weights.
@Suite("Tuning cost") struct TuningCostTests {
  private let data = NetText.input("data", [1, 2, 4, 4])

  private func conv(_ name: String, _ bottom: String) -> String {
    NetText.layer(name, "Convolution", [bottom], [name], "convolution_param { num_output: 2 kernel_size: 1 }")
  }

  private struct Net {
    let graph: Graph
    let config: QuantConfig
    let map: PrecisionMap

    init(_ text: String) throws {
      graph = try NetText.graph(text)
      var log = DiagnosticLog()
      config = try QuantConfig.initial(graph: graph, log: &log)
      map = PrecisionMap(graph, config)
    }

    var footprint: PrecisionFootprint { map.footprint(map.precisions(config)) }

    func cost(_ changes: [(layer: String, change: TuningProposal.Change)]) -> TuningCost {
      TuningCost(
        of: changes.compactMap { TuningEffect($0.change, of: $0.layer, config, graph: graph, map: map) }, map: map,
        precisions: map.precisions(config))
    }

    func float(_ layers: String...) -> TuningCost { cost(layers.map { ($0, .quantEnable(false)) }) }
  }

  @Test func `a chain that is all 8 bit is entered and left once`() throws {
    let footprint = try Net(data + conv("c1", "data") + conv("c2", "c1") + conv("c3", "c2")).footprint
    // data -> codes, c3 -> float; 3 * 4 weights of a byte.
    #expect(footprint.islands == 0 && footprint.conversions == 2)
    #expect(footprint.int8Macs == 192 && footprint.totalMacs == 192 && footprint.weightBytes == 12)
    #expect(footprint.quantized == 3 && footprint.outOfInt8 == 0 && footprint.wideTensors == 0)
  }

  @Test func `a float layer within a chain is an island with two conversions`() throws {
    let net = try Net(data + conv("c1", "data") + conv("c2", "c1") + conv("c3", "c2"))
    let cost = net.float("c2")
    // c1 -> float and c2 -> codes come to data and c3; 4 weights of 4 bytes in place of 1.
    #expect(cost.islands == 1 && cost.conversions == 2 && cost.weightBytes == 12)
    #expect(cost.after.int8Macs == 128 && abs(cost.macShare - 1.0 / 3) < 1e-12)
    #expect(cost.after.outOfInt8 == 1 && cost.wideTensors == 0 && !cost.isFree)
    #expect(cost.parts == ["+1 island", "+2 conversions", "+12 B"])
  }

  @Test func `a float layer at an end of the chain moves a conversion and makes no island`() throws {
    let net = try Net(data + conv("c1", "data") + conv("c2", "c1") + conv("c3", "c2"))
    for cost in [net.float("c1"), net.float("c3"), net.float("c1", "c2"), net.float("c2", "c3")] {
      #expect(cost.islands == 0 && cost.conversions == 0)
    }
    // All float: nothing is converted at all.
    #expect(net.float("c1", "c2", "c3").conversions == -2)
  }

  @Test func `islands of neighbours join`() throws {
    let net = try Net(data + conv("c1", "data") + conv("c2", "c1") + conv("c3", "c2") + conv("c4", "c3"))
    #expect(net.float("c2").islands == 1 && net.float("c3").islands == 1)
    let both = net.float("c2", "c3")
    #expect(both.islands == 1 && both.conversions == 2 && both.weightBytes == 24)
    // Apart, they are two: c1 c3 c5 stay between c2 and c4.
    let long = try Net(
      data + conv("c1", "data") + conv("c2", "c1") + conv("c3", "c2") + conv("c4", "c3") + conv("c5", "c4"))
    #expect(long.float("c2", "c4").islands == 2 && long.float("c2", "c4").conversions == 4)
  }

  @Test func `activation layers and absorbed ones go with the layer before them`() throws {
    let bn = NetText.layer("bn", "BatchNorm", ["c2"], ["c2"])
    let scale = NetText.layer("scale", "Scale", ["c2"], ["c2"], "scale_param { bias_term: true }")
    let relu = NetText.layer("relu", "ReLU", ["c2"], ["c2"])
    let net = try Net(data + conv("c1", "data") + conv("c2", "c1") + bn + scale + relu + conv("c3", "c2"))
    #expect(net.footprint.conversions == 2 && net.footprint.islands == 0)
    let cost = net.float("c2")
    #expect(cost.islands == 1 && cost.conversions == 2)
  }

  @Test func `12 bits widen the tensor that is read, and nothing else`() throws {
    let net = try Net(data + conv("c1", "data") + conv("c2", "c1") + conv("c3", "c2"))
    let cost = net.cost([("c2", .activationBits(12))])
    #expect(cost.wideTensors == 1 && cost.islands == 0 && cost.conversions == 0 && cost.weightBytes == 0)
    #expect(cost.after.int8Macs == 128 && cost.after.wideMacs == 64 && cost.after.outOfInt8 == 1)
    #expect(cost.parts == ["+1 16-bit tensor"])
    // Two readers of one value share it.
    let fork = try Net(data + conv("c1", "data") + conv("c2", "c1") + conv("c3", "c1"))
    #expect(fork.cost([("c2", .activationBits(12)), ("c3", .activationBits(12))]).wideTensors == 1)
  }

  @Test func `what changes no precision is free`() throws {
    let net = try Net(data + conv("c1", "data") + conv("c2", "c1"))
    for change in [TuningProposal.Change.percentile(0.9999), .searchRange(0.7, 1.6), .batchNum(2), .none] {
      #expect(net.cost([("c2", change)]).isFree)
    }
    // Refused by the config: 99 bits.
    #expect(TuningEffect(.activationBits(99), of: "c2", net.config, graph: net.graph, map: net.map) == nil)
  }

  /// ```
  /// data - a -+------ sum - c
  ///           +- b ---+
  /// ```
  @Test func `a residual sum`() throws {
    let sum = NetText.layer("sum", "Eltwise", ["a", "b"], ["sum"])
    let net = try Net(data + conv("a", "data") + conv("b", "a") + sum + conv("c", "sum"))
    #expect(net.footprint.quantized == 4 && net.footprint.conversions == 2)
    // a -> float for b, b -> codes for the sum.
    #expect(net.float("b").islands == 1 && net.float("b").conversions == 2)
    // a and b -> float, sum -> codes.
    #expect(net.float("sum").islands == 1 && net.float("sum").conversions == 3)
    // One island of both: a -> float, sum -> codes.
    let both = net.float("b", "sum")
    #expect(both.islands == 1 && both.conversions == 2)
  }

  /// ```
  /// data - a -+- b1 -+
  ///           |      concat - c
  ///           +- b2 -+
  /// ```
  @Test func `a concatenation`() throws {
    let concat = NetText.layer("concat", "Concat", ["b1", "b2"], ["concat"])
    let last = NetText.layer(
      "c", "Convolution", ["concat"], ["c"], "convolution_param { num_output: 2 kernel_size: 1 }")
    let net = try Net(data + conv("a", "data") + conv("b1", "a") + conv("b2", "a") + concat + last)
    #expect(net.footprint.conversions == 2)
    #expect(net.float("b1").islands == 1 && net.float("b1").conversions == 2)
    // Two islands, since the concatenation between them is 8 bit; a is turned to float once.
    let branches = net.float("b1", "b2")
    #expect(branches.islands == 2 && branches.conversions == 3)
    // One island with it: a -> float, concat -> codes.
    let all = net.float("b1", "b2", "concat")
    #expect(all.islands == 1 && all.conversions == 2)
  }

  @Test func `effects together make the config that their changes make one by one`() throws {
    let net = try Net(data + conv("c1", "data") + conv("c2", "c1") + conv("c3", "c2"))
    let changes: [(String, TuningProposal.Change)] = [
      ("c1", .activationBits(12)), ("c2", .quantEnable(false)), ("c3", .batchNum(4)),
    ]
    var (one, other) = (net.config, net.config)
    for (layer, change) in changes {
      try one.apply(change, to: layer, net.graph)
      try #require(TuningEffect(change, of: layer, net.config, graph: net.graph, map: net.map)).apply(to: &other)
    }
    #expect(one.text == other.text && one != net.config)
  }

  // MARK: What a run redoes

  @Test func `a run redoes the searches that a change can have changed`() throws {
    let net = try Net(data + conv("c1", "data") + conv("c2", "c1") + conv("c3", "c2"))
    func redone(_ layer: String, _ change: TuningProposal.Change) throws -> RedoneSearches {
      var config = net.config
      try config.apply(change, to: layer, net.graph)
      return RedoneSearches(before: net.config, after: config, graph: net.graph)
    }
    // Settings of the data are the layer's own business.
    let bits = try redone("c2", .activationBits(12))
    #expect(bits.layers == ["c2"] && bits.kept == 2 && bits.first == "c2")
    // Float weights change what c3 sees; c2 itself is not searched any more.
    let float = try redone("c2", .quantEnable(false))
    #expect(float.layers == ["c3"] && float.kept == 1 && float.first == "c2")
    let weights = try redone("c1", .channelWise(false))
    #expect(weights.layers == ["c2", "c3"] && weights.kept == 1 && weights.first == "c1")
    let images = try redone("c2", .batchNum(2))
    #expect(images.layers == ["c1", "c2", "c3"] && images.kept == 0 && images.first == "c1")
    let nothing = RedoneSearches(before: net.config, after: net.config, graph: net.graph)
    #expect(nothing.layers.isEmpty && nothing.kept == 3 && nothing.first == nil)
    #expect(RedoneSearches(before: nil, after: net.config, graph: net.graph).layers.count == 3)
  }
}
