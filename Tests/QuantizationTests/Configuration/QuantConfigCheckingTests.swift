import Diagnostics
import LayerGraph
import TestSupport
import Testing

@testable import Quantization

@Suite struct QuantConfigCheckingTests {
  func errors(_ text: String, _ graph: Graph) -> [String] { refusal { _ = try readConfig(text, graph) } }

  @Test(arguments: [
    (#"{"version":2}"#, "config.json:1:12: error: The version must be 1."),
    (#"{"batch_num":0}"#, "config.json:1:14: error: The batch_num must be greater than zero."),
    (#"{"batch_num":-3}"#, "config.json:1:14: error: The batch_num must be greater than zero."),
    (
      #"{"batch_num":99999999999999999999}"#,
      "config.json:1:14: error: The batch_num must be less than or equal to 2147483647"
    ),
    (
      #"{"batch_num":1.0}"#,
      "config.json:1:14: error: Type of batch_num should be <class 'int'>, but is <class 'float'>"
    ),
    (
      #"{"batch_num":true}"#,
      "config.json:1:14: error: Type of batch_num should be <class 'int'>, but is <class 'bool'>"
    ),
    (
      #"{"do_fusion":1}"#, "config.json:1:14: error: Type of do_fusion should be <class 'bool'>, but is <class 'int'>"
    ),
    (
      #"{"activation_offset":"true"}"#,
      "config.json:1:22: error: Type of activation_offset should be <class 'bool'>, but is <class 'str'>"
    ),
    (
      #"{"skip_fusion_layers":"conv1"}"#,
      "config.json:1:23: error: Type of skip_fusion_layers should be <class 'list'>, but is <class 'str'>"
    ),
    (
      #"{"skip_fusion_layers":["conv1",null]}"#,
      "config.json:1:32: error: Type of skip_fusion_layers[1] should be <class 'str'>, but is <class 'NoneType'>"
    ),
    (
      #"{"skip_fusion_layers":["conv1","conv2","conv1"]}"#,
      "config.json:1:23: error: Please delete repeated items in skip_fusion_layers, repeated items are [conv1]"
    ),
    (
      #"{"bn_update_config":[]}"#,
      "config.json:1:21: error: Type of bn_update_config should be <class 'dict'>, but is <class 'list'>"
    ),
    ("[]", "config.json:1:1: error: a configuration is a JSON object { }, this is <class 'list'>"),
  ])
  func `a wrong global parameter is refused`(text: String, line: String) throws {
    #expect(errors(text, try Fake.net()).first == line)
  }

  @Test(arguments: [
    (#""bn_moving_average_fraction":0"#, "The bn_moving_average_fraction must be greater than 0 and less than 1.0"),
    (#""bn_moving_average_fraction":1.0"#, "The bn_moving_average_fraction must be greater than 0 and less than 1.0"),
    (#""bn_update_iterations":0"#, "The bn_update_iterations must be greater than 0 and less than 1000"),
    (#""bn_update_iterations":1000"#, "The bn_update_iterations must be greater than 0 and less than 1000"),
    (#""bn_dump_dir":"""#, "empty string is an invalid value for bn_dump_dir"),
    (#""bn_dump":"x""#, "Unknown parameter bn_dump in bn_update_config"),
  ])
  func `a wrong parameter of the BatchNorm update is refused`(member: String, text: String) throws {
    let found = errors(#"{"bn_update_config":{"# + member + "}}", try Fake.net())
    #expect(found.first?.hasSuffix("error: " + text) == true, "\(found)")
  }

  @Test(arguments: [
    (#""num_bits":7"#, "The num_bits must be in range [8, 16]"),
    (#""num_bits":17"#, "The num_bits must be in range [8, 16]"),
    (#""num_bits":8.0"#, "Type of num_bits should be <class 'int'>, but is <class 'float'>"),
    (#""max_percentile":0.5"#, "The max_percentile must be greater than 0.5 and less than or equal to 1.0"),
    (#""max_percentile":1.01"#, "The max_percentile must be greater than 0.5 and less than or equal to 1.0"),
    (#""min_percentile":0.2"#, "The min_percentile must be greater than 0.5 and less than or equal to 1.0"),
    (#""search_range":[0.7]"#, "The search_range must have two floating-point number"),
    (#""search_range":[0.7,1.3,1.5]"#, "The search_range must have two floating-point number"),
    (#""search_range":["0.7",1.3]"#, "The search_range must have two floating-point number"),
    (#""search_range":0.7"#, "Type of search_range should be <class 'list'>, but is <class 'float'>"),
    (#""search_range":[0,1.3]"#, "search_range[0] must be greater than zero"),
    (#""search_range":[1.3,1.3]"#, "search_range[0] must be less than search_range[1]"),
    (#""search_range":[0.5,1e99]"#, "search_range[1] must be in range of float32"),
    (#""search_step":0"#, "The search_step must be greater than zero"),
    (#""search_step":1e-60"#, "The search_step must be greater than zero"),
    (
      #""search_step":0.61"#,
      "The search_step must be less than or equal to (search_range[1] - search_range[0])"
    ),
    (
      #""search_range":[0.9,1.1],"search_step":0.3"#,
      "The search_step must be less than or equal to (search_range[1] - search_range[0])"
    ),
    (#""search_step":1e-9"#, "The search_step makes more than 1000000 tries"),
    (#""with_offset":1"#, "Type of with_offset should be <class 'bool'>, but is <class 'int'>"),
    (#""act_algo":"ifmr""#, "Unknown parameter act_algo in activation_quant_params in layer conv1"),
  ])
  func `a wrong activation parameter is refused`(member: String, text: String) throws {
    let found = errors(#"{"conv1":{"activation_quant_params":{"# + member + "}}}", try Fake.net())
    #expect(found.first?.hasSuffix("error: " + text) == true, "\(found)")
  }

  @Test func `a search step of the whole range is legal, decimal fractions or not`() throws {
    // In binary 1.2 - 0.8 is a little below 0.4.
    let text = #"{"conv1":{"activation_quant_params":{"search_range":[0.8,1.2],"search_step":0.4}}}"#
    #expect(errors(text, try Fake.net()) == [])
  }

  @Test(arguments: [
    (#""wts_algo":"nuq_quantize""#, "The wts_algo must be one of [arq_quantize, snq_quantize]"),
    (#""num_bits":6"#, "The num_bits must be 8 or 4"),
    (#""num_bits":4"#, "The num_bits must be 8 for arq_quantize"),
    (#""wts_algo":"snq_quantize","num_bits":8"#, "The num_bits must be 4 for snq_quantize"),
    (#""wts_algo":"snq_quantize","max_iteration":499"#, "The max_iteration must be in range [500, 2000]"),
    (#""wts_algo":"snq_quantize","max_iteration":2001"#, "The max_iteration must be in range [500, 2000]"),
    (#""wts_algo":"snq_quantize","min_distance":1e-11"#, "The min_distance must be in range [1e-10, 1e-3]"),
    (#""wts_algo":"snq_quantize","min_distance":0.0011"#, "The min_distance must be in range [1e-10, 1e-3]"),
    (
      #""wts_algo":"snq_quantize","init_algo":"random""#, "The init_algo must be one of [uniform, gaussian, d2sampling]"
    ),
    (#""max_iteration":1000"#, "Unknown parameter max_iteration in weight_quant_params in layer conv1"),
    (#""channel_wise":"yes""#, "Type of channel_wise should be <class 'bool'>, but is <class 'str'>"),
  ])
  func `a wrong weight parameter is refused`(member: String, text: String) throws {
    let found = errors(#"{"conv1":{"weight_quant_params":{"# + member + "}}}", try Fake.net())
    #expect(found.first?.hasSuffix("error: " + text) == true, "\(found)")
  }

  @Test func `the ends of the ranges are legal`() throws {
    let text = """
      {"conv1":{"activation_quant_params":{"num_bits":16,"max_percentile":1,"min_percentile":0.500001,
      "search_range":[0.7,1.3],"search_step":0.6},
      "weight_quant_params":{"wts_algo":"snq_quantize","max_iteration":2000,"min_distance":1e-3,
      "init_algo":"d2sampling"}},
      "conv2":{"weight_quant_params":{"wts_algo":"snq_quantize","max_iteration":500,"min_distance":1E-10}},
      "bn_update_config":{"bn_moving_average_fraction":0.999,"bn_update_iterations":999}}
      """
    #expect(errors(text, try Fake.net()) == [])
  }

  @Test func `an unknown key is refused with the nearest one`() throws {
    let text = """
      {
        "batchnum":1,
        "conv1":{
          "quant_enabled":true,
          "activation_quant_params":{"search_setp":0.01}
        }
      }
      """
    #expect(
      errors(text, try Fake.net()) == [
        "config.json:2:3: error: batchnum is an invalid layer name or parameter.",
        "help: did you mean 'batch_num'?",
        "config.json:4:5: error: Unknown parameter quant_enabled in layer conv1",
        "help: did you mean 'quant_enable'?",
        "config.json:5:32: error: Unknown parameter search_setp in activation_quant_params in layer conv1",
        "help: did you mean 'search_step'?",
      ])
  }

  @Test func `an unknown layer is refused with the nearest one`() throws {
    #expect(
      errors(#"{"version":1,"batch_num":1,"conv11":{"quant_enable":true}}"#, try Fake.net()) == [
        "config.json:1:28: error: conv11 is an invalid layer name or parameter.",
        "note: the graph has no layer 'conv11'", "help: did you mean 'conv1'?",
      ])
  }

  @Test func `errors of the file and of the net come together`() throws {
    let text = "{\n\"batch_num\":0,\n\"nolayer\":{},\n\"fc\":{\"weight_quant_params\":{\"channel_wise\":true}}\n}"
    #expect(
      errors(text, try Fake.net()).filter { $0.contains("error") } == [
        "config.json:2:13: error: The batch_num must be greater than zero.",
        "config.json:3:1: error: nolayer is an invalid layer name or parameter.",
        "config.json:4:45: error: The channel_wise must be False for layer type InnerProduct",
      ])
  }

  @Test func `no more than twenty errors are shown`() throws {
    let layers = (0..<40).map { #""x\#($0)":{}"# }.joined(separator: ",")
    #expect(errors("{\(layers)}", try Fake.net()).filter { $0.contains("error:") }.count == 20)
  }

  @Test func `a layer whose type is not quantized is refused`() throws {
    let graph = try Fake.graph(["conv1 Convolution data", "quiet Silence conv1"])
    #expect(
      errors(#"{"quiet":{"quant_enable":false},"conv1":{}}"#, graph) == [
        "config.json:1:2: error: layer quiet does not support quant.", "note: layer type Silence is not quantized",
      ])
  }

  @Test func `non-uniform weights are refused where the type can't have them`() throws {
    let graph = try Fake.graph(["lstm LSTM data"])
    #expect(
      errors(#"{"lstm":{"weight_quant_params":{"wts_algo":"snq_quantize","channel_wise":false}}}"#, graph) == [
        "config.json:1:44: error: The snq_quantize is not supported for layer type LSTM", "note: in layer 'lstm'",
      ])
  }

  @Test func `weights of a layer without weights are ignored with a warning, channel-wise ones refused`() throws {
    let graph = try Fake.net()
    let quiet = try readConfig(#"{"pool1":{"weight_quant_params":{"channel_wise":false}}}"#, graph)
    #expect(
      quiet.news == [
        "config.json:1:2: warning: layer 'pool1' (Pooling) has no weights to quantize; weight_quant_params is ignored"
      ])
    #expect(
      errors(#"{"pool1":{"weight_quant_params":{"channel_wise":true}}}"#, graph)
        .contains("config.json:1:49: error: The channel_wise must be False for layer type Pooling"))
  }

  @Test func `a list of parameters has one entry or one for each input`() throws {
    let graph = try Fake.net()
    #expect(errors(#"{"add":{"activation_quant_params":[{}]}}"#, graph) == [])
    #expect(errors(#"{"add":{"activation_quant_params":[{},{}]}}"#, graph) == [])
    #expect(
      errors(#"{"add":{"activation_quant_params":[{},{},{}]}}"#, graph).first
        == "config.json:1:2: error: activation_quant_params of layer add must have 2 entries, has 3")
    #expect(
      errors(#"{"add":{"activation_quant_params":[]}}"#, graph)
        == ["config.json:1:35: error: activation_quant_params of layer add is an empty list"])
    #expect(
      errors(#"{"add":{"activation_quant_params":[1]}}"#, graph).first
        == "config.json:1:36: error: Type of activation_quant_params[0] should be <class 'dict'>, but is <class 'int'>")
  }

  @Test func `skip_fusion_layers may name fusable layers of the net only`() throws {
    #expect(
      errors(#"{"skip_fusion_layers":["conv3","pool1"],"conv1":{}}"#, try Fake.net()) == [
        #"config.json:1:24: error: Layer "conv3" in skip_fusion_layers does not exist in the graph."#,
        "help: did you mean 'conv1'?",
        #"config.json:1:32: error: Skip fusion layer "pool1"'s type not in supported list "#
          + "[Convolution, DepthwiseConv, Deconvolution, InnerProduct]",
        "note: 'pool1' is of type Pooling",
      ])
  }

  @Test func `something must be left to quantize`() throws {
    let nothing = "config.json: error: No quant enable layer in quant config file, please check the quant config file."
    #expect(errors(#"{"version":1}"#, try Fake.net()) == [nothing])
    #expect(errors(#"{"conv1":{"quant_enable":false}}"#, try Fake.net()) == [nothing])
    #expect(
      errors(#"{"version":1}"#, try Fake.graph(["quiet Silence data"]))
        == ["config.json: error: No layer support quantization in the graph."])
  }

  @Test func `joint inputs with settings of their own are a warning`() throws {
    let graph = try NetText.graph(
      NetText.input("a", [1, 2]) + NetText.input("b", [1, 2]) + NetText.layer("add", "Eltwise", ["a", "b"], ["y"]))
    func news(_ second: String, joint: Bool = true) throws -> [String] {
      try readConfig(
        #"{"joint_quant":\#(joint),"add":{"activation_quant_params":[{"num_bits":8},{"num_bits":\#(second)}]}}"#, graph
      ).news
    }
    #expect(try news("8") == [] && news("12", joint: false) == [])
    #expect(
      try news("12") == [
        "config.json:1:21: warning: layer 'add': with joint_quant its inputs are searched together, by the settings of "
          + "input 0; those of input 1 are ignored"
      ])
  }

  @Test func `update_bn without a BatchNorm is a warning`() throws {
    #expect(
      try readConfig(#"{"update_bn":true,"conv1":{}}"#, try Fake.net()).news
        == ["config.json:1:14: warning: update_bn is set, but the graph has no BatchNorm layer"])
  }
}
