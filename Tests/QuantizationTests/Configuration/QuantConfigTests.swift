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
    let graph = try Fake.graph([
      "conv1 Convolution data", "bn BatchNorm conv1", "add Eltwise bn,conv1", "fc InnerProduct add",
    ])
    let config = try readConfig(Self.sample, graph).config
    #expect(config.batchNum == 2)
    #expect(config.skipFusionLayers == ["conv1"])
    #expect(
      config.bnUpdateSettings
        == BNUpdateSettings(movingAverageFraction: 0.5, iterations: 30, dumpDirectory: "tmp/bn_data"))
    // with_offset of input 0 is that of activation_offset, of input 1 its own.
    let first = "8 bits, offset false, 0.7 to 1.3 by 0.01, percentiles 0.999999 0.999999"
    #expect(words(config.effective(layer: "add", input: 0)) == first)
    let second = "12 bits, offset true, 0.7 to 1.3 by 0.01, percentiles 0.999999 0.999999"
    #expect(words(config.effective(layer: "add", input: 1)) == second)
    #expect(words(config.effective(layer: "conv1", input: 0)) == first)
    #expect(config.effective(layer: "fc", input: 0) == nil)  // off
    #expect(config.effective(layer: "bn", input: 0) == nil)  // no entry
    let conv = try #require(graph.node(named: "conv1"))
    #expect(
      config.weights(of: conv)
        == .nonUniform(channelWise: true, numBits: 4, maxIteration: 1000, minDistance: 1e-10, start: .gaussian))
    #expect(config.weights(of: try #require(graph.node(named: "fc"))) == nil)
  }

  func words(_ p: IFMR.Parameters?) -> String? {
    p.map {
      "\($0.numBits) bits, offset \($0.withOffset), \($0.searchRange.0) to \($0.searchRange.1) by \($0.searchStep), "
        + "percentiles \($0.maxPercentile) \($0.minPercentile)"
    }
  }

  @Test func `an entry without parameters is on with the defaults of its type`() throws {
    let graph = try Fake.net()
    let config = try readConfig(#"{"fc":{},"conv1":{}}"#, graph).config
    #expect(
      words(config.effective(layer: "fc", input: 0))
        == "8 bits, offset true, 0.7 to 1.3 by 0.01, percentiles 0.999999 0.999999")
    #expect(
      config.weights(of: try #require(graph.node(named: "fc"))) == .uniform(channelWise: false, numBits: 8))
    #expect(
      config.weights(of: try #require(graph.node(named: "conv1"))) == .uniform(channelWise: true, numBits: 8))
    #expect(config.batchNum == 1 && config.activationOffset && config.doFusion && !config.updateBN)
  }

  @Test func `equality looks at values, not at places`() throws {
    let a = try QuantConfig.read(Array(#"{"conv1":{"quant_enable":true}}"#.utf8), file: "a.json")
    let b = try QuantConfig.read(Array("{\n\"conv1\":{ \"quant_enable\" : true}}".utf8), file: "b.json")
    let c = try QuantConfig.read(Array(#"{"conv1":{"quant_enable":false}}"#.utf8), file: "a.json")
    #expect(a == b)
    #expect(a != c)
  }
}
