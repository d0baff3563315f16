import Foundation
import Testing

@Suite struct `cortado config` {
  private let folder = TemporaryFolder()
  private var file: String { folder / "config.json" }

  private func initialise(_ more: String...) throws -> Outcome {
    try cortado(["config", "init"] + Sample.digits.model + ["-o", file, "--json"] + more)
  }

  @Test func `init writes the defaults, by the manual's rules`() throws {
    let outcome = try initialise()
    outcome.expect(0)
    // Five weighted or pooling layers, ip2 and the softmax; relu1 is listed and off.
    #expect(try outcome.json["listed"].int == 8)
    #expect(try outcome.json["quantized"].int == 7)
    let config = try JSONNode(file: file)
    #expect(config["version"].int == 1 && config["batch_num"].int == 1 && config["activation_offset"].bool == true)
    #expect(config["joint_quant"].bool == false && config["do_fusion"].bool == true)
    let conv = config["conv1"]
    #expect(conv["quant_enable"].bool == true)
    let activation = conv["activation_quant_params"]
    #expect(activation["num_bits"].int == 8 && activation["max_percentile"].number == 0.999999)
    #expect(activation["search_range"].list.map(\.number) == [0.7, 1.3] && activation["search_step"].number == 0.01)
    #expect(conv["weight_quant_params"]["wts_algo"].string == "arq_quantize")
    #expect(conv["weight_quant_params"]["channel_wise"].bool == true)
    #expect(config["ip1"]["weight_quant_params"]["channel_wise"].bool == false, "InnerProduct has one step")
    #expect(config["relu1"]["quant_enable"].bool == false)
    #expect(try folder.text("config.json").contains("\"batch_num\":1,"), "Python's form: no space behind the colon")
  }

