import LayerGraph
import Passes
import Tensors
import TestSupport
import Testing

@Suite struct FuseChannelAffineTests {
  /// Numbers by which every step below is exact in float32.
  private static let parameters: [String: [Tensor]] = [
    "conv": [Tensor(shape: [2, 1, 1, 1], [2, -3]), Tensor(shape: [2], [1, 0.5])],
    // Factor 2: mean [2, 4], variance [3, 15]; with eps 1 the deviations are 2 and 4.
    "bn": [Tensor(shape: [2], [4, 8]), Tensor(shape: [2], [6, 30]), Tensor(shape: [1], [2])],
    "scale": [Tensor(shape: [2], [4, 8]), Tensor(shape: [2], [1, -1])],
    "bias": [Tensor(shape: [2], [0.5, 0.25])],
  ]
  private static let data = NetText.input("data", [1, 1, 2, 2])
  private static let conv = NetText.layer(
    "conv", "Convolution", ["data"], ["conv"], "convolution_param { num_output: 2 kernel_size: 1 }")
  private static let bn = NetText.layer("bn", "BatchNorm", ["conv"], ["bn"], "batch_norm_param { eps: 1 }")
  private static let scale = NetText.layer("scale", "Scale", ["bn"], ["scale"], "scale_param { bias_term: true }")
  private static let bias = NetText.layer("bias", "Bias", ["scale"], ["y"])

  private func fused(
    _ text: String, _ params: [String: [Tensor]] = parameters
  ) throws -> (graph: Graph, summaries: [String]) {
    let graph = try NetText.graph(text, params: params)
    return try PassPipeline.run([FuseChannelAffine(FusionPlan(graph, skip: []))], on: graph)
  }

  @Test func `BatchNorm, Scale and Bias are absorbed with the numbers of a hand calculation`() throws {
    let (graph, summaries) = try fused(Self.data + Self.conv + Self.bn + Self.scale + Self.bias)
    let conv = try #require(graph.node(named: "conv"))
    // BatchNorm: w = 2/2, -3/4; b = (1 - 2)/2, (0.5 - 4)/4 = -0.5, -0.875.
    // Scale: w = 4, -6; b = -0.5 * 4 + 1, -0.875 * 8 - 1 = -1, -8. Bias: b = -0.5, -7.75.
    #expect(conv.params.map(\.array) == [[4, -6], [-0.5, -7.75]])
    #expect(conv.params.map(\.shape) == [[2, 1, 1, 1], [2]])
    #expect(graph.nodes.map(\.name) == ["conv"])
    #expect(graph.outputs.map { graph[$0].name } == ["y"], "the net's output keeps its name")
    #expect(summaries == ["fused 'bn', 'scale', 'bias' into 'conv'"])
  }

