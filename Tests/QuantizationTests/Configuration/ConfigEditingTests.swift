import Diagnostics
import LayerGraph
import Testing

@testable import Quantization

@Suite struct ConfigEditingTests {
  func fresh(_ graph: Graph) throws -> QuantConfig {
    var log = DiagnosticLog()
    return try QuantConfig.initial(graph: graph, log: &log)
  }

  @Test func `a typed number keeps its text and is marked as set by hand`() throws {
    let graph = try Fake.net()
    var config = try fresh(graph)
    try config.set(path: "conv1.activation_quant_params.search_range", text: "0.70 1.30", graph: graph)
    try config.set(path: "conv1.activation_quant_params.search_step", text: "1e-2", graph: graph)
    #expect(try config.get(path: "conv1.activation_quant_params.search_range", graph: graph) == "[0.70, 1.30]")
    #expect(config.text.contains("0.70,\n                1.30\n            ],\n            \"search_step\":1e-2\n"))
    #expect(config.setting(ConfigPath(.searchStep, layer: "conv1"))?.provenance == .hand)
  }

  @Test(arguments: [
    ("batch_num", "016", "16"), ("conv1.search_step", ".05", "0.05"), ("conv1.max_percentile", "1", "1"),
    ("conv1.search_range", "[0.5, 2]", "[0.5, 2]"), ("conv1.search_range", " 0.5,2.0 ", "[0.5, 2.0]"),
    ("conv1.quant_enable", "false", "false"), ("conv1.channel_wise", "false", "false"),
    ("skip_fusion_layers", "conv1, conv2", "[conv1, conv2]"), ("skip_fusion_layers", #"["fc"]"#, "[fc]"),
    ("skip_fusion_layers", "", "[]"), ("bn_dump_dir", "a dir", "a dir"), ("joint_quant", "true", "true"),
    ("bn_update_config.bn_update_iterations", "999", "999"),
  ])
  func `what may be typed for a parameter`(path: String, typed: String, text: String) throws {
    let graph = try Fake.net()
    var config = try fresh(graph)
    try config.set(path: path, text: typed, graph: graph)
    #expect(try config.get(path: path, graph: graph) == text)
    #expect(refusal { _ = try readConfig(config.text, graph) } == [])
  }

  @Test(arguments: [
    ("batch_num", "0", "error: The batch_num must be greater than zero.", "help: batch_num: a whole number above 0"),
    (
      "batch_num", "many", "error: batch_num needs a whole number, is 'many'", "help: batch_num: a whole number above 0"
    ),
    (
      "conv1.quant_enable", "yes", "error: quant_enable needs true or false, is 'yes'",
      "help: quant_enable: true or false"
    ),
    (
      "conv1.activation_quant_params.num_bits", "17", "error: The num_bits must be in range [8, 16]",
      "help: num_bits: a whole number from 8 to 16"
    ),
    (
      "conv1.search_range", "0.7", "error: search_range needs two numbers, is '0.7'",
      "help: search_range: two numbers, 0 < start < end"
    ),
    (
      "conv1.search_step", "0.9",
      "error: The search_step must be less than or equal to (search_range[1] - search_range[0])",
      "help: search_step: above 0, at most end - start of search_range"
    ),
    (
      "fc.channel_wise", "true", "error: The channel_wise must be False for layer type InnerProduct",
      "help: channel_wise: true or false"
    ),
    (
      "conv1.weight_quant_params.num_bits", "4", "error: The num_bits must be 8 for arq_quantize",
      "help: num_bits: 8 with arq_quantize, 4 with snq_quantize"
    ),
    ("conv1.max_iteration", "600", "error: max_iteration belongs to snq_quantize", "help: set wts_algo first"),
    (
      "skip_fusion_layers", "pool1",
      #"error: Skip fusion layer "pool1"'s type not in supported list "#
        + "[Convolution, DepthwiseConv, Deconvolution, InnerProduct]",
      "help: skip_fusion_layers: names of fusable layers"
    ),
    (
      "add.activation_quant_params[2].num_bits", "8", "error: layer 'add' has no input 2", "help: its inputs are 0 to 1"
    ),
    (
      "conv1.search_setp", "0.01", "error: layer 'conv1' has no parameter 'search_setp'",
      "help: did you mean 'search_step'?"
    ),
    ("conv3.search_step", "0.01", "error: no layer or parameter 'conv3.search_step'", "help: did you mean 'conv1'?"),
  ])
  func `a refusal gives reason and range and changes nothing`(path: String, typed: String, reason: String, help: String)
    throws
  {
    let graph = try Fake.net()
    var config = try fresh(graph)
    let before = config
    let found = refusal { try config.set(path: path, text: typed, graph: graph) }
    #expect(found.first == reason)
    #expect(found.contains(help), "\(found)")
    #expect(config == before)
  }

  @Test func `a key that two groups have must be told apart`() throws {
    let graph = try Fake.net()
    var config = try fresh(graph)
    #expect(
      refusal { try config.set(path: "conv1.num_bits", text: "8", graph: graph) }.first
        == "error: 'num_bits' may mean conv1.activation_quant_params.num_bits or conv1.weight_quant_params.num_bits")
  }

