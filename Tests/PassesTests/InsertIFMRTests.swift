import CaffeFormat
import LayerGraph
import Passes
import TestSupport
import Testing

@Suite struct InsertIFMRTests {
  private let text =
    NetText.input("data", [1, 2, 3, 3])
    + NetText.layer("conv", "Convolution", ["data"], ["conv"], "convolution_param { num_output: 2 kernel_size: 1 }")
    + NetText.layer("add", "Eltwise", ["conv", "data"], ["add"])

  private func search(_ bottoms: [Int], bits: Int = 8) -> InputSearch {
    InputSearch(
      bottoms: bottoms, batchNum: 3, numBits: bits, withOffset: false, rangeStart: 0.75, rangeEnd: 1.25, step: 0.5,
      maxPercentile: 0.875, minPercentile: 0.9375)
  }

  private func inserted(_ targets: [CalibrationTarget]) throws -> Graph {
    try PassPipeline.run([InsertIFMR(targets, recordPath: "out/record.txt")], on: try NetText.graph(text)).graph
  }

  @Test func `every searched input gets a layer of its own before its reader`() throws {
    let graph = try inserted([
      CalibrationTarget(layer: "conv", searches: [search([0])]),
      CalibrationTarget(layer: "add", searches: [search([0]), search([1])]),
    ])
    #expect(graph.nodes.map(\.name) == ["conv_ifmr_layer", "conv", "add_ifmr_layer", "add_ifmr_layer_1", "add"])
    let bottoms = graph.nodes.map { graph.parameter(of: $0).bottoms }
    #expect(bottoms == [["data"], ["data"], ["conv"], ["data"], ["conv", "data"]])
    #expect(graph.nodes.filter { $0.type == "IFMR" }.allSatisfy { $0.tops.isEmpty })
    #expect(graph.node(named: "add_ifmr_layer_1")?.parameter.message.message("ifmr_param")?.int("index") == 1)
  }

  @Test func `inputs searched together stand in one layer`() throws {
    let graph = try inserted([CalibrationTarget(layer: "add", searches: [search([0, 1])])])
    #expect(graph.nodes.map(\.name) == ["conv", "add_ifmr_layer", "add"])
    let node = try #require(graph.node(named: "add_ifmr_layer"))
    #expect(graph.parameter(of: node).bottoms == ["conv", "data"])
    #expect(node.parameter.message.message("ifmr_param")?.strings("object_layer") == ["add", "add"])
  }

  @Test func `the layer carries the settings of the search`() throws {
    let graph = try inserted([CalibrationTarget(layer: "conv", searches: [search([0], bits: 12)])])
    let p = try #require(graph.node(named: "conv_ifmr_layer")?.parameter.message.message("ifmr_param"))
    #expect(p.int("batch_num") == 3 && p.int("num_bits") == 12 && p.bool("with_offset") == false)
    #expect(
      p.float("search_range_start") == 0.75 && p.float("search_range_end") == 1.25 && p.float("search_step") == 0.5)
    #expect(p.float("max_percentile") == 0.875 && p.float("min_percentile") == 0.9375)
    #expect(p.strings("object_layer") == ["conv"] && p.string("record_file_path") == "out/record.txt")
  }

  @Test func `values of the net stay the same, and the message can be written`() throws {
    let graph = try inserted([CalibrationTarget(layer: "conv", searches: [search([0])])])
    let before = try GraphRun.values(try NetText.graph(text))
    #expect(GraphRun.differences(try GraphRun.values(graph), before, .exact) == [])
    let printed = try ProtoSchema.builtIn().printText(graph.netMessage())
    #expect(printed.contains("type: \"IFMR\""))
  }
}