  @Test func `init takes batch_num, symmetry and layers to skip`() throws {
    try initialise("--batch-num", "4", "--symmetric", "--skip-layers", "conv1,ip2", "--skip-layer-types", "Pooling")
      .expect(0)
    let config = try JSONNode(file: file)
    #expect(config["batch_num"].int == 4 && config["activation_offset"].bool == false)
    for name in ["conv1", "ip2", "pool1", "pool2"] { #expect(config[name]["quant_enable"].bool == false, "\(name)") }
    for name in ["conv2", "ip1"] { #expect(config[name]["quant_enable"].bool == true, "\(name)") }
  }

  @Test func `init follows a recipe; the more special entry wins`() throws {
    let recipe = try folder.write(
      "recipe.cfg",
      """
      batch_num : 2
      skip_layers : "prob"
      common_config : { ifmr_quantize : { num_bits : 10 } }
      override_layer_types : { layer_type : "Pooling" calibration_config : { ifmr_quantize : { num_bits : 12 } } }
      override_layer_configs : { layer_name : "pool2" calibration_config : { ifmr_quantize : { num_bits : 14 } } }
      """)
    try initialise("--recipe", recipe).expect(0)
    let config = try JSONNode(file: file)
    #expect(config["batch_num"].int == 2 && config["prob"]["quant_enable"].bool == false)
    let bits = ["conv1", "pool1", "pool2"].map { config[$0]["activation_quant_params"]["num_bits"].int }
    #expect(bits == [10, 12, 14])
  }

  @Test(arguments: [
    (["--skip-layers", "conv9"], "error: Layer conv9 does not exist in the graph."),
    (
      ["--skip-layers", "conv1,ip1,conv1"],
      "error: Please delete repeated items in skip_layers, repeated items are [conv1]"
    ),
    (
      ["--skip-layer-types", "Pooling,Pooling"],
      "error: Please delete repeated items in skip_layer_types, repeated items are [Pooling]"
    ),
    (
      ["--skip-layers", "conv1,conv2,ip1,ip2,pool1,pool2,prob"],
      "error: Except skip_layers, no layer needs to quantize."
    ),
    (
      ["--skip-layer-types", "Convolution,InnerProduct,Pooling,Softmax"],
      "error: Except skip_layers or skip_types, no layer need to quantize."
    ),
    (["--batch-num", "0"], "The batch_num must be greater than zero."),
  ])
  func `init refuses what leaves nothing, or names nothing`(_ flags: [String], _ text: String) throws {
    let outcome = try cortado(["config", "init"] + Sample.digits.model + ["-o", file] + flags)
    outcome.expect(flags[0] == "--batch-num" ? 64 : 3, says: text)
    #expect(folder.names().isEmpty)
  }

  @Test func `init warns of types and layers that need no skipping`() throws {
    let outcome = try cortado(
      ["config", "init"] + Sample.digits.model + [
        "-o", file, "--skip-layers", "data", "--skip-layer-types", "Input, LSTM",
      ])
    outcome.expect(
      0, says: "warning: layer data does not support quant.", "warning: Layer type Input does not support quantize.",
      "warning: the graph has no layer of type LSTM")
    let json = try JSONNode(file: file)
    #expect(json["conv1"]["quant_enable"].bool == true)
  }

  @Test func `beside a recipe its own batch_num and offset hold, with warnings`() throws {
    let recipe = try folder.write("r.cfg", "batch_num: 2 activation_offset: true skip_layers: 'ip2'")
    let outcome = try cortado(
      ["config", "init"] + Sample.digits.model + ["-o", file, "--recipe", recipe, "--batch-num", "5", "--symmetric"]
        + ["--skip-layers", "ip1"])
    outcome.expect(0, says: "the recipe decides batch_num", "the recipe decides activation_offset")
    let json = try JSONNode(file: file)
    #expect(json["batch_num"].int == 2 && json["activation_offset"].bool == true)
    #expect(json["ip1"]["quant_enable"].bool == false && json["ip2"]["quant_enable"].bool == false, "both lists count")
  }

  @Test func `what a rule leaves out falls to the defaults, and fusion goes by the recipe`() throws {
    let recipe = try folder.write(
      "r.cfg",
      """
      do_fusion: true
      skip_fusion_layers: "conv1"
      common_config { ifmr_quantize { num_bits: 12 max_percentile: 0.9 } arq_quantize { channel_wise: false } }
      override_layer_types { layer_type: "DepthwiseConvolution" calibration_config { ifmr_quantize { num_bits: 10 } } }
      override_layer_configs { layer_name: "conv5" calibration_config { arq_quantize { channel_wise: true } } }
      """)
    let outcome = try cortado(
      ["quantize"] + Sample.shapes.model + Sample.shapes.calibration
        + ["--recipe", recipe, "--work", folder / "run", "--out", folder / "out/net", "--json"])
    outcome.expect(0)
    let layers = try outcome.json["layers"]
    #expect(
      layers.first("layer", "conv1_bn")["state"].string == "float"
        && layers.first("layer", "conv5_bn")["state"].string == "fused")
    #expect(
      layers.first("layer", "conv1")["num_bits_d"].ints == [12]
        && layers.first("layer", "conv1")["scale_w"].list.count == 1)
    // conv3_dw is a depthwise convolution under another spelling; conv5's own rule says nothing of its data.
    #expect(layers.first("layer", "conv3_dw")["num_bits_d"].ints == [10])
    #expect(layers.first("layer", "conv3_dw")["scale_w"].list.count == 48, "the default, not the common rule")
    #expect(
      layers.first("layer", "conv5")["num_bits_d"].ints == [8]
        && layers.first("layer", "conv5")["scale_w"].list.count == 64)
    let config = try JSONNode(file: folder / "run/config.json")
    #expect(config["conv5"]["activation_quant_params"]["max_percentile"].number == 0.999999)
    #expect(config["conv1"]["activation_quant_params"]["max_percentile"].number == 0.9)
    for (text, says) in [
      ("skip_fusion_layers: 'conv99'", "error: Layer \"conv99\" in skip_fusion_layers does not exist in the graph."),
      ("skip_fusion_layers: 'pool1'", "error: Skip fusion layer \"pool1\"'s type not in supported list [Convolution, "),
      (
        "override_layer_configs { layer_name: 'data' calibration_config { } }",
        "error: layer data does not support quant."
      ),
      (
        "override_layer_types { layer_type: 'InnerProduct' calibration_config { arq_quantize { channel_wise: true } } }",
        "error: channel_wise can only be False for InnerProduct type"
      ),
    ] {
      let bad = try folder.write("bad.cfg", text)
      try cortado(["config", "init"] + Sample.shapes.model + ["-o", folder / "no.json", "--recipe", bad])
        .expect(3, says: "bad.cfg:1:", says)
    }
    #expect(!folder.has("no.json"))
  }

  @Test func `set changes what a filter finds, get reads it, diff shows it, check accepts it`() throws {
    try initialise().expect(0)
    try FileManager.default.copyItem(atPath: file, toPath: folder / "before.json")
    let set = try cortado("config", "set", "name:conv*", "activation.num_bits=12", "--config", file, "--json")
    set.expect(0)
    #expect(
      try set.json.list.map { $0["path"].string }
        == ["conv1.activation_quant_params.num_bits", "conv2.activation_quant_params.num_bits"])
    try cortado("config", "set", "batch_num=3", "--config", file).expect(0)
    let get = try cortado("config", "get", "conv2.activation_quant_params.num_bits", "--config", file)
    get.expect(0)
    #expect(get.out == "12\n")
    #expect(try cortado("config", "get", "batch_num", "--config", file).out == "3\n")
    let diff = try cortado("config", "diff", file, "--config", folder / "before.json", "--json").json
    #expect(diff.list.count == 3)
    let bits = diff.first("path", "conv1.activation_quant_params.num_bits")
    #expect(bits["old"].string == "8" && bits["new"].string == "12")
    try cortado(["config", "check"] + Sample.digits.model + ["--config", file]).expect(0)
  }

  @Test func `the other weight parameters follow wts_algo`() throws {
    try initialise().expect(0)
    let before = try folder.text("config.json")
    try cortado("config", "set", "conv2", "weight.init_algo=gaussian", "--config", file)
      .expect(3, says: "init_algo belongs to snq_quantize")
    #expect(try folder.text("config.json") == before)
    try cortado("config", "set", "name:*2", "weight.wts_algo=snq_quantize", "--config", file).expect(3, says: "pool2")
    try cortado("config", "set", "conv2", "weight.wts_algo=snq_quantize", "--config", file).expect(0)
    let weights = try JSONNode(file: file)["conv2"]["weight_quant_params"]
    #expect(weights["num_bits"].int == 4 && weights["init_algo"].string == "uniform")
    #expect(weights["max_iteration"].int == 1000 && weights["min_distance"].number == 1e-10)
    #expect(weights["channel_wise"].bool == true)
    try cortado(["config", "check"] + Sample.digits.model + ["--config", file]).expect(0)
    try cortado("config", "set", "conv2", "weight.wts_algo=arq_quantize", "--config", file).expect(0)
    #expect(try folder.text("config.json") == before)
  }

  @Test func `a wrong value or name changes nothing`() throws {
    try initialise().expect(0)
    let before = try folder.text("config.json")
    try cortado("config", "set", "conv1", "activation.num_bits=17", "--config", file).expect(3, says: "[8, 16]")
    try cortado("config", "set", "conv1", "activation.num_bit=9", "--config", file).expect(
      3, says: "did you mean 'num_bits'?")
    try cortado("config", "set", "conv3", "activation.num_bits=9", "--config", file).expect(
      3, says: "'conv3'", "did you mean")
    try cortado("config", "set", "ip1", "weight.channel_wise=true", "--config", file).expect(0)
    try cortado(["config", "check"] + Sample.digits.model + ["--config", file])
      .expect(3, says: "channel_wise must be False for layer type InnerProduct")
    try cortado("config", "set", "ip1", "weight.channel_wise=false", "--config", file).expect(0)
    #expect(try folder.text("config.json") == before)
  }

  @Test(arguments: [
    ("{\n\"version\":1,\n\"batch_num\":1,\n\"conv1\":{\"quant_enable\":true,}\n}", "4:30", "key in quotes"),
    ("{\n\"version\":1,\n\"batch_num\":1,\n\"batch_num\":2\n}", "4:1", "twice"),
    ("{\n\"version\":1,\n\"batch_num\":1,\n\"conv9\":{\"quant_enable\":true}\n}", "4:1", "conv9"),
    ("{\n\"version\":1,\n\"batch_num\":0\n}", "3:13", "batch_num"),
    ("{\n\"version\":1,\n\"batch_num\":1,\n\"conv1\":{\"quant_enable\":\"yes\"}\n}", "4:25", "quant_enable"),
    ("{\n\"version\":1,\n\"batch_num\":1,\n\"conv1\":{\"quant_enabled\":true}\n}", "4:10", "quant_enabled"),
    ("[1]", "1:1", "error"),
    ("", "1:1", "error"),
  ])
  func `an error in the file is told with its place, and no run begins`(_ text: String, _ place: String, _ word: String)
    throws
  {
    let config = try folder.write("bad.json", text)
    try cortado(["config", "check"] + Sample.digits.model + ["--config", config])
      .expect(3, says: "bad.json:\(place): error:", word)
    try cortado(
      ["quantize"] + Sample.digits.model + Sample.digits.calibration
        + ["--config", config, "--work", folder / "run", "--out", folder / "out/x"]
    ).expect(3, says: "bad.json:\(place): error:")
    #expect(folder.names() == ["bad.json"])
  }

  @Test func `an unknown field of a recipe is told with its place`() throws {
    let recipe = try folder.write("r.cfg", "batch_num : 2\nactivation_ofset : true\n")
    try cortado(
      ["quantize"] + Sample.digits.model + Sample.digits.calibration + ["--recipe", recipe, "--work", folder / "run"]
    ).expect(3, says: "r.cfg:2:1: error: unknown field 'activation_ofset'", "did you mean 'activation_offset'?")
    #expect(folder.names() == ["r.cfg"])
  }
}
