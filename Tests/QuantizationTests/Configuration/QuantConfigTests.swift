import Diagnostics
import LayerGraph
import Testing

@testable import Quantization

@Suite struct QuantConfigTests {
  /// One of each shape: object and list form, uniform and non-uniform weights, all global parameters.
  static let sample = """
    {
        "version":1,
        "batch_num":2,
        "activation_offset":false,
        "joint_quant":false,
        "do_fusion":true,
        "skip_fusion_layers":[
            "conv1"
        ],
        "update_bn":true,
        "bn_update_config":{
            "bn_moving_average_fraction":0.50,
            "bn_update_iterations":30,
            "bn_dump_dir":"tmp/bn_data"
        },
        "add":{
            "quant_enable":true,
            "activation_quant_params":[
                {
                    "num_bits":8,
                    "max_percentile":0.999999,
                    "min_percentile":0.999999,
                    "search_range":[
                        0.70,
                        1.3
                    ],
                    "search_step":0.01
                },
                {
                    "num_bits":12,
                    "with_offset":true
                }
            ]
        },
        "conv1":{
            "quant_enable":true,
            "activation_quant_params":[
                {
                    "num_bits":8
                }
            ],
            "weight_quant_params":{
                "wts_algo":"snq_quantize",
                "channel_wise":true,
                "num_bits":4,
                "max_iteration":1000,
                "min_distance":1e-10,
                "init_algo":"gaussian"
            }
        },
        "fc":{
            "quant_enable":false,
            "activation_quant_params":{
                "num_bits":8
            },
            "weight_quant_params":{
                "wts_algo":"arq_quantize",
                "channel_wise":false,
                "num_bits":8
            }
        }
    }
    """

  @Test func `a file in the original's layout comes back byte for byte`() throws {
    let graph = try Fake.graph([
      "conv1 Convolution data", "bn BatchNorm conv1", "add Eltwise bn,conv1", "fc InnerProduct add",
    ])
    let (config, news) = try readConfig(Self.sample, graph)
    #expect(config.text == Self.sample)
    #expect(news == [])
  }

  @Test func `order and spacing become the original's, texts of numbers stay`() throws {
    let typed = """
      {"conv2": {"quant_enable": true},
       "conv1": {"weight_quant_params": {"num_bits": 8, "channel_wise": false, "wts_algo": "arq_quantize"},
                 "activation_quant_params": {"search_step": 0.010, "search_range": [0.70, 1.30]},
                 "quant_enable": true},
       "batch_num": 3, "version": 1}
      """
    #expect(
      try readConfig(typed, Fake.net()).config.text == """
        {
            "version":1,
            "batch_num":3,
            "conv1":{
                "quant_enable":true,
                "activation_quant_params":{
                    "search_range":[
                        0.70,
                        1.30
                    ],
                    "search_step":0.010
                },
                "weight_quant_params":{
                    "wts_algo":"arq_quantize",
                    "channel_wise":false,
                    "num_bits":8
                }
            },
            "conv2":{
                "quant_enable":true
            }
        }
        """)
  }

  @Test func `values in force come from the layer, then the globals, then the defaults`() throws {
    let graph = try Fake.graph(["conv1 Convolution data", "bn BatchNorm conv1", "add Eltwise bn,conv1", "fc InnerProduct add"])
    let config = try readConfig(Self.sample, graph).config
    #expect(config.batchNum == 2)
    #expect(config.skipFusionLayers == ["conv1"])
    #expect(
      config.bnUpdateSettings
        == BNUpdateSettings(movingAverageFraction: 0.5, iterations: 30, dumpDirectory: "tmp/bn_data"))
    var first = ActivationSettings()
    first.withOffset = false  // activation_offset
    #expect(config.effective(layer: "add", input: 0) == first)
    var second = ActivationSettings()
    second.numBits = 12
    second.withOffset = true  // its own
    #expect(config.effective(layer: "add", input: 1) == second)
    #expect(config.effective(layer: "conv1", input: 0) == first)
    #expect(config.effective(layer: "fc", input: 0) == nil)  // off
    #expect(config.effective(layer: "bn", input: 0) == nil)  // no entry
    let conv = try #require(graph.node(named: "conv1"))
    #expect(
      config.weights(of: conv)
        == .nonUniform(channelWise: true, numBits: 4, maxIteration: 1000, minDistance: 1e-10, start: .gaussian))
    #expect(config.weights(of: try #require(graph.node(named: "fc"))) == nil)
  }

  @Test func `an entry without parameters is on with the defaults of its type`() throws {
    let graph = try Fake.net()
    let config = try readConfig(#"{"fc":{},"conv1":{}}"#, graph).config
    #expect(config.effective(layer: "fc", input: 0) == ActivationSettings())
    #expect(
      config.weights(of: try #require(graph.node(named: "fc"))) == .uniform(channelWise: false, numBits: 8))
    #expect(
      config.weights(of: try #require(graph.node(named: "conv1"))) == .uniform(channelWise: true, numBits: 8))
    #expect(config.batchNum == 1 && config.activationOffset && config.doFusion && !config.updateBN)
  }

  // Counts that the original's library prints for these settings.
  @Test(arguments: [
    (Float(0.7), Float(1.3), Float(0.01), 60), (0.8, 1.2, 0.02, 21), (0.3, 1.7, 0.1, 15), (0.5, 2.0, 0.05, 31),
    (0.95, 1.05, 0.001, 100),
  ])
  func `the number of tries is counted in float32`(start: Float, end: Float, step: Float, tries: Int) {
    var settings = ActivationSettings()
    (settings.searchStart, settings.searchEnd, settings.searchStep) = (start, end, step)
    #expect(settings.tries == tries)
  }

  @Test func `equality looks at values, not at places`() throws {
    let a = try QuantConfig.read(Array(#"{"conv1":{"quant_enable":true}}"#.utf8), file: "a.json")
    let b = try QuantConfig.read(Array("{\n\"conv1\":{ \"quant_enable\" : true}}".utf8), file: "b.json")
    let c = try QuantConfig.read(Array(#"{"conv1":{"quant_enable":false}}"#.utf8), file: "a.json")
    #expect(a == b)
    #expect(a != c)
  }
}
