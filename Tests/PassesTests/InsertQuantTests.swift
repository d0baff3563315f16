import CaffeFormat
import LayerGraph
import Passes
import Tensors
import TestSupport
import Testing

@Suite struct InsertQuantTests {
  private let data = NetText.input("data", [1, 2, 4, 4])
  private let convolution = "convolution_param { num_output: 2 kernel_size: 1 }"
  private let pooling = "pooling_param { kernel_size: 2 stride: 2 }"

  private func input(_ bottom: Int, _ scale: Float, offset: Int = 0, bits: Int = 8) -> LayerFactors.Input {
    .init(bottom: bottom, scale: scale, offset: offset, numBits: bits, withOffset: offset != 0)
  }

  private func inserted(_ text: String, _ factors: [LayerFactors]) throws -> Graph {
    try PassPipeline.run([InsertQuant(factors)], on: try NetText.graph(text)).graph
  }

  private func topology(_ graph: Graph) -> [String] {
    graph.nodes.map { node in
      let p = graph.parameter(of: node)
      return "\(p.bottoms.joined(separator: ",")) > \(p.name) > \(p.tops.joined(separator: ","))"
    }
  }

  private var conv: String { NetText.layer("conv", "Convolution", ["data"], ["conv"], convolution) }
  private func pool(_ bottom: String = "data") -> String {
    NetText.layer("pool", "Pooling", [bottom], ["pool"], pooling)
  }

