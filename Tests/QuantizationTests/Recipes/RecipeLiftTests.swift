import Diagnostics
import LayerGraph
import Tensors
import Testing

@testable import Quantization

@Suite struct RecipeLiftTests {
  func document(_ text: String) throws -> RecipeDocument { try RecipeDocument(Array(text.utf8), file: "q.cfg") }

  func generate(_ text: String, _ graph: Graph) throws -> QuantConfig {
    var log = DiagnosticLog()
    return try Recipe.read(Array(text.utf8), file: "q.cfg").apply(to: graph, log: &log)
  }

  func edited(_ recipe: String, _ graph: Graph, _ edits: [(String, String)]) throws -> QuantConfig {
    var config = try generate(recipe, graph)
    for (path, text) in edits { try config.set(path: path, text: text, graph: graph) }
    return config
  }

  func lift(_ config: QuantConfig, _ recipe: String, _ graph: Graph) throws -> RecipeLift {
    try RecipeLift(config, graph: graph, onto: document(recipe))
  }

  @Test func `a configuration that the recipe makes changes nothing`() throws {
    let graph = try Fake.net()
    for text in ["", "# mine\n", RecipeEffectTests.recipe] {
      let lift = try lift(try generate(text, graph), text, graph)
      #expect(lift.document.text == text && !lift.isChanged)
    }
  }

