import Diagnostics
import LayerGraph
import Testing

@testable import Quantization

@Suite struct InitialConfigTests {
  func initial(
    _ graph: Graph, _ change: (inout InitialConfigOptions) -> Void = { _ in }
  ) throws -> (config: QuantConfig, news: [String]) {
    var options = InitialConfigOptions()
    change(&options)
    var log = DiagnosticLog()
    let config = try QuantConfig.initial(graph: graph, options: options, log: &log)
    return (config, log.diagnostics.flatMap(\.lines))
  }

  @Test func `every layer that can be quantized is listed, with the defaults of its type`() throws {
    let graph = try Fake.graph([
      "conv1 Convolution data", "relu1 ReLU conv1", "quiet Silence relu1", "FC InnerProduct relu1",
    ])
    #expect(
      try initial(graph).config.text == """
        {
            "version":1,
            "batch_num":1,
            "activation_offset":true,
            "joint_quant":false,
            "do_fusion":true,
            "skip_fusion_layers":[],
            "FC":{
                "quant_enable":true,
                "activation_quant_params":{
                    "num_bits":8,
                    "max_percentile":0.999999,
                    "min_percentile":0.999999,
                    "search_range":[
                        0.7,
                        1.3
                    ],
                    "search_step":0.01
                },
                "weight_quant_params":{
                    "wts_algo":"arq_quantize",
                    "channel_wise":false,
                    "num_bits":8
                }
            },
            "conv1":{
                "quant_enable":true,
                "activation_quant_params":{
                    "num_bits":8,
                    "max_percentile":0.999999,
                    "min_percentile":0.999999,
                    "search_range":[
                        0.7,
                        1.3
                    ],
                    "search_step":0.01
                },
                "weight_quant_params":{
                    "wts_algo":"arq_quantize",
                    "channel_wise":true,
                    "num_bits":8
                }
            },
            "relu1":{
                "quant_enable":false,
                "activation_quant_params":{
                    "num_bits":8,
                    "max_percentile":0.999999,
                    "min_percentile":0.999999,
                    "search_range":[
                        0.7,
                        1.3
                    ],
                    "search_step":0.01
                }
            }
        }
        """)
  }

  @Test func `what is written passes its own check`() throws {
    let graph = try Fake.net()
    let text = try initial(graph).config.text
    let (again, news) = try readConfig(text, graph)
    #expect(again.text == text)
    #expect(news == [])
  }

  @Test func `a layer of several inputs gets a list with an entry for each`() throws {
    let entry = try #require(try initial(Fake.net()).config.layers["add"])
    #expect(entry.activationsAreList)
    #expect(entry.activations.count == 2)
    #expect(entry.weights == nil)
  }

  @Test func `layers are written in the order of their bytes`() throws {
    let graph = try Fake.graph(["b Pooling data", "a10 Pooling b", "a2 Pooling a10", "B Pooling a2", "_ Pooling B"])
    #expect(try initial(graph).config.layerNames == ["B", "_", "a10", "a2", "b"])
  }

  @Test func `batch_num and symmetric data can be asked for`() throws {
    let config = try initial(Fake.net()) {
      $0.batchNum = 4; $0.symmetric = true
    }.config
    #expect(config.batchNum == 4)
    #expect(config.activationOffset == false)
    #expect(config.globals[.batchNum]?.provenance == .hand)
    #expect(
      refusal { _ = try initial(Fake.net()) { $0.batchNum = 0 } } == ["error: The batch_num must be greater than zero."]
    )
  }

  @Test func `skipped layers and types are listed switched off`() throws {
    let config = try initial(Fake.net()) {
      $0.skipLayers = ["conv2"]; $0.skipLayerTypes = ["Pooling"]
    }.config
    let off = config.layerNames.filter { !config.isEnabled($0) }
    #expect(off == ["conv2", "pool1", "relu1"])
    #expect(config.layers["conv2"]?.own[.quantEnable]?.provenance == .hand)
    #expect(config.layers["relu1"]?.own[.quantEnable]?.provenance == .defaultValue)
  }

  @Test func `an unknown layer is an error, an unknown type a warning`() throws {
    #expect(
      refusal { _ = try initial(Fake.net()) { $0.skipLayers = ["conv3"] } } == [
        "error: Layer conv3 does not exist in the graph.", "help: did you mean 'conv1'?",
      ])
    #expect(
      try initial(Fake.net()) { $0.skipLayerTypes = ["Poolling", "LSTM"] }.news == [
        "warning: Layer type Poolling does not support quantize.", "help: did you mean 'Pooling'?",
        "warning: the graph has no layer of type LSTM",
      ])
  }

  @Test func `names given twice are refused`() throws {
    #expect(
      refusal { _ = try initial(Fake.net()) { $0.skipLayers = ["fc", "conv1", "fc"] } }
        == ["error: Please delete repeated items in skip_layers, repeated items are [fc]"])
  }

  @Test func `something must be left to quantize`() throws {
    let graph = try Fake.graph(["conv1 Convolution data", "relu1 ReLU conv1"])
    #expect(
      refusal { _ = try initial(graph) { $0.skipLayers = ["conv1"] } }
        == ["error: Except skip_layers, no layer needs to quantize."])
    #expect(
      refusal { _ = try initial(graph) { $0.skipLayerTypes = ["Convolution"] } }
        == ["error: Except skip_layers or skip_types, no layer need to quantize."])
    let nothing = try Fake.graph(["quiet Silence data"])
    #expect(refusal { _ = try initial(nothing) } == ["error: No layer support quantization in the graph."])
  }

  @Test func `a layer named like a global parameter is refused`() throws {
    let graph = try Fake.graph(["batch_num Convolution data"])
    #expect(
      refusal { _ = try initial(graph) }
        == ["net.prototxt:2:1: error: batch_num is a global parameter, can not be a layer name"])
  }
}