  @Test func `a weighted layer stands between Quant and DeQuant, its output keeps its name`() throws {
    let factors = [LayerFactors(layer: "conv", inputs: [input(0, 0.5, offset: -3)], weightScales: [0.25, 0.125])]
    let graph = try inserted(data + conv, factors)
    #expect(
      topology(graph) == [
        "data > conv_quant_layer > conv_quant_layer", "conv_quant_layer > conv > conv",
        "conv > conv_dequant_layer > conv",
      ])
    #expect(graph.outputs.map { graph[$0].name } == ["conv"])
    let quant = try #require(graph.node(named: "conv_quant_layer")?.parameter.message.message("quant_param"))
    // The reciprocal of the step 0.5.
    #expect(quant.float("scale") == 2)
    #expect(quant.int("offset") == -3 && quant.int("num_bits_d") == 8 && quant.int("index") == 0)
    #expect(quant.bool("with_offset") == true && quant.string("object_layer") == "conv")
    let node = try #require(graph.node(named: "conv_dequant_layer"))
    // 0.5 * 0.25 and 0.5 * 0.125; no shift, no weight offset.
    #expect(node.params.map(\.array) == [[0.125, 0.0625], [0, 0], [0, 0]])
    let dequant = try #require(node.parameter.message.message("dequant_param"))
    #expect(dequant.bool("channel_wise") == true && dequant.string("object_layer") == "conv")
    #expect(dequant.string("layer_type") == "Convolution")
  }

  @Test func `one scale for all weights makes a DeQuant that is not channel-wise`() throws {
    let text = data + NetText.layer("fc", "InnerProduct", ["data"], ["fc"], "inner_product_param { num_output: 3 }")
    let graph = try inserted(text, [LayerFactors(layer: "fc", inputs: [input(0, 3)], weightScales: [0.25])])
    let node = try #require(graph.node(named: "fc_dequant_layer"))
    #expect(node.params.map(\.array) == [[0.75], [0], [0]])
    #expect(node.parameter.message.message("dequant_param")?.bool("channel_wise") == false)
    // 1 / 3 in float32 is 11184811 / 2^25.
    let scale = graph.node(named: "fc_quant_layer")?.parameter.message.message("quant_param")?.float("scale")
    #expect(scale == 11_184_811 * 0x1p-25)
  }

  @Test func `readers behind a quantized layer read the DeQuant layer's result`() throws {
    let text = data + conv + NetText.layer("r", "ReLU", ["conv"], ["r"])
    let graph = try inserted(text, [LayerFactors(layer: "conv", inputs: [input(0, 1)], weightScales: [1])])
    let dequant = try #require(graph.node(named: "conv_dequant_layer"))
    #expect(graph.node(named: "r")?.bottoms == dequant.tops)
  }

  @Test func `every quantized input has its own Quant`() throws {
    let text = data + conv + NetText.layer("add", "Eltwise", ["conv", "data"], ["add"])
    let factors = [LayerFactors(layer: "add", inputs: [input(0, 0.5), input(1, 0.25, bits: 12)], weightScales: [])]
    let graph = try inserted(text, factors)
    #expect(
      topology(graph) == [
        "data > conv > conv", "conv > add_quant_layer > add_quant_layer",
        "data > add_quant_layer_1 > add_quant_layer_1",
        "add_quant_layer,add_quant_layer_1 > add > add", "add > add_anti_quant_layer > add",
      ])
    let second = try #require(graph.node(named: "add_quant_layer_1")?.parameter.message.message("quant_param"))
    #expect(second.float("scale") == 4 && second.int("num_bits_d") == 12 && second.int("index") == 1)
    #expect(graph.outputs.map { graph[$0].name } == ["add"])
  }

  @Test func `a weighted layer with several bottoms has Quant and DeQuant for each`() throws {
    let text =
      data + NetText.input("other", [1, 2, 4, 4])
      + NetText.layer("conv", "Convolution", ["data", "other"], ["a", "b"], convolution)
    let graph = try inserted(
      text, [LayerFactors(layer: "conv", inputs: [input(0, 0.5), input(1, 0.5)], weightScales: [1, 2])])
    #expect(
      graph.nodes.map(\.name).sorted() == [
        "conv", "conv_dequant_layer", "conv_dequant_layer_1", "conv_quant_layer", "conv_quant_layer_1",
      ])
    #expect(Set(graph.outputs.map { graph[$0].name }) == ["a", "b"])
    #expect(graph.outputs.allSatisfy { graph[$0].producer.flatMap { graph[$0] }?.type == "DeQuant" })
  }

  @Test func `shifts of a record stand in DeQuant, and in its settings that they are not simulated`() throws {
    let factors = LayerFactors(layer: "conv", inputs: [input(0, 0.5)], weightScales: [0.25, 0.125], shiftBits: [3])
    let node = try #require(try inserted(data + conv, [factors]).node(named: "conv_dequant_layer"))
    #expect(node.params.map(\.array) == [[0.125, 0.0625], [3, 3], [0, 0]])
    #expect(node.parameter.message.message("dequant_param")?.floats("shift_bit") == [0])
  }

  @Test func `the groups of a Deconvolution share their steps`() throws {
    let text =
      data
      + NetText.layer(
        "up", "Deconvolution", ["data"], ["up"], "convolution_param { num_output: 4 group: 2 kernel_size: 1 }")
    let graph = try inserted(
      text, [LayerFactors(layer: "up", inputs: [input(0, 0.5)], weightScales: [2, 4], shiftBits: [1, 2])])
    // Weights [2, 4 / 2, 1, 1]: outputs 0, 1 are those of the first group, 2, 3 of the second.
    let node = try #require(graph.node(named: "up_dequant_layer"))
    #expect(node.params.map(\.array) == [[1, 2, 1, 2], [1, 2, 1, 2], [0, 0, 0, 0]])
  }

  // MARK: data-only layers

  private var poolFactors: LayerFactors { LayerFactors(layer: "pool", inputs: [input(0, 0.5)], weightScales: []) }

  @Test func `a float reader of a data-only layer gets it through AntiQuant`() throws {
    let text = data + pool() + NetText.layer("r", "ReLU", ["pool"], ["r"])
    #expect(
      topology(try inserted(text, [poolFactors])) == [
        "data > pool_quant_layer > pool_quant_layer", "pool_quant_layer > pool > pool",
        "pool > pool_anti_quant_layer > pool", "pool > r > r",
      ])
  }

  @Test func `beside quantized readers only the float ones go through AntiQuant`() throws {
    let text =
      data + pool() + NetText.layer("conv", "Convolution", ["pool"], ["conv"], convolution)
      + NetText.layer("r", "ReLU", ["pool"], ["r"])
    let factors = [poolFactors, LayerFactors(layer: "conv", inputs: [input(0, 0.5)], weightScales: [1])]
    #expect(
      topology(try inserted(text, factors)) == [
        "data > pool_quant_layer > pool_quant_layer", "pool_quant_layer > pool > pool",
        "pool > pool_anti_quant_layer > pool_anti_quant_layer", "pool > conv_quant_layer > conv_quant_layer",
        "conv_quant_layer > conv > conv", "conv > conv_dequant_layer > conv", "pool_anti_quant_layer > r > r",
      ])
  }

  @Test func `with quantized readers alone there is no AntiQuant`() throws {
    let text = data + pool() + NetText.layer("conv", "Convolution", ["pool"], ["conv"], convolution)
    let graph = try inserted(
      text, [poolFactors, LayerFactors(layer: "conv", inputs: [input(0, 0.5)], weightScales: [1])])
    #expect(!graph.nodes.contains { $0.type == "AntiQuant" })
  }

  @Test func `each top of a layer has its own AntiQuant where a float layer reads it`() throws {
    let text =
      data + NetText.layer("cut", "Slice", ["data"], ["a", "b"]) + NetText.layer("r", "ReLU", ["a"], ["r"])
      + NetText.layer("p", "Pooling", ["b"], ["p"], pooling) + NetText.layer("s", "ReLU", ["b"], ["s"])
    let factors = ["cut", "p"].map { LayerFactors(layer: $0, inputs: [input(0, 0.5)], weightScales: []) }
    #expect(
      topology(try inserted(text, factors)) == [
        "data > cut_quant_layer > cut_quant_layer", "cut_quant_layer > cut > a,b",
        "b > cut_anti_quant_layer_1 > cut_anti_quant_layer_1", "a > cut_anti_quant_layer > a", "a > r > r",
        "b > p_quant_layer > p_quant_layer", "p_quant_layer > p > p", "p > p_anti_quant_layer > p",
        "cut_anti_quant_layer_1 > s > s",
      ])
  }

  @Test func `a data-only layer at the end keeps the output's name`() throws {
    let graph = try inserted(data + pool(), [poolFactors])
    #expect(topology(graph).last == "pool > pool_anti_quant_layer > pool")
    #expect(graph.outputs.map { graph[$0].name } == ["pool"])
  }

  @Test func `the result runs, and equals the net over data on the grid`() throws {
    let text = data + conv
    let factors = [LayerFactors(layer: "conv", inputs: [input(0, 0.25)], weightScales: [1, 1])]
    let (plain, quantized) = (try NetText.graph(text), try inserted(text, factors))
    let values = GraphRun.inputs(plain)
    // Step 0.25, no offset; values in [-1, 1) stay far from the ends of the codes.
    let onGrid = values.mapValues { $0.map { ($0 / 0.25).rounded(.toNearestOrAwayFromZero) * 0.25 } }
    let got = try GraphRun.values(quantized, inputs: values)
    #expect(got.keys.sorted() == ["conv"])
    #expect(GraphRun.differences(got, try GraphRun.values(plain, inputs: onGrid), .exact) == [])
  }

  @Test func `the message of the result can be written`() throws {
    let graph = try inserted(data + conv, [LayerFactors(layer: "conv", inputs: [input(0, 0.5)], weightScales: [1])])
    let printed = try ProtoSchema.builtIn().printText(graph.netMessage())
    #expect(printed.contains("quant_param {") && printed.contains("dequant_param {"))
  }
}