  @Test func `hand edits become overrides with all that is not the default`() throws {
    let graph = try Fake.net()
    let recipe = "batch_num: 2 # two\ncommon_config {\n    ifmr_quantize {\n        search_step: 0.02\n    }\n}\n"
    let config = try edited(
      recipe, graph,
      [
        ("batch_num", "4"), ("conv1.activation_quant_params.num_bits", "12"), ("conv2.wts_algo", "snq_quantize"),
        ("conv2.min_distance", "1e-5"), ("fc.search_step", "0.01"), ("pool1.quant_enable", "false"),
      ])
    let lift = try lift(config, recipe, graph)
    #expect(
      lift.document.text == """
        batch_num: 4 # two
        skip_layers: "pool1"
        common_config {
            ifmr_quantize {
                search_step: 0.02
            }
        }
        override_layer_configs {
            layer_name: "conv1"
            calibration_config {
                ifmr_quantize {
                    num_bits: 12
                    search_step: 0.02
                }
            }
        }
        override_layer_configs {
            layer_name: "conv2"
            calibration_config {
                ifmr_quantize {
                    search_step: 0.02
                }
                snq_quantize {
                    min_distance: 1e-05
                }
            }
        }
        override_layer_configs {
            layer_name: "fc"
            calibration_config { }
        }

        """)
    #expect(lift.overridden == ["conv1", "conv2", "fc"] && lift.skipped == ["pool1"] && lift.globals == [.batchNum])
  }

  @Test func `an override that is there is changed where it must be`() throws {
    let graph = try Fake.net()
    let recipe = """
      override_layer_configs : {  # the first layer
        layer_name : 'conv1'
        calibration_config : { ifmr_quantize : { num_bits : 12  # tails
            max_percentile : 0.9990 }  arq_quantize : { channel_wise : true } }
      }
      """
    let config = try edited(
      recipe, graph, [("conv1.activation_quant_params.num_bits", "14"), ("conv1.channel_wise", "false")])
    #expect(
      try lift(config, recipe, graph).document.text
        == recipe.replacing("num_bits : 12", with: "num_bits : 14").replacing(
          "channel_wise : true", with: "channel_wise : false"))
  }

  @Test func `layers come off their skip lists; a type is replaced by the layers that stay off`() throws {
    let graph = try Fake.graph([
      "a Convolution data", "b Convolution a", "p Pooling b", "c Convolution p", "q Pooling c",
    ])
    let recipe = "skip_layers: 'p' # pools\nskip_layer_types: 'Convolution'\n"
    let config = try edited(recipe, graph, [("p.quant_enable", "true"), ("b.quant_enable", "true")])
    let lift = try lift(config, recipe, graph)
    #expect(lift.document.text == "# pools\nskip_layers: \"a\"\nskip_layers: \"c\"\n")
    #expect(lift.unskipped == ["p", "Convolution"] && lift.skipped == ["a", "c"])
  }

  @Test func `what a recipe cannot say is refused at its place`() throws {
    let graph = try Fake.net()
    let text = """
      {"version": 1, "joint_quant": true,
       "conv1": {"activation_quant_params": {"with_offset": false}},
       "relu1": {"quant_enable": true},
       "pool1": {"activation_quant_params": {"with_offset": true}},
       "add": {"activation_quant_params": [{"num_bits": 8},
                                           {"num_bits": 9}]},
       "conv2": {"quant_enable": false, "activation_quant_params": {"with_offset": false}},
       "fc": {"activation_quant_params": {"max_percentile": 0.500000001}}}
      """
    let lift = try lift(readConfig(text, graph).config, "", graph)
    #expect(
      lift.refusals.map { "\($0.location?.line ?? 0) \($0.text)" } == [
        "1 a recipe cannot express joint_quant", "3 a recipe cannot express quant_enable true",
        "2 a recipe cannot express with_offset of a layer", "6 a recipe cannot express parameters for each input",
        "8 a recipe cannot express this max_percentile",
      ])
    #expect(
      lift.refusals[1].notes.map(\.text) == [
        "in layer 'relu1'", "layers of type ReLU are off by default, and a recipe only switches off",
      ])
    #expect(lift.skipped == ["conv2"])
  }

  @Test func `numbers become float32`() throws {
    let graph = try Fake.net()
    let config = try edited("", graph, [("conv1.search_step", "0.0123456789012")])
    let lift = try lift(config, "", graph)
    // The shortest text that reads as float32(0.0123456789012).
    #expect(lift.document.text.contains("search_step: 0.012345679\n"))
  }

  // MARK: property

  static let recipes = [
    "", RecipeTests.full,
    "common_config { snq_quantize { init_algo: 'gaussian' } }\nskip_layer_types: ['Pooling', 'InnerProduct']",
    "# edges\r\nskip_layers: 'conv2'\r\noverride_layer_types < layer_type: 'Convolution' calibration_config < ifmr_quantize < num_bits: 9 > > >",
  ]

  /// Random edits that a recipe can express.
  func randomEdits(_ random: inout SeededRandom, _ graph: Graph) -> [(String, String)] {
    func pick<T>(_ list: [T]) -> T { list[Int(random.next() % UInt64(list.count))] }
    var edits: [(String, String)] = []
    for _ in 0..<Int(random.next() % 9) {
      let node = pick(graph.nodes.filter(\.isQuantizable))
      let layer = node.name
      switch random.next() % 10 {
      case 0: edits.append(("\(layer).activation_quant_params.num_bits", pick(["8", "9", "12", "16"])))
      case 1: edits.append(("\(layer).search_range", pick(["0.7 1.3", "0.8 1.25", "0.65 1.5"])))
      case 2: edits.append(("\(layer).search_step", pick(["0.01", "0.02", "0.0333"])))
      case 3: edits.append(("\(layer).max_percentile", pick(["0.999999", "1.0", "0.9999"])))
      case 4 where node.role.enabledByDefault: edits.append(("\(layer).quant_enable", pick(["true", "false"])))
      case 5 where node.takesNonUniformWeights:
        edits.append(("\(layer).wts_algo", "snq_quantize"))
        edits.append(("\(layer).min_distance", pick(["1e-10", "3e-6"])))
        edits.append(("\(layer).init_algo", pick(["uniform", "d2sampling"])))
      case 6 where node.hasQuantizableWeights: edits.append(("\(layer).wts_algo", "arq_quantize"))
      case 7 where node.role.channelWise: edits.append(("\(layer).channel_wise", pick(["true", "false"])))
      case 8:
        edits.append(
          pick([("batch_num", "3"), ("activation_offset", "false"), ("do_fusion", "false"), ("update_bn", "true")]))
      case 9:
        edits.append(pick([("skip_fusion_layers", "conv1, fc"), ("bn_update_config.bn_update_iterations", "50")]))
      default: break
      }
    }
    return edits
  }

  /// The values in force, straight from the configuration.
  func effective(_ config: QuantConfig, _ graph: Graph) -> [String] {
    var lines = [
      "\(config.batchNum) \(config.activationOffset) \(config.doFusion) \(config.updateBN) \(config.jointQuant)",
      "\(config.skipFusionLayers.sorted()) \(config.bnUpdateSettings)",
    ]
    for node in graph.nodes where node.isQuantizable {
      for input in 0..<node.activationInputs {
        lines.append("\(node.name) \(config.effective(layer: node.name, input: input).map { "\($0)" } ?? "float")")
      }
      lines.append("\(config.weights(of: node).map { "\($0)" } ?? "-")")
    }
    return lines
  }

  @Test(arguments: 0..<120) func `lifting and generating gives the same values in force`(_ seed: Int) throws {
    var random = SeededRandom(seed: UInt64(seed))
    let graph = try Fake.graph([
      "conv1 Convolution data", "bn BatchNorm conv1", "relu1 ReLU bn", "pool1 Pooling relu1", "conv2 Convolution pool1",
      "add Eltwise conv2,pool1", "dw DepthwiseConv add", "fc InnerProduct dw",
    ])
    let before = Self.recipes[seed % Self.recipes.count]
    let target = Self.recipes[(seed / Self.recipes.count) % Self.recipes.count]
    var config = try generate(target, graph)
    for (path, text) in randomEdits(&random, graph) {
      try config.set(path: path, text: text, graph: graph)
    }
    guard config.layers.contains(where: { $0.value.isEnabled }) else { return }
    let lift = try lift(config, before, graph)
    #expect(lift.refusals == [])
    #expect(effective(try generate(lift.document.text, graph), graph) == effective(config, graph))
  }
}
