import Diagnostics
import LayerGraph
import Testing

@testable import Quantization

@Suite struct RecipeTests {
  func read(_ text: String) throws -> Recipe { try Recipe.read(Array(text.utf8), file: "q.cfg") }

  func apply(_ text: String, _ graph: Graph) throws -> (config: QuantConfig, news: [String]) {
    var log = DiagnosticLog()
    let config = try read(text).apply(to: graph, log: &log)
    return (config, log.diagnostics.flatMap(\.lines))
  }

  func text(_ config: QuantConfig, _ layer: String, _ field: ConfigField) -> String? {
    config.setting(ConfigPath(field, layer: layer))?.value.text
  }

  func provenance(_ config: QuantConfig, _ layer: String, _ field: ConfigField) -> Provenance? {
    config.setting(ConfigPath(field, layer: layer))?.provenance
  }

  /// All fields and both ways to write strings and messages.
  static let full = """
    # non-uniform, except for the ends
    skip_layers : "pool1"
    skip_layer_types:"Eltwise"
    batch_num: 2
    activation_offset : false
    do_fusion: true
    skip_fusion_layers : "conv2"
    update_bn: true
    bn_update_config : {
        bn_update_iterations : 40
        bn_moving_average_fraction: 0.25
        bn_dump_dir: 'bn'
    }
    common_config : {
        ifmr_quantize : { search_range_start : 0.7  search_range_end : 1.3  search_step : 0.02  max_percentile : 0.99 }
        snq_quantize { channel_wise : true  max_iteration : 600  min_distance : 1e-9  init_algo : 'gaussian' }
    }
    override_layer_types : {
        layer_type : "InnerProduct"
        calibration_config : {
            ifmr_quantize : { num_bits:12 }
            arq_quantize : { channel_wise : false  num_bits:8 }
        }
    }
    override_layer_configs : {
        layer_name : "conv1"
        calibration_config : {
            arq_quantize : { channel_wise : true }
            ifmr_quantize : { search_range_start : 0.8  search_range_end : 1.2  search_step : 0.4 }
        }
    }
    """

  func net() throws -> Graph {
    try Fake.graph([
      "conv1 Convolution data", "bn BatchNorm conv1", "pool1 Pooling bn", "conv2 Convolution pool1",
      "add Eltwise conv2,pool1", "fc InnerProduct add",
    ])
  }