  @Test func `an edit reaches all inputs or the one that is named`() throws {
    let graph = try Fake.net()
    var config = try fresh(graph)
    try config.set(path: "add.activation_quant_params.num_bits", text: "12", graph: graph)
    #expect(config.effective(layer: "add", input: 0)?.numBits == 12)
    #expect(config.effective(layer: "add", input: 1)?.numBits == 12)
    try config.set(path: "add.activation_quant_params[1].num_bits", text: "10", graph: graph)
    try config.set(path: "add.activation_quant_params.0.with_offset", text: "false", graph: graph)
    #expect(config.effective(layer: "add", input: 0)?.numBits == 12)
    #expect(config.effective(layer: "add", input: 0)?.withOffset == false)
    #expect(config.effective(layer: "add", input: 1)?.numBits == 10)
    #expect(config.effective(layer: "add", input: 1)?.withOffset == true)
  }

  @Test func `one object for several inputs becomes a list when one input is edited`() throws {
    let graph = try Fake.net()
    var config = try readConfig(#"{"add":{"activation_quant_params":{"num_bits":9}}}"#, graph).config
    try config.set(path: "add.activation_quant_params[1].num_bits", text: "10", graph: graph)
    #expect(config.effective(layer: "add", input: 0)?.numBits == 9)
    #expect(config.effective(layer: "add", input: 1)?.numBits == 10)
    #expect(config.layers["add"]?.activationsAreList == true)
  }

  @Test func `with_offset inherits until it is set, and can inherit again`() throws {
    let graph = try Fake.net()
    var config = try fresh(graph)
    let before = config.text
    #expect(try config.get(path: "conv1.with_offset", graph: graph) == "inherit")
    try config.set(path: "activation_offset", text: "false", graph: graph)
    #expect(config.effective(layer: "conv1", input: 0)?.withOffset == false)
    try config.set(path: "conv1.with_offset", text: "true", graph: graph)
    #expect(config.effective(layer: "conv1", input: 0)?.withOffset == true)
    try config.set(path: "conv1.with_offset", text: "inherit", graph: graph)
    try config.set(path: "activation_offset", text: "true", graph: graph)
    #expect(config.text == before)
  }

  @Test func `the bits and parameters of the weights follow wts_algo`() throws {
    let graph = try Fake.net()
    var config = try fresh(graph)
    let before = config.text
    try config.set(path: "conv2.wts_algo", text: "snq_quantize", graph: graph)
    #expect(
      config.text.contains(
        """
                "weight_quant_params":{
                    "wts_algo":"snq_quantize",
                    "channel_wise":true,
                    "num_bits":4,
                    "max_iteration":1000,
                    "min_distance":1e-10,
                    "init_algo":"uniform"
                }
        """))
    try config.set(path: "conv2.max_iteration", text: "600", graph: graph)
    try config.set(path: "conv2.wts_algo", text: "arq_quantize", graph: graph)
    #expect(config.text == before)
  }

  @Test func `a layer without an entry gets one, and stays off until it is switched on`() throws {
    let graph = try Fake.net()
    var config = try readConfig(#"{"conv1":{}}"#, graph).config
    try config.set(path: "pool1.activation_quant_params.num_bits", text: "12", graph: graph)
    #expect(!config.isEnabled("pool1"))
    try config.set(path: "pool1.quant_enable", text: "true", graph: graph)
    #expect(config.effective(layer: "pool1", input: 0)?.numBits == 12)
  }

  @Test func `reset goes back to the default of the layer's type`() throws {
    let graph = try Fake.net()
    var config = try fresh(graph)
    let before = config.text
    for (path, text) in [
      ("relu1.quant_enable", "true"), ("conv1.channel_wise", "false"), ("conv1.search_step", "0.02"),
      ("conv1.with_offset", "false"), ("batch_num", "4"),
      ("update_bn", "true"), ("bn_dump_dir", "there"),
    ] {
      try config.set(path: path, text: text, graph: graph)
      try config.reset(ConfigPath.parse(path, layers: graph.quantizableNames), graph: graph)
    }
    #expect(config.text == before)
    #expect(config.setting(ConfigPath(.searchStep, layer: "conv1"))?.provenance == .defaultValue)
  }

  @Test func `a layer's name may hold dots`() throws {
    let graph = try Fake.graph(["a.b Pooling data", "a Pooling a.b"])
    var config = try fresh(graph)
    try config.set(path: "a.b.search_step", text: "0.1", graph: graph)
    #expect(try config.get(path: "a.search_step", graph: graph) == "0.01")
    #expect(try config.get(path: "a.b.activation_quant_params.search_step", graph: graph) == "0.1")
  }

  @Test func `a path reads back from its text`() throws {
    for path in [
      ConfigPath(.batchNum), ConfigPath(.dumpDirectory), ConfigPath(.quantEnable, layer: "a.b"),
      ConfigPath(.activationBits, layer: "a.b", input: 3), ConfigPath(.weightBits, layer: "a"),
    ] {
      #expect(try ConfigPath.parse(path.description, layers: ["a", "a.b"]) == path)
    }
  }

  @Test func `diff lists what differs in value, with both values`() throws {
    let graph = try Fake.net()
    let a = try fresh(graph)
    var b = a
    try b.set(path: "conv1.search_step", text: "0.02", graph: graph)
    try b.set(path: "conv2.search_step", text: "0.010", graph: graph)  // the same number
    try b.set(path: "add.activation_quant_params[1].with_offset", text: "false", graph: graph)
    try b.set(path: "batch_num", text: "4", graph: graph)
    b.layers["fc"] = nil
    let lines = QuantConfig.diff(a, b).map { "\($0.path) \($0.old?.text ?? "-") \($0.new?.text ?? "-")" }
    #expect(
      lines == [
        "batch_num 1 4", "add.activation_quant_params[1].with_offset inherit false",
        "conv1.activation_quant_params.search_step 0.01 0.02", "fc.quant_enable true false",
      ])
    #expect(QuantConfig.diff(a, a).isEmpty)
  }
}

