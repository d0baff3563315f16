import Diagnostics
import LayerGraph
import Testing

@testable import Quantization

@Suite struct RecipeMergeTests {
  let graph: Graph
  let base: QuantConfig

  init() throws {
    graph = try Fake.net()
    base = try Self.generate("common_config { ifmr_quantize { num_bits: 9 } }", graph)
  }

  static func generate(_ text: String, _ graph: Graph) throws -> QuantConfig {
    var log = DiagnosticLog()
    return try Recipe.read(Array(text.utf8), file: "q.cfg").apply(to: graph, log: &log)
  }

  func edited(_ edits: [(String, String)]) throws -> QuantConfig {
    var config = base
    for (path, text) in edits { try config.set(path: path, text: text, graph: graph) }
    return config
  }

  func lines(_ changes: [ConfigChange]) -> [String] {
    changes.map { "\($0.path) \($0.old?.text ?? "-") \($0.new?.text ?? "-")" }
  }

  func merge(
    _ present: QuantConfig, _ recipe: String, _ choice: (String?) -> HandChoice
  ) throws -> RecipeMerge {
    RecipeMerge(
      present: present, base: base, generated: try Self.generate(recipe, graph), graph: graph, choice: choice)
  }

  static let next = """
    batch_num: 2
    skip_layers: "pool1"
    common_config { ifmr_quantize { num_bits: 10 search_step: 0.02 } snq_quantize { } }
    """

  @Test func `without edits by hand the recipe's configuration comes out, either way`() throws {
    let generated = try Self.generate(Self.next, graph)
    for choice in HandChoice.allCases {
      let merge = try merge(base, Self.next) { _ in choice }
      #expect(merge.config == generated && merge.kept == [] && merge.replaced == [])
    }
  }

  @Test func `keeping puts the hand's values over the recipe's, and only those`() throws {
    let present = try edited([
      ("conv1.activation_quant_params.num_bits", "12"), ("batch_num", "5"),
      ("add.activation_quant_params[1].num_bits", "16"),
      ("fc.quant_enable", "false"),
    ])
    let merge = try merge(present, Self.next) { _ in .keep }
    #expect(
      lines(merge.kept) == [
        "batch_num 2 5", "add.activation_quant_params[1].num_bits 10 16",
        "conv1.activation_quant_params.num_bits 10 12", "fc.quant_enable true false",
      ])
    #expect(merge.replaced == [])
    // What the hand left alone follows the new recipe, in the same layer as well.
    #expect(try merge.config.get(path: "conv1.search_step", graph: graph) == "0.02")
    #expect(try merge.config.get(path: "conv1.wts_algo", graph: graph) == "snq_quantize")
    #expect(try merge.config.get(path: "add.activation_quant_params[0].num_bits", graph: graph) == "10")
    #expect(try merge.config.get(path: "pool1.quant_enable", graph: graph) == "false")
    #expect(merge.config.setting(ConfigPath(.activationBits, layer: "conv1"))?.provenance == .hand)
  }

  @Test func `taking gives the recipe's values and lists what they replaced`() throws {
    let present = try edited([
      ("conv1.activation_quant_params.num_bits", "12"), ("conv2.activation_quant_params.num_bits", "10"),
    ])
    let merge = try merge(present, Self.next) { _ in .take }
    let generated = try Self.generate(Self.next, graph)
    #expect(merge.config == generated)
    // conv2's value is what the recipe says as well: nothing is lost there.
    #expect(lines(merge.replaced) == ["conv1.activation_quant_params.num_bits 12 10"])
  }

  @Test func `the choice can differ by layer`() throws {
    let present = try edited([
      ("conv1.activation_quant_params.num_bits", "12"), ("conv2.activation_quant_params.num_bits", "14"),
      ("batch_num", "5"),
    ])
    let merge = try merge(present, Self.next) { $0 == "conv2" ? .keep : .take }
    #expect(lines(merge.kept) == ["conv2.activation_quant_params.num_bits 10 14"])
    #expect(lines(merge.replaced) == ["batch_num 5 2", "conv1.activation_quant_params.num_bits 12 10"])
  }

  @Test func `weights are kept as a whole, a search range with its step`() throws {
    let present = try edited([("conv1.channel_wise", "false"), ("pool1.search_range", "0.9 1.0")])
    let merge = try merge(present, "common_config { ifmr_quantize { search_step: 0.5 } snq_quantize { } }") { _ in .keep
    }
    #expect(try merge.config.get(path: "conv1.wts_algo", graph: graph) == "arq_quantize")
    #expect(try merge.config.get(path: "conv1.channel_wise", graph: graph) == "false")
    // A step of 0.5 does not fit into 0.9 ... 1.0.
    #expect(try merge.config.get(path: "pool1.search_step", graph: graph) == "0.01")
    var log = DiagnosticLog()
    #expect(throws: Never.self) { try merge.config.validated(against: graph, log: &log) }
  }

  @Test func `an entry that was removed by hand stays away`() throws {
    var present = base
    present.layers["conv2"] = nil
    #expect(try merge(present, Self.next) { _ in .keep }.config.layers["conv2"] == nil)
    #expect(try merge(present, Self.next) { _ in .take }.config.layers["conv2"]?.isEnabled == true)
  }
}
