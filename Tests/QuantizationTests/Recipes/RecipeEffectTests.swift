import Diagnostics
import LayerGraph
import Testing

@testable import Quantization

@Suite struct RecipeEffectTests {
  func defaults(_ graph: Graph) throws -> QuantConfig {
    var log = DiagnosticLog()
    return try QuantConfig.initial(graph: graph, log: &log)
  }

  func effect(_ text: String, _ graph: Graph, _ present: QuantConfig? = nil) throws -> RecipeEffect {
    let base = try defaults(graph)
    return RecipeEffect(
      try Recipe.read(Array(text.utf8), file: "q.cfg"), graph: graph, present: present ?? base, base: base)
  }

  static let recipe = """
    skip_layers: "conv2"
    skip_layer_types: "Pooling"
    skip_fusion_layers: "conv1"
    common_config { ifmr_quantize { num_bits: 10 } }
    override_layer_types { layer_type: "Convolution" calibration_config { ifmr_quantize { num_bits: 12 } } }
    override_layer_configs { layer_name: "conv1" calibration_config { arq_quantize { channel_wise: false } } }
    """

  @Test func `a rule knows what it matches, what it governs and what shadows it`() throws {
    let effect = try effect(Self.recipe, Fake.net())
    let conv1 = try #require(effect.rule(.layer("conv1")))
    #expect(conv1.matches == ["conv1"] && conv1.governs == ["conv1"] && conv1.shadowed == [] && conv1.float == [])
    let convolution = try #require(effect.rule(.type("Convolution")))
    #expect(convolution.matches == ["conv1", "conv2"])
    #expect(convolution.governs == ["conv2"])
    #expect(convolution.shadowed == [.init(layer: "conv1", by: .layer("conv1"))])
    #expect(convolution.float == ["conv2"])
    let common = try #require(effect.rule(.common))
    #expect(common.matches == ["conv1", "relu1", "pool1", "conv2", "add", "fc"])
    #expect(common.governs == ["relu1", "pool1", "add", "fc"])
    #expect(
      common.shadowed == [
        .init(layer: "conv1", by: .layer("conv1")), .init(layer: "conv2", by: .type("Convolution")),
      ])
    // pool1 is skipped, ReLU is off by default.
    #expect(common.float == ["relu1", "pool1"])
    #expect(effect.rules.map(\.block) == [.layer("conv1"), .type("Convolution"), .common])
  }

  @Test func `spellings of a type match, the exact one goes first`() throws {
    let graph = try Fake.graph(["a ConvolutionDepthwise data", "b DepthwiseConv a"])
    let rule = "calibration_config { } }"
    let effect = try effect(
      "override_layer_types { layer_type: 'DepthwiseConv' \(rule)\n"
        + "override_layer_types { layer_type: 'ConvolutionDepthwise' \(rule)", graph)
    #expect(effect.rule(.type("DepthwiseConv"))?.governs == ["b"])
    #expect(effect.rule(.type("ConvolutionDepthwise"))?.governs == ["a"])
    #expect(effect.rule(.type("ConvolutionDepthwise"))?.shadowed == [.init(layer: "b", by: .type("DepthwiseConv"))])
  }

  @Test func `a name of a list knows its layers`() throws {
    let effect = try effect(Self.recipe, Fake.net())
    #expect(effect.skips.map(\.layers) == [["conv2"], ["pool1"], ["conv1"]])
    #expect(effect.skips.map(\.location.line) == [1, 2, 3])
  }

  @Test func `what differs from the configuration in use is told by layer`() throws {
    let graph = try Fake.net()
    var present = try defaults(graph)
    try present.set(path: "fc.quant_enable", text: "false", graph: graph)
    let effect = try effect(Self.recipe, graph, present)
    #expect(
      effect.changes.map { change in
        let values = change.changes.map { "\($0.path.field.key) \($0.old?.text ?? "-")>\($0.new?.text ?? "-")" }
        return "\(change.layer ?? "net") \(change.kind.rawValue): \(values.joined(separator: ", "))"
      } == [
        "net changed: skip_fusion_layers []>[conv1]",
        "add changed: num_bits 8>10, num_bits 8>10",
        "conv1 changed: channel_wise true>false",
        "conv2 removed: quant_enable true>false, num_bits 8>12",
        "fc added: quant_enable false>true, num_bits 8>10",
        "pool1 removed: quant_enable true>false, num_bits 8>10",
        "relu1 changed: num_bits 8>10",
      ])
    #expect(effect.count(.added) == 1 && effect.count(.removed) == 2 && effect.count(.changed) == 3)
    #expect(effect.rule(.common)?.handEdited == ["fc"])
    #expect(effect.handEdits.map(\.layer) == ["fc"])
    #expect(effect.rule(.layer("conv1"))?.changes.map(\.layer) == ["conv1"])
  }

  @Test func `names that match nothing are errors for layers, warnings for types`() throws {
    let wrong = try effect(
      "override_layer_types { layer_type: 'LSTM' calibration_config { } }\n"
        + "override_layer_configs { layer_name: 'conv3' calibration_config { } }", Fake.net())
    #expect(wrong.generated == nil && wrong.hasErrors && wrong.changes == [])
    #expect(
      wrong.diagnostics.flatMap(\.lines) == [
        "q.cfg:1:24: warning: the graph has no layer of type LSTM",
        "q.cfg:2:26: error: Layer conv3 does not exist in the graph.", "help: did you mean 'conv1'?",
      ])
    #expect(wrong.rule(.type("LSTM"))?.matches == [])
    let doubtful = try effect("skip_layer_types: 'Softmax'", Fake.net())
    #expect(!doubtful.hasErrors && doubtful.generated != nil && doubtful.skips.map(\.layers) == [[]])
    #expect(doubtful.diagnostics.map(\.severity) == [.warning])
  }
}
