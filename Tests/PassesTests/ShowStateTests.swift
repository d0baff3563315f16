import CaffeFormat
import LayerGraph
import Passes
import Tensors
import TestSupport
import Testing

/// Recurrent layers in calibration and quantized models: what three passes make of them.
@Suite struct ShowStateTests {
  private let text =
    NetText.input("x", [3, 2, 4]) + NetText.input("cont", [3, 2]) + NetText.input("s", [2, 5])
    + NetText.layer("lstm", "LSTM", ["x", "cont", "s"], ["h"], "recurrent_param { num_output: 3 }")
    + NetText.layer("fc", "InnerProduct", ["h"], ["fc"], "inner_product_param { num_output: 2 axis: 2 }")

  private func search(_ bottoms: [Int], index: Int, state: Bool) -> InputSearch {
    InputSearch(
      bottoms: bottoms, indices: [index], seesState: state, batchNum: 2, numBits: 8, withOffset: true,
      rangeStart: 0.75, rangeEnd: 1.25, step: 0.5, maxPercentile: 1, minPercentile: 1)
  }

  private var target: CalibrationTarget {
    CalibrationTarget(
      layer: "lstm", searches: [search([0], index: 0, state: true), search([2], index: 1, state: false)])
  }

  @Test func `the state becomes one more top, and the net computes the same`() throws {
    let graph = try NetText.graph(text)
    let shown = try PassPipeline.run([ShowState([target])], on: graph).graph
    let node = try #require(shown.node(named: "lstm"))
    #expect(node.type == "LSTMCalibration" && node.tops.map { shown[$0].name } == ["h", "state:lstm"])
    #expect(shown.shape(node.tops[1]) == [3, 2, 3])
    #expect(
      GraphRun.differences(
        try GraphRun.values(shown, of: ["h", "fc"]), try GraphRun.values(graph, of: ["h", "fc"]), .exact) == [])
    #expect(target.searches[0].blobs(of: node) == [node.bottoms[0], node.tops[1]])
    #expect(target.searches[1].blobs(of: node) == [node.bottoms[2]])
    // A layer that is not searched stays as it is.
    let other = try PassPipeline.run([ShowState([])], on: graph).graph
    #expect(other.node(named: "lstm")?.type == "LSTM")
  }

  @Test func `the calibration model has the searches inside the layer`() throws {
    let graph = try PassPipeline.run([InsertIFMR([target], recordPath: "r.txt")], on: try NetText.graph(text)).graph
    #expect(graph.nodes.map(\.type) == ["LSTMCalibration", "InnerProduct"])
    let node = try #require(graph.node(named: "lstm"))
    #expect(graph.parameter(of: node).tops == ["h"])
    let p = try #require(node.parameter.message.message("lstm_calibration_param"))
    let joint = try #require(p.message("ifmr_param"))
    #expect(joint.int("batch_num") == 2 && joint.int("index") == 0 && joint.strings("object_layer") == ["lstm"])
    #expect(joint.float("search_range_start") == 0.75 && joint.string("record_file_path") == "r.txt")
    #expect(p.message("static_ifmr_param")?.int("index") == 1)
    #expect(node.parameter.message.message("recurrent_param")?.int("num_output") == 3)
  }

  @Test func `the quantized layer has its quantizer inside, Quant stands before its inputs`() throws {
    func input(_ index: Int, _ scale: Float, _ offset: Int) -> LayerFactors.Input {
      .init(bottom: index, scale: scale, offset: offset, numBits: 8, withOffset: true)
    }
    let factors = LayerFactors(
      layer: "lstm", inputs: [input(0, 0.5, -3), input(1, 0.25, 7)], weightScales: [0.25, 0.125, 2])
    let graph = try PassPipeline.run([InsertQuant([factors])], on: try NetText.graph(text)).graph
    #expect(graph.nodes.map(\.name) == ["lstm_quant_layer", "lstm_quant_layer_1", "lstm", "fc"])
    #expect(graph.nodes.map(\.type) == ["Quant", "Quant", "LSTMQuant", "InnerProduct"])
    let bottoms = graph.nodes.map { graph.parameter(of: $0).bottoms }
    #expect(bottoms == [["x"], ["s"], ["lstm_quant_layer", "cont", "lstm_quant_layer_1"], ["h"]])
    let statics = try #require(graph.nodes[1].parameter.message.message("quant_param"))
    #expect(statics.float("scale") == 4 && statics.int("offset") == 7 && statics.int("index") == 1)
    let p = try #require(graph.nodes[2].parameter.message.message("lstm_quant_param"))
    let state = try #require(p.message("w_h_quant_param"))
    #expect(state.float("scale") == 2 && state.int("offset") == -3 && state.int("num_bits_d") == 8)
    // Step of the data times step of the matrix: 0.5 x 0.25, 0.5 x 0.125, 0.25 x 2.
    let names = ["w_x_dequant_param", "w_h_dequant_param", "w_x_static_dequant_param"]
    #expect(names.map { p.message($0)?.floats("deqscale") } == [[0.125], [0.0625], [0.5]])
    #expect(names.map { p.message($0)?.string("layer_type") } == ["LSTM_X", "LSTM_H", "LSTM_S"])
    #expect(p.message("w_x_dequant_param")?.bool("channel_wise") == false)
    #expect(graph.outputs.map { graph[$0].name } == ["fc"])
    // The message can be written and read again.
    let printed = try ProtoSchema.builtIn().printText(graph.netMessage())
    #expect(try NetText.graph(printed).node(named: "lstm")?.type == "LSTMQuant")
  }
}