  @Test func `global parameters come from the recipe, the rest are defaults`() throws {
    let (config, _) = try apply(Self.full, net())
    #expect(config.batchNum == 2)
    #expect(config.activationOffset == false)
    #expect(config.skipFusionLayers == ["conv2"])
    #expect(config.updateBN)
    #expect(
      config.bnUpdateSettings == BNUpdateSettings(movingAverageFraction: 0.25, iterations: 40, dumpDirectory: "bn"))
    #expect(config.globals[.batchNum]?.provenance == .recipeCommon)
    #expect(config.globals[.jointQuant]?.provenance == .defaultValue)
    #expect(
      config.text.hasPrefix(
        """
        {
            "version":1,
            "batch_num":2,
            "activation_offset":false,
            "joint_quant":false,
            "do_fusion":true,
            "skip_fusion_layers":[
                "conv2"
            ],
            "update_bn":true,
            "bn_update_config":{
                "bn_moving_average_fraction":0.25,
                "bn_update_iterations":40,
                "bn_dump_dir":"bn"
            },
            "add":{
        """))
  }

  @Test func `a layer takes the common rule unless its type or itself has one`() throws {
    let (config, _) = try apply(Self.full, net())
    #expect(text(config, "conv2", .weightAlgorithm) == "snq_quantize")
    #expect(text(config, "conv2", .weightBits) == "4")
    #expect(text(config, "conv2", .maxIteration) == "600")
    #expect(text(config, "conv2", .minDistance) == "1e-09")
    #expect(text(config, "conv2", .initAlgorithm) == "gaussian")
    #expect(text(config, "conv2", .searchStep) == "0.02")
    #expect(text(config, "conv2", .maxPercentile) == "0.99")
    #expect(provenance(config, "conv2", .searchStep) == .recipeCommon)
    #expect(text(config, "fc", .activationBits) == "12")
    #expect(provenance(config, "fc", .activationBits) == .recipeType)
    #expect(text(config, "conv1", .searchRange) == "[0.8, 1.2]")
    #expect(provenance(config, "conv1", .weightAlgorithm) == .recipeLayer)
  }

  @Test func `a more specific rule replaces the whole: what it leaves out is default, not common`() throws {
    let (config, _) = try apply(Self.full, net())
    #expect(text(config, "fc", .searchStep) == "0.01")
    #expect(provenance(config, "fc", .searchStep) == .defaultValue)
    #expect(text(config, "fc", .maxPercentile) == "0.999999")
    #expect(text(config, "conv1", .maxPercentile) == "0.999999")
    #expect(text(config, "conv1", .weightBits) == "8")
    #expect(config.layers["conv1"]?.weights?[.maxIteration] == nil)
  }

  @Test func `the rule of a layer goes before that of its type`() throws {
    let recipe = """
      override_layer_types { layer_type: "Convolution" calibration_config { ifmr_quantize { num_bits: 10 } } }
      override_layer_configs { layer_name: "conv2" calibration_config { ifmr_quantize { num_bits: 14 } } }
      """
    let (config, _) = try apply(recipe, net())
    #expect(text(config, "conv1", .activationBits) == "10")
    #expect(text(config, "conv2", .activationBits) == "14")
    #expect(text(config, "fc", .activationBits) == "8")
  }

  @Test func `skipped layers and types are off, whatever their rule`() throws {
    let (config, _) = try apply(Self.full, net())
    #expect(config.layerNames.filter { !config.isEnabled($0) } == ["add", "bn", "pool1"])
    #expect(provenance(config, "pool1", .quantEnable) == .recipeLayer)
    #expect(provenance(config, "add", .quantEnable) == .recipeType)
  }

  @Test func `floats are the shortest text of their float32`() throws {
    let (config, _) = try apply(
      "common_config { ifmr_quantize { search_range_start: 0.70000001 min_percentile: 1 } "
        + "snq_quantize { min_distance: 1e-10 } }",
      net())
    // float32(0.70000001) is float32(0.7); 1 prints as a float.
    #expect(text(config, "conv1", .searchRange) == "[0.7, 1.3]")
    #expect(text(config, "conv1", .minPercentile) == "1.0")
    #expect(text(config, "conv1", .minDistance) == "1e-10")
  }

  @Test func `a recipe's configuration passes its own check`() throws {
    let graph = try net()
    let text = try apply(Self.full, graph).config.text
    #expect(try readConfig(text, graph).config.text == text)
  }

  @Test func `an empty recipe gives the defaults`() throws {
    var log = DiagnosticLog()
    let plain = try QuantConfig.initial(graph: net(), log: &log)
    #expect(try apply("# nothing\n", net()).config == plain)
  }

  @Test func `spellings of depthwise convolution follow one rule`() throws {
    let graph = try Fake.graph([
      "a ConvolutionDepthwise data", "b DepthwiseConv a", "c DepthwiseConvolution b", "d Pooling c",
    ])
    let rule = #"calibration_config { arq_quantize { channel_wise: false } } }"#
    let (config, news) = try apply(#"override_layer_types { layer_type: "DepthwiseConv" "# + rule, graph)
    #expect(["a", "b", "c"].map { text(config, $0, .channelWise) } == ["false", "false", "false"])
    #expect(news == [])
    let skipped = try apply(#"skip_layer_types: "DepthwiseConvolution""#, graph).config
    #expect(skipped.layerNames.filter(skipped.isEnabled) == ["d"])
  }

  @Test func `channel-wise weights of the common rule become false for InnerProduct, with a note`() throws {
    let (config, news) = try apply("common_config { arq_quantize { channel_wise: true } }", net())
    #expect(text(config, "fc", .channelWise) == "false")
    #expect(text(config, "conv1", .channelWise) == "true")
    #expect(news == ["q.cfg:1:32: note: layer 'fc' (InnerProduct) can't have channel_wise: it becomes false"])
  }

  @Test func `channel-wise weights of an override are refused for InnerProduct`() throws {
    let rule = "calibration_config { arq_quantize { channel_wise: true } } }"
    #expect(
      refusal { _ = try apply(#"override_layer_configs { layer_name: "fc" "# + rule, net()) } == [
        "q.cfg:1:79: error: The channel_wise must be False for layer type InnerProduct", "note: in layer 'fc'",
      ])
    #expect(
      refusal { _ = try apply(#"override_layer_types { layer_type: "InnerProduct" "# + rule, net()) }
        == ["q.cfg:1:87: error: channel_wise can only be False for InnerProduct type"])
  }

  @Test func `non-uniform weights of the common rule become uniform for recurrent layers, with a note`() throws {
    let graph = try Fake.graph(["conv1 Convolution data", "lstm LSTM conv1"])
    let (config, news) = try apply("common_config { snq_quantize { } }", graph)
    #expect(text(config, "lstm", .weightAlgorithm) == "arq_quantize")
    #expect(text(config, "lstm", .weightBits) == "8")
    #expect(text(config, "lstm", .channelWise) == "false")
    #expect(config.layers["lstm"]?.weights?[.maxIteration] == nil)
    #expect(text(config, "conv1", .maxIteration) == "1000")
    #expect(news == ["q.cfg:1:17: note: layer 'lstm' (LSTM) can't have snq_quantize: it takes arq_quantize"])
    let override = #"override_layer_types { layer_type: "LSTM" calibration_config { snq_quantize { } } }"#
    #expect(
      refusal { _ = try apply(override, graph) } == [
        "q.cfg:1:64: error: The snq_quantize is not supported for layer type LSTM", "note: in layer 'lstm'",
      ])
  }

  @Test func `an unknown layer name is an error, a type that matches nothing a warning`() throws {
    #expect(
      refusal {
        _ = try apply(
          "skip_layers: \"pool2\"\noverride_layer_configs { layer_name: \"conv\" calibration_config { } }", net())
      } == [
        "q.cfg:1:1: error: Layer pool2 does not exist in the graph.", "help: did you mean 'pool1'?",
        "q.cfg:2:26: error: Layer conv does not exist in the graph.", "help: did you mean 'conv1'?",
      ])
    let (_, news) = try apply(
      "skip_layer_types: \"Softmax\"\noverride_layer_types { layer_type: \"LSTM\" calibration_config { } }", net())
    #expect(
      news == [
        "q.cfg:1:1: warning: Layer type Softmax does not support quantize.",
        "q.cfg:2:24: warning: the graph has no layer of type LSTM",
      ])
  }

  @Test func `update_bn without a BatchNorm is a warning`() throws {
    #expect(
      try apply("update_bn: true", Fake.net()).news
        == ["q.cfg:1:1: warning: update_bn is set, but the graph has no BatchNorm layer"])
  }

  @Test func `beside a recipe the options for batch_num and offset have no effect`() throws {
    var options = InitialConfigOptions()
    options.recipe = try read("batch_num: 7")
    options.batchNum = 3
    options.symmetric = true
    var log = DiagnosticLog()
    let config = try QuantConfig.initial(graph: net(), options: options, log: &log)
    #expect(config.batchNum == 7)
    #expect(config.activationOffset)
    #expect(
      log.diagnostics.flatMap(\.lines) == [
        "warning: the recipe decides batch_num: the value given beside it is ignored",
        "warning: the recipe decides activation_offset: symmetric, given beside it, is ignored",
      ])
  }

  @Test(arguments: [
    ("batch_num: 0", "q.cfg:1:1: error: The batch_num must be greater than zero."),
    (
      "common_config { ifmr_quantize { num_bits: 17 } }",
      "q.cfg:1:33: error: The num_bits must be in range [8, 16]"
    ),
    (
      "common_config { ifmr_quantize { search_range_end: 0.6 } }",
      "q.cfg:1:33: error: search_range[0] must be less than search_range[1]"
    ),
    (
      "common_config { ifmr_quantize { search_step: 0.7 } }",
      "q.cfg:1:33: error: The search_step must be less than or equal to (search_range[1] - search_range[0])"
    ),
    (
      "common_config { ifmr_quantize { max_percentile: 0.5 } }",
      "q.cfg:1:33: error: The max_percentile must be greater than 0.5 and less than or equal to 1.0"
    ),
    ("common_config { arq_quantize { num_bits: 4 } }", "q.cfg:1:32: error: The num_bits must be 8 for arq_quantize"),
    (
      "common_config { snq_quantize { max_iteration: 10 } }",
      "q.cfg:1:32: error: The max_iteration must be in range [500, 2000]"
    ),
    (
      "common_config { snq_quantize { init_algo: 'x' } }",
      "q.cfg:1:32: error: The init_algo must be one of [uniform, gaussian, d2sampling]"
    ),
    (
      "bn_update_config { bn_update_iterations: 1000 }",
      "q.cfg:1:20: error: The bn_update_iterations must be greater than 0 and less than 1000"
    ),
    (
      "skip_layers: 'a'\nskip_layers: 'b'\nskip_layers: 'a'",
      "q.cfg:3:1: error: Please delete repeated items in skip_layers, repeated items are [a]"
    ),
    (
      "override_layer_types { layer_type: 'A' calibration_config {} }\n"
        + "override_layer_types { layer_type: 'A' calibration_config {} }",
      "q.cfg:2:24: error: Please delete repeated items in override_layer_types, repeated items are [A]"
    ),
  ])
  func `a value out of range is refused at its place`(text: String, line: String) {
    #expect(refusal { _ = try read(text) }.first == line)
  }

  @Test func `an unknown field is refused by name`() {
    let found = refusal { _ = try read("batch_nums: 3\n") }
    #expect(found.first?.hasPrefix("q.cfg:1:") == true && found[0].contains("batch_nums"), "\(found)")
  }

  @Test func `the text stays at hand, comments and all`() throws {
    #expect(try read(Self.full).source == Array(Self.full.utf8))
  }
}
