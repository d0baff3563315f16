import LayerGraph
import Passes
import Tensors
import TestSupport
import Testing

@Suite struct RemoveInPlaceTests {
  private let convolution = "convolution_param { num_output: 2 kernel_size: 1 }"
  private var inPlace: String {
    NetText.input("data", [1, 2, 3, 3]) + NetText.layer("conv1", "Convolution", ["data"], ["conv1"], convolution)
      + NetText.layer("bn1", "BatchNorm", ["conv1"], ["conv1"]) + NetText.layer("relu1", "ReLU", ["conv1"], ["conv1"])
  }

  private func separated(_ text: String) throws -> Graph {
    let graph = try NetText.graph(text)
    return try graph.applying(try #require(RemoveInPlace.patch(for: graph)))
  }

  private func tops(_ graph: Graph) -> [[String]] { graph.nodes.map { graph.parameter(of: $0).tops } }

  @Test func `the last writer keeps the name, earlier ones are called after their layer`() throws {
    let graph = try separated(inPlace + NetText.layer("y", "AbsVal", ["conv1"], ["y"]))
    #expect(tops(graph) == [["conv1_conv1"], ["conv1_bn1"], ["conv1"], ["y"]])
    #expect(
      graph.nodes.map { graph.parameter(of: $0).bottoms } == [["data"], ["conv1_conv1"], ["conv1_bn1"], ["conv1"]])
  }

  @Test func `names that are taken get a number`() throws {
    let graph = try separated(
      NetText.input("conv1_conv1", [1, 2, 3, 3]) + inPlace
        + NetText.layer("conv1_bn1", "AbsVal", ["conv1"], ["conv1_bn1"])
        + NetText.layer("y", "Eltwise", ["conv1_conv1", "conv1_bn1"], ["y"]))
    #expect(tops(graph) == [["conv1_conv1_2"], ["conv1_bn1_2"], ["conv1"], ["conv1_bn1"], ["y"]])
    #expect(graph.node(named: "y").map { graph.parameter(of: $0).bottoms } == ["conv1_conv1", "conv1_bn1"])
  }

  @Test func `an input keeps its name because the data come under it`() throws {
    let relu = NetText.layer("relu", "ReLU", ["data"], ["data"]) + NetText.layer("abs", "AbsVal", ["data"], ["data"])
    #expect(tops(try separated(NetText.input("data", [1, 2]) + relu)) == [["data_relu"], ["data_abs"]])
    let input = NetText.layer("in", "Input", [], ["data"], "input_param { shape { dim: 1 dim: 2 } }")
    #expect(tops(try separated(input + relu)) == [["data"], ["data_relu"], ["data_abs"]])
  }

  @Test func `a net without in-place layers needs no patch`() throws {
    let graph = try NetText.graph(NetText.input("data", [1, 2]) + NetText.layer("r", "ReLU", ["data"], ["r"]))
    #expect(RemoveInPlace.patch(for: graph).map(\.summary) == nil)
  }

  @Test func `values stay the same, bit for bit`() throws {
    let before = try NetText.graph(inPlace)
    let patch = try #require(RemoveInPlace.patch(for: before))
    #expect(
      GraphRun.differences(try GraphRun.values(before.applying(patch)), try GraphRun.values(before), .exact) == [])
  }
}
