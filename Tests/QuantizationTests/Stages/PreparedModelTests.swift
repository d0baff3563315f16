import LayerGraph
import Quantization
import Tensors
import TestSupport
import Testing

@Suite("PreparedModel") struct PreparedModelTests {
  private let data = NetText.input("data", [1, 2, 4, 4])
  /// conv - bn - scale - relu, all in place.
  private var chain: String {
    data + NetText.layer("conv", "Convolution", ["data"], ["x"], StageNet.convolution)
      + NetText.layer("bn", "BatchNorm", ["x"], ["x"]) + NetText.layer("scale", "Scale", ["x"], ["x"])
      + NetText.layer("relu", "ReLU", ["x"], ["x"])
  }

  @Test func `in-place chains are absorbed and the output keeps its name and values`() throws {
    let graph = try NetText.graph(chain)
    let prepared = try PreparedModel(graph, StageNet.config(graph))
    #expect(prepared.graph.nodes.map(\.name) == ["conv", "relu"])
    #expect(prepared.absorbed == ["conv": ["bn", "scale"]])
    #expect(
      prepared.summaries == ["gave 3 in-place blobs names of their own", "fused 'bn', 'scale' into 'conv'"])
    let names = prepared.graph.blobs.filter { $0.id == prepared.graph.outputs.first }.map(\.name)
    #expect(names == ["x"])
    let problems = GraphRun.differences(
      try GraphRun.values(prepared.graph), try GraphRun.values(graph), .relativeToLargest(1e-5))
    #expect(problems == [])
  }

  @Test func `do_fusion and skip_fusion_layers leave layers alone`() throws {
    let graph = try NetText.graph(chain)
    for change in [("do_fusion", "false"), ("skip_fusion_layers", "conv")] {
      let prepared = try PreparedModel(graph, StageNet.config(graph, [change]))
      #expect(prepared.graph.nodes.map(\.name) == ["conv", "bn", "scale", "relu"], "\(change.0)")
      #expect(prepared.absorbed == [:])
      #expect(
        GraphRun.differences(try GraphRun.values(prepared.graph), try GraphRun.values(graph), .exact) == [])
    }
  }

  @Test func `what cannot be quantized is refused, all at once, with places and ways out`() throws {
    let graph = try NetText.graph(
      data + NetText.layer("conv", "Convolution", ["data"], ["a"], StageNet.convolution)
        + NetText.layer("bn", "BatchNorm", ["a"], ["b"], "batch_norm_param { use_global_stats: false }")
        + NetText.layer("conv", "ReLU", ["b"], ["c"])
        + NetText.layer("q_quant_layer", "Quant", ["c"], ["d"], "quant_param { scale: 2 }"))
    let found = NetText.problems { _ = try PreparedModel(graph, QuantConfig()) }
    #expect(
      found.map(\.text) == [
        "layer 'bn' (BatchNorm) has use_global_stats: false, so its output depends on the batch",
        "two layers are named 'conv': quantization needs names that stand once",
        "layer 'q_quant_layer' (Quant): this model is quantized already",
      ])
    #expect(found.map(\.location?.line) == [3, 4, 5])
    #expect(found[1].notes.first?.location?.line == 2)
    #expect(found[2].help == ["quantize the original float model"])
  }

  @Test func `names of layers and blobs that quantization inserts are refused`() throws {
    let conv = NetText.layer("conv", "Convolution", ["data"], ["conv"], StageNet.convolution)
    let layer = try NetText.graph(data + conv + NetText.layer("conv_quant_layer", "ReLU", ["conv"], ["y"]))
    #expect(
      NetText.problems { _ = try PreparedModel(layer, QuantConfig()) }.map(\.text) == [
        "layer 'conv_quant_layer' (ReLU): names with '_quant_layer' are kept for the layers that quantization inserts"
      ])
    // A reader of this blob behind conv would find the inserted Quant's top under the same name.
    let blob = try NetText.graph(
      data + NetText.layer("r", "ReLU", ["data"], ["conv_quant_layer"]) + conv
        + NetText.layer("sum", "Eltwise", ["conv", "conv_quant_layer"], ["sum"]))
    let found = NetText.problems { _ = try PreparedModel(blob, QuantConfig()) }
    #expect(
      found.map(\.text) == ["blob 'conv_quant_layer': names with '_quant_layer' are kept for what quantization inserts"]
    )
    #expect(found.first?.location?.line == 2)
  }

  @Test func `chains that are on become a DepthwiseConv with the settings of their first layer`() throws {
    let graph = try NetText.graph(
      data + NetText.layer("pool", "Pooling", ["data"], ["p"], "pooling_param { kernel_size: 1 }")
        + NetText.layer("bn", "BatchNorm", ["p"], ["bn"]) + NetText.layer("scale", "Scale", ["bn"], ["y"]))
    #expect(try PreparedModel(graph, StageNet.config(graph)).accelerated == [:], "off by default")
    let on = [
      ("bn.quant_enable", "true"), ("scale.quant_enable", "true"), ("bn.activation_quant_params.num_bits", "12"),
    ]
    let prepared = try PreparedModel(graph, StageNet.config(graph, on))
    #expect(prepared.accelerated == ["bn_depthwise_conv": ["bn", "scale"]])
    #expect(prepared.graph.nodes.map(\.name) == ["pool", "bn_depthwise_conv"])
    let node = try #require(prepared.graph.node(named: "bn_depthwise_conv"))
    #expect(prepared.config.weights(of: node) == .uniform(channelWise: true, numBits: 8))
    #expect(prepared.config.effective(layer: node.name, input: 0)?.numBits == 12)
    // Without fusion too: it has nothing to do with it.
    let apart = try PreparedModel(graph, StageNet.config(graph, on + [("do_fusion", "false")]))
    #expect(apart.accelerated == prepared.accelerated)
  }

  @Test func `stored statistics, said or not, are fine`() throws {
    for settings in ["", "batch_norm_param { use_global_stats: true }"] {
      let graph = try NetText.graph(
        data + NetText.layer("conv", "Convolution", ["data"], ["a"], StageNet.convolution)
          + NetText.layer("bn", "BatchNorm", ["a"], ["b"], settings))
      #expect(try PreparedModel(graph, StageNet.config(graph)).absorbed == ["conv": ["bn"]])
    }
  }
}
