import LayerGraph
import Passes
import Tensors
import TestSupport
import Testing

@Suite struct RemoveIFMRTests {
  @Test func `what InsertIFMR put in is taken out, and nothing else`() throws {
    let graph = try NetText.graph(
      NetText.input("data", [1, 2, 4, 4])
        + NetText.layer("conv", "Convolution", ["data"], ["conv"], "convolution_param { num_output: 2 kernel_size: 1 }")
        + NetText.layer("add", "Eltwise", ["conv", "data"], ["add"]) + NetText.layer("quiet", "Silence", ["add"], []))
    func search(_ bottoms: [Int]) -> InputSearch {
      InputSearch(
        bottoms: bottoms, batchNum: 1, numBits: 8, withOffset: true, rangeStart: 0.7, rangeEnd: 1.3, step: 0.01,
        maxPercentile: 1, minPercentile: 1)
    }
    let targets = [
      CalibrationTarget(layer: "conv", searches: [search([0])]),
      CalibrationTarget(layer: "add", searches: [search([0]), search([1])]),
    ]
    let calibration = try PassPipeline.run([InsertIFMR(targets, recordPath: "r.txt")], on: graph).graph
    #expect(calibration.nodes.filter { $0.type == "IFMR" }.count == 3)
    let back = try PassPipeline.run([RemoveIFMR()], on: calibration)
    #expect(back.graph.nodes.map(\.id) == graph.nodes.map(\.id))
    #expect(back.graph.nodes.map(\.bottoms) == graph.nodes.map(\.bottoms))
    #expect(
      back.summaries == ["removed 'conv_ifmr_layer'", "removed 'add_ifmr_layer'", "removed 'add_ifmr_layer_1'"])
  }
}
