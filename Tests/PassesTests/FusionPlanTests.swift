import LayerGraph
import Passes
import Tensors
import TestSupport
import Testing

/// Each test negates one condition of the plan's rule on a net that is absorbed whole.
@Suite struct FusionPlanTests {
  private let data = NetText.input("data", [2, 3, 4, 5])
  private let convolution = "convolution_param { num_output: 2 kernel_size: 1 }"
  private var conv: String { NetText.layer("conv", "Convolution", ["data"], ["conv"], convolution) }
  private let bn = NetText.layer("bn", "BatchNorm", ["conv"], ["bn"])
  private let scale = NetText.layer("scale", "Scale", ["bn"], ["scale"], "scale_param { bias_term: true }")

  private func absorbed(_ text: String, skip: Set<String> = []) throws -> [String] {
    FusionPlan(try NetText.graph(text), skip: skip).hosts.keys.sorted()
  }

  private func scale(_ settings: String, bottoms: [String] = ["bn"]) -> String {
    NetText.layer("scale", "Scale", bottoms, ["scale"], settings)
  }

  @Test func `the whole chain is absorbed`() throws {
    let graph = try NetText.graph(data + conv + bn + scale)
    let plan = FusionPlan(graph, skip: [])
    #expect(plan.hosts == ["bn": "conv", "scale": "conv"])
    let ids = ["bn", "scale"].compactMap { graph.node(named: $0)?.id }
    #expect(graph.node(named: "conv").map { plan.chains[$0.id] } == ids)
  }

  @Test func `a second reader of the host's top stops it`() throws {
    #expect(try absorbed(data + conv + bn + scale + NetText.layer("r", "ReLU", ["conv"], ["r"])) == [])
  }

  @Test func `a second reader within the chain stops it there`() throws {
    #expect(try absorbed(data + conv + bn + scale + NetText.layer("r", "ReLU", ["bn"], ["r"])) == ["bn"])
  }

  @Test func `another layer between stops it`() throws {
    let between = NetText.layer("r", "ReLU", ["conv"], ["r"]) + NetText.layer("bn", "BatchNorm", ["r"], ["bn"])
    #expect(try absorbed(data + conv + between + scale) == [])
  }

  @Test func `only coefficients per channel are absorbed`() throws {
    for axis in ["axis: 1", "axis: -3", ""] {
      #expect(try absorbed(data + conv + bn + scale("scale_param { \(axis) }")) == ["bn", "scale"], "\(axis)")
    }
    for settings in ["axis: 2", "axis: 1 num_axes: 2", "axis: 0", "num_axes: 0", "num_axes: -1"] {
      #expect(try absorbed(data + conv + bn + scale("scale_param { \(settings) }")) == ["bn"], "\(settings)")
    }
    let bias = NetText.layer("bias", "Bias", ["conv"], ["y"], "bias_param { axis: 2 }")
    #expect(try absorbed(data + conv + bias) == [])
  }

  @Test func `axis -3 is the channels only where there are four axes`() throws {
    // Two items of two channels: coefficients per item would fit the channels by count.
    let text = NetText.input("data", [2, 3, 7]) + conv
    #expect(try absorbed(text + NetText.layer("s", "Scale", ["conv"], ["s"], "scale_param { axis: 1 }")) == ["s"])
    #expect(try absorbed(text + NetText.layer("s", "Scale", ["conv"], ["s"], "scale_param { axis: -3 }")) == [])
  }

  @Test func `coefficients from a second bottom are not absorbed`() throws {
    let text = data + NetText.input("gamma", [2]) + conv + bn
    #expect(try absorbed(text + scale("", bottoms: ["bn", "gamma"])) == ["bn"])
  }

  @Test func `the statistics of the batch are not absorbed`() throws {
    func bn(_ value: Bool) -> String {
      NetText.layer("bn", "BatchNorm", ["conv"], ["bn"], "batch_norm_param { use_global_stats: \(value) }")
    }
    #expect(try absorbed(data + conv + bn(false) + scale) == [])
    #expect(try absorbed(data + conv + bn(true) + scale) == ["bn", "scale"])
  }