@Suite struct EditableFieldTests {
  @Test func `the rows of a layer follow the file's order`() throws {
    let graph = try Fake.net()
    var log = DiagnosticLog()
    var config = try QuantConfig.initial(graph: graph, log: &log)
    let conv = try #require(graph.node(named: "conv1"))
    let activation = ["num_bits", "max_percentile", "min_percentile", "search_range", "search_step", "with_offset"]
    #expect(
      config.fields(of: conv, graph).map(\.label)
        == ["quant_enable"] + activation + ["wts_algo", "channel_wise", "num_bits"])
    try config.set(path: "conv1.wts_algo", text: "snq_quantize", graph: graph)
    #expect(
      config.fields(of: conv, graph).map(\.label).suffix(3) == ["max_iteration", "min_distance", "init_algo"])
    let add = try #require(graph.node(named: "add"))
    #expect(
      config.fields(of: add, graph).map(\.label)
        == ["quant_enable"] + activation.map { "input 0 \($0)" } + activation.map { "input 1 \($0)" })
  }

  @Test func `a row says value, default, range and where the value comes from`() throws {
    let graph = try Fake.net()
    var log = DiagnosticLog()
    var config = try QuantConfig.initial(graph: graph, log: &log)
    try config.set(path: "fc.activation_quant_params.num_bits", text: "16", graph: graph)
    let fields = config.fields(of: try #require(graph.node(named: "fc")), graph)
    let bits = fields[1]
    #expect(bits.text == "16" && bits.defaultText == "8" && bits.provenance == .hand)
    #expect(bits.range == "a whole number from 8 to 16")
    #expect(bits.caution == "16 bits may overflow on the board; 12 is advised")
    let offset = try #require(fields.first { $0.path.field == .withOffset })
    #expect(offset.text == "inherit" && offset.defaultText == "inherit" && offset.provenance == .defaultValue)
    let wise = try #require(fields.first { $0.path.field == .channelWise })
    #expect(wise.text == "false" && wise.defaultText == "false")
  }

  @Test func `a doubtful value carries a caution`() throws {
    let graph = try Fake.net()
    var log = DiagnosticLog()
    var config = try QuantConfig.initial(graph: graph, log: &log)
    try config.set(path: "pool1.search_step", text: "0.001", graph: graph)
    try config.set(path: "conv1.wts_algo", text: "snq_quantize", graph: graph)
    try config.set(path: "conv2.wts_algo", text: "snq_quantize", graph: graph)
    func caution(_ layer: String, _ field: ConfigField) throws -> String? {
      config.fields(of: try #require(graph.node(named: layer)), graph).first { $0.path.field == field }?.caution
    }
    // (1.3 - 0.7) / 0.001 + 1, a little below 601 in float32.
    #expect(try caution("pool1", .searchStep) == "600 tries take long")
    #expect(try caution("conv1", .weightAlgorithm) == "the first and the last layer should stay arq_quantize")
    #expect(try caution("conv2", .weightAlgorithm) == nil)
  }

  @Test func `the parameters of the BatchNorm update wait for update_bn`() throws {
    let graph = try Fake.graph(["conv1 Convolution data", "bn BatchNorm conv1"])
    var log = DiagnosticLog()
    var config = try QuantConfig.initial(graph: graph, log: &log)
    func closed() -> [String] { config.globalFields(graph).filter { !$0.isEditable }.map(\.path.description) }
    #expect(
      closed() == [
        "version", "bn_update_config.bn_moving_average_fraction", "bn_update_config.bn_update_iterations",
        "bn_update_config.bn_dump_dir",
      ])
    try config.set(path: "update_bn", text: "true", graph: graph)
    #expect(closed() == ["version"])
  }
}
