import Diagnostics
import LayerGraph
import Testing

@testable import Quantization

/// A recipe with values out of range, opened for repair.
@Suite struct RecipeRepairTests {
  static let text = """
    batch_num: 0 # none
    common_config { ifmr_quantize { num_bits: 99 search_step: 0.01 } }
    override_layer_types { layer_type: "Pooling" calibration_config { } }
    override_layer_types { layer_type: "Pooling" calibration_config { } }

    """

  private func open(_ text: String) throws -> RecipeDocument {
    try RecipeDocument(repairing: Array(text.utf8), file: "q.cfg")
  }

  @Test func `every problem has its place, and the form shows the value as it stands`() throws {
    let document = try open(Self.text)
    #expect(document.problems.map { $0.location?.line } == [1, 2, 4])
    let bits = RecipePath(.activationBits, in: .common)
    #expect(document.problem(bits)?.text.contains("[8, 16]") == true)
    #expect(document.fields(of: .common).first { $0.path == bits }?.text == "99")
    #expect(document.problem(RecipePath(.searchStep, in: .common)) == nil)
  }

  @Test func `strict reading refuses the same text with the same errors`() throws {
    let problems = try open(Self.text).problems
    let error = #expect(throws: DiagnosticError.self) {
      try RecipeDocument(Array(Self.text.utf8), file: "q.cfg")
    }
    #expect(error?.diagnostics == problems)
  }

  @Test func `it is repaired step by step, comments staying`() throws {
    var document = try open(Self.text)
    try document.set(RecipePath(.activationBits, in: .common), text: "12")
    #expect(document.problems.map { $0.location?.line } == [1, 4])
    try document.set(RecipePath(.batchNum, in: .globals), text: "4")
    try document.remove(.type("Pooling"))
    #expect(document.problems.isEmpty)
    #expect(
      document.text == """
        batch_num: 4 # none
        common_config { ifmr_quantize { num_bits: 12 search_step: 0.01 } }
        override_layer_types { layer_type: "Pooling" calibration_config { } }

        """)
  }

  @Test func `an edit that makes it worse is refused, with the new error alone`() throws {
    var document = try open("batch_num: 0\ncommon_config { ifmr_quantize { search_step: 0.5 } }\n")
    // end - start is 0.1 then, less than the step of 0.5.
    let error = #expect(throws: DiagnosticError.self) {
      try document.set(RecipePath(.searchRange, in: .common), text: "0.9 1.0")
    }
    #expect(error?.diagnostics.count == 1 && error?.diagnostics[0].text.contains("search_step") == true)
    #expect(document.text.contains("search_step: 0.5") && !document.text.contains("0.9"))
  }

  @Test(arguments: ["common_config {", "nonsense: 1\n", "batch_num: x\n"]) func `what is no recipe is not opened`(
    _ text: String
  ) { #expect(throws: DiagnosticError.self) { try open(text) } }

  @Test func `twenty-five errors go one by one`() throws {
    let rules = (0..<25).map {
      "override_layer_configs { layer_name: 'l\($0)' calibration_config { ifmr_quantize { num_bits: 1 } } }"
    }
    var document = try open(rules.joined(separator: "\n"))
    for i in 0..<25 { try document.set(RecipePath(.activationBits, in: .layer("l\(i)")), text: "8") }
    #expect(document.problems.isEmpty)
  }

  @Test func `five thousand rules are outlined at once`() throws {
    let rules = (0..<5000).map {
      "override_layer_configs { layer_name: 'l\($0)' calibration_config { arq_quantize { } } }"
    }
    let document = try open(rules.joined(separator: "\n"))
    let time = ContinuousClock().measure { #expect(document.outline.count == 5005) }
    // A search through the rules for each of them would compare names 25 million times for every parameter.
    #expect(time < .seconds(2))
  }

  // MARK: Names

  @Test func `candidates are what the net has and the recipe lacks`() throws {
    let graph = try Fake.net()
    let document = try RecipeDocument(Array("skip_layers: 'conv1'\n".utf8), file: "q.cfg")
    let all = graph.nodes.filter(\.isQuantizable).map(\.name)
    #expect(document.candidates(for: .layerRule, graph) == all)
    #expect(document.candidates(for: .name(.skipLayers), graph) == all.filter { $0 != "conv1" })
    #expect(Set(document.candidates(for: .typeRule, graph)) == Set(graph.nodes.filter(\.isQuantizable).map(\.type)))
  }

  @Test func `a name that the net lacks is refused with the nearest, one that is there by what there is`() throws {
    let graph = try Fake.net()
    var document = try RecipeDocument(Array("skip_layers: 'conv1'\n".utf8), file: "q.cfg")
    let unknown = #expect(throws: DiagnosticError.self) { try document.add("conv01", as: .layerRule, graph) }
    #expect(unknown?.diagnostics[0].help.contains { $0.contains("'conv1'") } == true)
    #expect(throws: DiagnosticError.self) { try document.add("conv1", as: .name(.skipLayers), graph) }
    try document.add("conv1", as: .layerRule, graph)
    #expect(document.recipe.layers.map(\.name.text) == ["conv1"])
  }
}
