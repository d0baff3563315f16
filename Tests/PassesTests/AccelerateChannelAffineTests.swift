import LayerGraph
import Passes
import Tensors
import TestSupport
import Testing

@Suite struct AccelerateChannelAffineTests {
  private static let data = NetText.input("data", [2, 2, 2, 3]) + NetText.layer("relu", "ReLU", ["data"], ["relu"])
  private static let bn = NetText.layer("bn", "BatchNorm", ["relu"], ["bn"], "batch_norm_param { eps: 0 }")
  private static let scale = NetText.layer("scale", "Scale", ["bn"], ["scale"], "scale_param { bias_term: true }")
  private static let bias = NetText.layer("bias", "Bias", ["scale"], ["bias"])
  private static let end = NetText.layer("end", "ReLU", ["bias"], ["y"])
  /// Deviations 2 and 4, means 1 and -1.
  private static let params = [
    "bn": [Tensor(shape: [2], [2, -2]), Tensor(shape: [2], [8, 32]), Tensor(shape: [1], [2])],
    "scale": [Tensor(shape: [2], [4, -8]), Tensor(shape: [2], [1, -1])],
    "bias": [Tensor(shape: [2], [0.5, 0.25])],
  ]

  private func accelerated(
    _ text: String, wanted: Set<String> = ["bn", "scale", "bias"], params: [String: [Tensor]] = params
  ) throws -> (before: Graph, after: Graph, summaries: [String]) {
    let graph = try NetText.graph(text, params: params)
    let run = try PassPipeline.run(
      [AccelerateChannelAffine(AccelerationPlan(graph) { wanted.contains($0) })], on: graph)
    return (graph, run.graph, run.summaries)
  }

  @Test func `a chain becomes one DepthwiseConv, by hand, and means the same`() throws {
    let (before, after, summaries) = try accelerated(Self.data + Self.bn + Self.scale + Self.bias + Self.end)
    #expect(after.nodes.map(\.name) == ["relu", "bn_depthwise_conv", "end"])
    #expect(summaries == ["turned 'bn', 'scale', 'bias' into 'bn_depthwise_conv'"])
    let node = try #require(after.node(named: "bn_depthwise_conv"))
    #expect(node.type == "DepthwiseConv" && after.parameter(of: node).tops == ["bn_depthwise_conv"])
    // 4 / 2 and -8 / 4; (0 - 1) / 2 * 4 + 1 + 0.5 and (0 + 1) / 4 * -8 - 1 + 0.25.
    #expect(node.params.map(\.array) == [[2, -2], [-0.5, -2.75]])
    #expect(node.params.map(\.shape) == [[2, 1, 1, 1], [2]])
    let settings = try #require(node.parameter.message.message("convolution_param"))
    #expect(settings.int("num_output") == 2 && settings.int("group") == 2 && settings.bool("bias_term") == true)
    // Every coefficient is exact; the layers round between, the convolution once.
    #expect(
      GraphRun.differences(try GraphRun.values(after), try GraphRun.values(before), .relativeToLargest(1e-6)) == [])
  }

  @Test func `the net's output keeps its name`() throws {
    let after = try accelerated(Self.data + Self.bn + Self.scale).after
    #expect(after.nodes.map(\.name) == ["relu", "bn_depthwise_conv"])
    #expect(after.outputs.map { after[$0].name } == ["scale"])
  }

  @Test func `random chains mean the same, alone and together`() throws {
    for text in [Self.bn, Self.bn + Self.scale, Self.bn + Self.scale + Self.bias] {
      let (before, after, _) = try accelerated(Self.data + text, params: [:])
      #expect(after.nodes.count == 2)
      #expect(
        GraphRun.differences(try GraphRun.values(after), try GraphRun.values(before), .relativeToLargest(1e-6)) == [])
    }
  }

  // MARK: Each condition negated

  @Test func `layers that are off stay`() throws {
    let text = Self.data + Self.bn + Self.scale + Self.bias + Self.end
    #expect(try accelerated(text, wanted: []).after.nodes.count == 5)
    #expect(
      try accelerated(text, wanted: ["bn", "bias"]).after.nodes.map(\.name) == [
        "relu", "bn_depthwise_conv", "scale", "bias_depthwise_conv", "end",
      ])
  }

  @Test func `a second reader ends the chain`() throws {
    let text = Self.data + Self.bn + Self.scale + NetText.layer("other", "ReLU", ["bn"], ["z"])
    #expect(
      try accelerated(text).after.nodes.map(\.name) == ["relu", "bn_depthwise_conv", "scale_depthwise_conv", "other"])
  }

  @Test func `another order is two chains`() throws {
    let text =
      Self.data + NetText.layer("scale", "Scale", ["relu"], ["a"], "scale_param { bias_term: true }")
      + NetText.layer("bn", "BatchNorm", ["a"], ["y"])
    #expect(
      try accelerated(text).after.nodes.map(\.name) == ["relu", "scale_depthwise_conv", "bn_depthwise_conv"])
  }

  @Test func `coefficients of other axes, statistics of the batch and data without four axes stay`() throws {
    for scale in ["scale_param { axis: 2 num_axes: 1 }", "scale_param { axis: 1 num_axes: 2 }"] {
      let text = Self.data + NetText.layer("scale", "Scale", ["relu"], ["y"], scale)
      #expect(try accelerated(text, params: [:]).after.nodes.map(\.name) == ["relu", "scale"], "\(scale)")
    }
    for scale in ["scale_param { axis: -3 }", "scale_param { axis: 1 num_axes: 1 }"] {
      let text = Self.data + NetText.layer("scale", "Scale", ["relu"], ["y"], scale)
      #expect(try accelerated(text, params: [:]).after.nodes.last?.name == "scale_depthwise_conv", "\(scale)")
    }
    let live = NetText.layer("bn", "BatchNorm", ["relu"], ["bn"], "batch_norm_param { use_global_stats: false }")
    #expect(try accelerated(Self.data + live).after.nodes.map(\.name) == ["relu", "bn"])
    let flat = NetText.input("data", [2, 2]) + NetText.layer("bn", "BatchNorm", ["data"], ["bn"])
    #expect(try accelerated(flat).after.nodes.map(\.name) == ["bn"])
  }

  @Test func `names that are taken get a number`() throws {
    let text =
      Self.data + Self.bn + NetText.layer("bn_depthwise_conv", "ReLU", ["bn"], ["y"])
    #expect(try accelerated(text).after.nodes.map(\.name) == ["relu", "bn_depthwise_conv_2", "bn_depthwise_conv"])
  }

  @Test func `a negative variance is refused`() {
    var params = Self.params
    params["bn"] = [Tensor(shape: [2], [2, -2]), Tensor(shape: [2], [-8, 32]), Tensor(shape: [1], [2])]
    let found = NetText.problems { _ = try accelerated(Self.data + Self.bn, params: params) }
    #expect(
      found.first?.text.hasPrefix("turning 'bn' (BatchNorm) into a DepthwiseConv gives values that are not") == true)
  }
}
