import Diagnostics
import LayerGraph
import Testing

@testable import Quantization

@Suite struct QuantConfigOriginTests {
  @Test func `every origin is told, with its place`() throws {
    let graph = try Fake.net()
    let recipe = """
      batch_num: 4
      skip_layer_types: "Pooling"
      common_config { ifmr_quantize { num_bits: 10 } }
      override_layer_types { layer_type: "Convolution" calibration_config { ifmr_quantize { num_bits: 12 } } }
      override_layer_configs { layer_name: "conv2" calibration_config { ifmr_quantize { num_bits: 14 } } }
      """
    let generated = try RecipeMergeTests.generate(recipe, graph)
    // The configuration comes back from its file: nothing there says where a value is from.
    var edited = generated
    try edited.set(path: "fc.search_step", text: "0.02", graph: graph)
    try edited.set(path: "add.activation_quant_params[1].with_offset", text: "false", graph: graph)
    let config = try readConfig(edited.text, graph).config
    func origin(_ path: String) throws -> SettingOrigin {
      config.origin(of: try ConfigPath.parse(path, layers: graph.quantizableNames), generated: generated, graph)
    }
    let expected: [(String, Provenance, Int?)] = [
      ("batch_num", .recipeCommon, 1), ("do_fusion", .defaultValue, nil), ("pool1.quant_enable", .recipeType, 2),
      ("fc.activation_quant_params.num_bits", .recipeCommon, 3),
      ("conv1.activation_quant_params.num_bits", .recipeType, 4),
      ("conv2.activation_quant_params.num_bits", .recipeLayer, 5), ("conv2.search_step", .defaultValue, nil),
      ("add.activation_quant_params[0].with_offset", .defaultValue, nil),
    ]
    for (path, provenance, line) in expected {
      let found = try origin(path)
      #expect(found.provenance == provenance && found.location?.line == line, "\(path): \(found)")
    }
    #expect(try origin("fc.search_step").provenance == .hand)
    #expect(try origin("fc.search_step").location?.file == "config.json")
    #expect(try origin("add.activation_quant_params[1].with_offset").provenance == .hand)

    let traced = config.traced(to: generated, graph)
    let rows = traced.fields(of: try #require(graph.node(named: "conv2")), graph)
    #expect(rows.first { $0.path.field == .activationBits }?.provenance == .recipeLayer)
    #expect(traced.globalFields(graph).first { $0.label == "batch_num" }?.provenance == .recipeCommon)
    #expect(traced == config)
  }

  @Test func `a value that is absent where the recipe has one was taken out by hand`() throws {
    let graph = try Fake.net()
    let generated = try RecipeMergeTests.generate("common_config { ifmr_quantize { num_bits: 10 } }", graph)
    let config = try readConfig(#"{"version":1, "conv1": {}}"#, graph).config
    func provenance(_ field: ConfigField, _ layer: String) -> Provenance {
      config.origin(of: ConfigPath(field, layer: layer), generated: generated, graph).provenance
    }
    #expect(provenance(.activationBits, "conv1") == .hand)
    #expect(provenance(.searchStep, "conv1") == .defaultValue)
    #expect(provenance(.quantEnable, "conv2") == .hand)
    // 0.010 is 0.01.
    let spelled = try readConfig(#"{"version":1, "conv1": {"activation_quant_params": {"search_step": 0.010}}}"#, graph)
    #expect(
      spelled.config.origin(of: ConfigPath(.searchStep, layer: "conv1"), generated: generated, graph).provenance
        == .defaultValue)
  }
}
