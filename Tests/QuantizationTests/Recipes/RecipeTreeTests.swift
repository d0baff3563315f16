import Testing

@testable import Quantization

@Suite struct RecipeTreeTests {
  @Test func `the tree has a node for every part, with summary and place`() throws {
    let document = try RecipeDocument(Array(RecipeTests.full.utf8), file: "q.cfg")
    func lines(_ nodes: [RecipeNode], _ depth: Int = 0) -> [String] {
      nodes.flatMap { node in
        let line =
          "\(node.location?.line ?? 0) " + String(repeating: "-", count: depth) + "\(node.title): \(node.summary)"
        return [line] + lines(node.children, depth + 1)
      }
    }
    // Lines of RecipeTests.full, counted by hand.
    #expect(
      lines(document.tree) == [
        "4 global: batch_num 2  activation_offset false  do_fusion true  skip_fusion_layers [conv2]  update_bn true",
        "9 -bn update: bn_moving_average_fraction 0.25  bn_update_iterations 40  bn_dump_dir bn",
        "14 common: ifmr + snq",
        "15 -data: ifmr max_percentile 0.99  search_range [0.7, 1.3]  search_step 0.02",
        "16 -weights: snq channel_wise true  max_iteration 600  min_distance 1e-09  init_algo gaussian",
        "19 type InnerProduct: ifmr + arq",
        "21 -data: ifmr num_bits 12",
        "22 -weights: arq channel_wise false  num_bits 8",
        "26 layer conv1: ifmr + arq",
        "29 -data: ifmr search_range [0.8, 1.2]  search_step 0.4",
        "28 -weights: arq channel_wise true",
        "2 skip layers: pool1", "2 -pool1: ", "3 skip types: Eltwise", "3 -Eltwise: ",
        "7 skip fusion: conv2", "7 -conv2: ",
      ])
  }

  @Test func `an empty recipe has the parts that every recipe can have`() throws {
    let tree = try RecipeDocument([], file: "q.cfg").tree
    #expect(tree.map(\.title) == ["global", "common", "skip layers", "skip types", "skip fusion"])
    #expect(tree.map(\.summary) == ["defaults", "defaults", "none", "none", "none"])
    #expect(tree.allSatisfy { $0.location == nil })
  }

  @Test func `a rule without a word says that all is default`() throws {
    let text = "override_layer_types { layer_type: 'Pooling' calibration_config { } }"
    let rule = try RecipeDocument(Array(text.utf8), file: "q.cfg").tree[2]
    #expect(([rule] + rule.children).map(\.summary) == ["defaults", "defaults", "defaults"])
  }

  @Test func `a row says value, default, range and where it comes from`() throws {
    let text = "common_config { ifmr_quantize { num_bits: 16 search_step: 0.001 } snq_quantize { } }"
    let rows = try RecipeDocument(Array(text.utf8), file: "q.cfg").fields(of: .common)
    #expect(
      rows.map { "\($0.label) \($0.text) \($0.defaultText) \($0.provenance.rawValue)" } == [
        "num_bits 16 8 recipe common", "max_percentile 0.999999 0.999999 default",
        "min_percentile 0.999999 0.999999 default", "search_range [0.7, 1.3] [0.7, 1.3] default",
        "search_step 0.001 0.01 recipe common", "wts_algo snq_quantize arq_quantize recipe common",
        "channel_wise by type by type default", "num_bits 4 4 default", "max_iteration 1000 1000 default",
        "min_distance 1e-10 1e-10 default", "init_algo uniform uniform default",
      ])
    #expect(rows[0].caution == "16 bits may overflow on the board; 12 is advised")
    // (1.3 - 0.7) / 0.001 + 1, a little below 601 in float32.
    #expect(rows[4].caution == "600 tries take long")
    #expect(rows[0].range == "a whole number from 8 to 16")
    #expect(rows.filter { !$0.isEditable }.map(\.path.description) == ["common_config.weights.num_bits"])
  }

  @Test func `the BatchNorm update waits for update_bn`() throws {
    var document = try RecipeDocument([], file: "q.cfg")
    #expect(document.fields(of: .bnUpdate).allSatisfy { !$0.isEditable })
    try document.set(RecipePath(.updateBN, in: .globals), text: "true")
    #expect(document.fields(of: .bnUpdate).allSatisfy { $0.isEditable })
  }
}