  @Test func `skipped hosts absorb nothing`() throws {
    #expect(try absorbed(data + conv + bn + scale, skip: ["conv"]) == [])
    #expect(try absorbed(data + conv + bn + scale, skip: ["bn"]) == ["bn", "scale"], "the host's name counts")
  }

  @Test func `a host that shares its weights absorbs nothing`() throws {
    func named(_ layer: String, _ blob: String) -> String {
      NetText.layer(layer, "Convolution", ["data"], [layer], "param { name: \"\(blob)\" } \(convolution)")
    }
    #expect(try absorbed(data + named("conv", "w") + named("other", "w") + bn + scale) == [])
    #expect(try absorbed(data + named("conv", "w") + named("other", "v") + bn + scale) == ["bn", "scale"])
  }

  @Test func `the order is BatchNorm, Scale, Bias, each once`() throws {
    let scaleFirst =
      NetText.layer("scale", "Scale", ["conv"], ["scale"]) + NetText.layer("bn", "BatchNorm", ["scale"], ["bn"])
    #expect(try absorbed(data + conv + scaleFirst) == ["scale"])
    let twice = NetText.layer("bn2", "BatchNorm", ["bn"], ["bn2"])
    #expect(try absorbed(data + conv + bn + twice) == ["bn"])
    let biasOnly = NetText.layer("bias", "Bias", ["conv"], ["bias"])
    #expect(try absorbed(data + conv + biasOnly) == ["bias"])
  }

  @Test func `a host with several tops or outputs on another axis absorbs nothing`() throws {
    let pair =
      NetText.layer("conv", "Convolution", ["data", "data"], ["conv", "other"], convolution) + bn
      + NetText.layer("r", "ReLU", ["other"], ["r"])
    #expect(try absorbed(data + pair) == [])
    let inner = NetText.layer(
      "conv", "InnerProduct", ["data"], ["conv"], "inner_product_param { num_output: 2 axis: 2 }")
    #expect(try absorbed(data + inner + bn) == [])
  }

  // MARK: shapes that nobody knows

  private let perChannel = NetText.layer("scale", "Scale", ["bn"], ["scale"], "scale_param { axis: -3 }")
  private func mystery(_ text: String) -> String {
    NetText.input("in", [1, 2, 4, 5]) + NetText.layer("what", "Mystery", ["in"], ["data"]) + text
  }

  private func hosts(_ text: String, _ params: [String: [Tensor]]) throws -> [String: String] {
    FusionPlan(try NetText.graph(text, params: params), skip: []).hosts
  }

  @Test func `behind an unknown layer the weights tell the channels`() throws {
    let three = Tensor(shape: [3], [1, 1, 1])
    let bn = [three, three, Tensor(shape: [1], [1])]
    let text = mystery(
      NetText.layer("conv", "Convolution", ["data"], ["conv"], "convolution_param { num_output: 3 kernel_size: 1 }")
        + self.bn + perChannel)
    let weights = [Tensor(shape: [3, 2, 1, 1])]
    #expect(
      try hosts(text, ["conv": weights, "bn": bn, "scale": [three]]) == ["bn": "conv", "scale": "conv"])
    // Values of another number of channels, and none: the layers stay.
    #expect(try hosts(text, ["conv": weights, "bn": bn, "scale": [Tensor(shape: [2], [1, 1])]]) == ["bn": "conv"])
    #expect(try hosts(text, ["conv": weights]) == [:])
    #expect(try hosts(text, ["conv": [Tensor(shape: [4, 2, 1, 1])], "bn": bn]) == [:])
  }

  @Test func `the output channels of a grouped Deconvolution are those of all groups`() throws {
    let four = Tensor(shape: [4], [1, 1, 1, 1])
    let text = mystery(
      NetText.layer(
        "conv", "Deconvolution", ["data"], ["conv"], "convolution_param { num_output: 4 group: 2 kernel_size: 1 }")
        + bn)
    let params = ["conv": [Tensor(shape: [2, 2, 1, 1])], "bn": [four, four, Tensor(shape: [1], [1])]]
    #expect(try hosts(text, params) == ["bn": "conv"])
  }
}