  @Test func `a factor of zero means no mean and no variance`() throws {
    var params = Self.parameters
    params["bn"] = [Tensor(shape: [2], [4, 8]), Tensor(shape: [2], [6, 30]), Tensor(shape: [1], [0])]
    let bn = NetText.layer("bn", "BatchNorm", ["conv"], ["bn"], "batch_norm_param { eps: 0.25 }")
    // The deviation is sqrt(0.25) = 0.5: everything is doubled.
    #expect(
      try fused(Self.data + Self.conv + bn, params).graph.node(named: "conv")?.params.map(\.array) == [
        [4, -6], [2, 1],
      ])
  }

  @Test func `a host without bias gains one when it is needed`() throws {
    let conv = NetText.layer(
      "conv", "Convolution", ["data"], ["conv"], "convolution_param { num_output: 2 kernel_size: 1 bias_term: false }")
    var params = Self.parameters
    params["conv"] = [Tensor(shape: [2, 1, 1, 1], [2, -3])]
    let withBatchNorm = try #require(try fused(Self.data + conv + Self.bn, params).graph.node(named: "conv"))
    // b = -mean / deviation = -2/2, -4/4.
    #expect(withBatchNorm.params.map(\.array) == [[1, -0.75], [-1, -1]])
    #expect(withBatchNorm.parameter.message.message("convolution_param")?.bool("bias_term") == true)
    // A Scale without bias shifts nothing.
    params["scale"] = [Tensor(shape: [2], [4, 8])]
    let scale = NetText.layer("scale", "Scale", ["conv"], ["scale"])
    let withScale = try #require(try fused(Self.data + conv + scale, params).graph.node(named: "conv"))
    #expect(withScale.params.map(\.array) == [[8, -24]])
    #expect(withScale.parameter.message.message("convolution_param")?.bool("bias_term") == false)
  }

  @Test func `the channels of a grouped Deconvolution lie on axis 1 of each group`() throws {
    let text =
      NetText.input("data", [1, 4, 2, 2])
      + NetText.layer(
        "up", "Deconvolution", ["data"], ["up"],
        "convolution_param { num_output: 4 group: 2 kernel_size: 1 bias_term: false }")
      + NetText.layer("scale", "Scale", ["up"], ["scale"])
    let params = ["up": [Tensor(shape: [4, 2, 1, 1], repeating: 1)], "scale": [Tensor(shape: [4], [1, 2, 3, 4])]]
    // Input channels 0 and 1 make outputs 0 and 1, input channels 2 and 3 outputs 2 and 3.
    #expect(try fused(text, params).graph.node(named: "up")?.params.map(\.array) == [[1, 2, 1, 2, 3, 4, 3, 4]])
  }

  @Test func `the outputs of a transposed InnerProduct lie on axis 1`() throws {
    func text(_ transpose: Bool) -> String {
      NetText.input("data", [1, 3])
        + NetText.layer(
          "fc", "InnerProduct", ["data"], ["fc"],
          "inner_product_param { num_output: 2 bias_term: false transpose: \(transpose) }")
        + NetText.layer("scale", "Scale", ["fc"], ["scale"])
    }
    let scale = [Tensor(shape: [2], [10, 100])]
    let transposed = ["fc": [Tensor(shape: [3, 2], [1, 2, 3, 4, 5, 6])], "scale": scale]
    let plain = ["fc": [Tensor(shape: [2, 3], [1, 2, 3, 4, 5, 6])], "scale": scale]
    #expect(try fused(text(true), transposed).graph.node(named: "fc")?.params[0].array == [10, 200, 30, 400, 50, 600])
    #expect(try fused(text(false), plain).graph.node(named: "fc")?.params[0].array == [10, 20, 30, 400, 500, 600])
  }

  @Test(arguments: [
    ("Convolution", "convolution_param { num_output: 6 kernel_size: 3 group: 2 }"),
    ("Convolution", "convolution_param { num_output: 5 kernel_size: 3 pad: 1 bias_term: false }"),
    ("DepthwiseConv", "convolution_param { num_output: 4 kernel_size: 3 pad: 1 group: 4 }"),
    ("Deconvolution", "convolution_param { num_output: 6 kernel_size: 3 stride: 2 group: 2 }"),
    ("InnerProduct", "inner_product_param { num_output: 7 }"),
    ("InnerProduct", "inner_product_param { num_output: 7 transpose: true bias_term: false }"),
  ])
  func `outputs are the same before and after`(_ type: String, _ settings: String) throws {
    let graph = try NetText.graph(
      NetText.input("data", [2, 4, 5, 6]) + NetText.layer("host", type, ["data"], ["host"], settings)
        + NetText.layer("bn", "BatchNorm", ["host"], ["bn"])
        + NetText.layer("scale", "Scale", ["bn"], ["scale"], "scale_param { bias_term: true }")
        + NetText.layer("bias", "Bias", ["scale"], ["bias"]) + NetText.layer("y", "ReLU", ["bias"], ["y"]))
    let fused = try PassPipeline.run([FuseChannelAffine(FusionPlan(graph, skip: []))], on: graph).graph
    #expect(fused.nodes.map(\.name) == ["host", "y"])
    // Rounded once per weight instead of once per layer.
    let problems = GraphRun.differences(
      try GraphRun.values(fused), try GraphRun.values(graph), .relativeToLargest(1e-5))
    #expect(problems == [])
  }

  @Test func `a second BatchNorm behind a fused one stays`() throws {
    let text = Self.data + Self.conv + Self.bn + NetText.layer("bn2", "BatchNorm", ["bn"], ["y"])
    let (graph, summaries) = try fused(text)
    #expect(graph.nodes.map(\.name) == ["conv", "bn2"])
    #expect(summaries == ["fused 'bn' into 'conv'"])
  }

  @Test func `a negative variance is refused`() {
    var params = Self.parameters
    params["bn"] = [Tensor(shape: [2], [4, 8]), Tensor(shape: [2], [-6, 30]), Tensor(shape: [1], [2])]
    let found = NetText.problems { _ = try fused(Self.data + Self.conv + Self.bn, params) }
    #expect(
      found.map(\.text) == [
        "fusing into 'conv' (Convolution) gives values that are not finite: a variance is negative or not a number"
      ])
    #expect(found.first?.location?.line == 2)
  }
}
