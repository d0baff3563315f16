import Diagnostics
import Testing

@testable import CaffeFormat

@Suite("Text protobuf")
struct TextReadingTests {
  let schema: ProtoSchema
  init() throws { schema = try ProtoSchema.builtIn() }

  func parse(_ text: String, _ type: String = "NetParameter", repeatedWins: Bool = false) throws -> ProtoMessage {
    try schema.parseText(type, Array(text.utf8), file: "net.prototxt", repeatedWins: repeatedWins)
  }

  /// The lines a user would see.
  func complaint(_ text: String, _ type: String = "NetParameter", repeatedWins: Bool = false) -> [String] {
    do {
      _ = try parse(text, type, repeatedWins: repeatedWins)
      return []
    } catch let error as DiagnosticError {
      return error.diagnostics.flatMap(\.lines)
    } catch {
      return ["\(error)"]
    }
  }

  @Test func `every field knows its line and column`() throws {
    let net = try parse("name: \"n\"\nlayer {\n  name: 'a'  type: \"ReLU\"\n  relu_param { negative_slope: .5 }\n}\n")
    let layer = try #require(net.message("layer"))
    #expect(layer.location.description == "net.prototxt:2:1")
    #expect(layer.field("type")?.location.description == "net.prototxt:3:14")
    #expect(layer.message("relu_param")?.field("negative_slope")?.location.description == "net.prototxt:4:16")
    #expect(layer.message("relu_param")?.float("negative_slope") == 0.5)
  }

  @Test func `values keep their kinds`() throws {
    let layer = try parse(
      """
      name: "x" loss_weight: [1, 2.5] propagate_down: true phase: TRAIN
      convolution_param { num_output: 8 pad: 1 pad: 2 axis: -1 }
      """, "LayerParameter")
    #expect(
      layer.fields.map(\.name) == [
        "name", "loss_weight", "loss_weight", "phase", "propagate_down", "convolution_param",
      ])
    #expect(layer.floats("loss_weight") == [1, 2.5])
    #expect(layer.field("phase")?.value == .enumeration(name: "TRAIN", number: 0))
    #expect(layer.bool("propagate_down") == true)
    let convolution = try #require(layer.message("convolution_param"))
    #expect(convolution.field("num_output")?.value == .uint(8))
    #expect(convolution.field("axis")?.value == .int(-1))
    #expect(convolution.ints("pad") == [1, 2])
  }

  @Test func `all unknown fields are listed with the nearest known ones`() {
    let lines = complaint(
      """
      layer {
        name: "c" typ: "Convolution"
        convolution_param { num_outputs: 3 kernal_size: 3 }
      }
      force_bakward: true
      """)
    #expect(
      lines == [
        "net.prototxt:2:13: error: unknown field 'typ' in LayerParameter", "help: did you mean 'type'?",
        "net.prototxt:3:23: error: unknown field 'num_outputs' in ConvolutionParameter",
        "help: did you mean 'num_output'?",
        "net.prototxt:3:38: error: unknown field 'kernal_size' in ConvolutionParameter",
        "help: did you mean 'kernel_size'?",
        "net.prototxt:5:1: error: unknown field 'force_bakward' in NetParameter",
        "help: did you mean 'force_backward'?",
      ])
  }

  @Test func `a parameter of a custom layer points to --proto`() {
    let lines = complaint("layer { name: 'a' my_very_own_thing { x: 1 y { z: \"}\" } } }")
    #expect(
      lines == [
        "net.prototxt:1:19: error: unknown field 'my_very_own_thing' in LayerParameter",
        "help: parameters of a custom layer are declared with --proto FILE",
      ])
  }

  @Test func `at most twenty unknown fields are listed`() {
    let text = (1...30).map { "zzzzzz\($0): \($0)" }.joined(separator: "\n")
    #expect(complaint(text).filter { $0.contains("error") }.count == 20)
  }

  @Test func `a tab counts as one column`() throws {
    let net = try parse("layer {\n\t\tname: 'a'\ttype: 'b'\n}")
    #expect(net.message("layer")?.field("type")?.location.description == "net.prototxt:2:13")
    #expect(complaint("layer {\n\t\tnames: 'a' }").first?.hasPrefix("net.prototxt:2:3: error: unknown field") == true)
  }

  @Test func `a syntax error has its line and column`() {
    #expect(
      complaint("layer {\n  name: \"a\"\n  type \"ReLU\"\n}") == [
        "net.prototxt:3:8: error: expected \":\", found \"\"ReLU\"\""
      ])
    #expect(complaint("layer {\n  name: \"a\"\n").first?.hasPrefix("net.prototxt:3:1: error: ") == true)
  }

  @Test func `an unknown enum value names the nearest`() {
    let lines = complaint("layer { pooling_param { pool: MEX } }")
    #expect(lines == ["net.prototxt:1:31: error: unknown value 'MEX' for pool", "help: did you mean 'MAX'?"])
  }

  @Test func `an optional field given twice is an error, except where the last one wins`() throws {
    let text = "scale_w: 1 skip_fusion: true skip_fusion: false"
    #expect(complaint(text, "SingleLayerRecord").first?.contains("skip_fusion") == true)
    #expect(try parse(text, "SingleLayerRecord", repeatedWins: true).bool("skip_fusion") == false)
  }

  @Test func `a missing required field is reported where its message begins`() {
    let text = "record {\n  key: 'a'\n  value {\n    record_d { scale_d: 1 }\n  }\n}"
    #expect(
      complaint(text, "ScaleOffsetRecord") == [
        "net.prototxt:4:5: error: field 'index' of ActivationQuantParam is missing"
      ])
  }

  @Test func `numbers out of range are errors`() {
    #expect(complaint("input_dim: 3000000000").first?.contains("error") == true)
    #expect(complaint("layer { convolution_param { num_output: -1 } }").first?.contains("error") == true)
  }

  @Test func `comments in any encoding are skipped, strings must be UTF-8`() throws {
    var bytes = Array("# ".utf8) + [0xd6, 0xd0] + Array("\nname: \"n\"".utf8)
    #expect(try schema.parseText("NetParameter", bytes, file: "f").string("name") == "n")
    bytes = Array("name: \"".utf8) + [0xd6, 0xd0] + Array("\"".utf8)
    #expect(throws: DiagnosticError.self) { try schema.parseText("NetParameter", bytes, file: "f") }
    #expect(try parse("\u{feff}name: \"卷积\"\r\n").string("name") == "卷积")
  }

  @Test func `hostile text is refused without harm`() {
    let deep = String(repeating: "layer { ", count: 5000)
    let deepUnknown = String(repeating: "x { ", count: 200_000)
    for text in [deep, deepUnknown, "name: \"unterminated", "{", "layer: 3", "name: 4", "\u{0}\u{1}", "]]]>><<"] {
      #expect(!complaint(text).isEmpty)
    }
  }

  @Test func `recipes, records and parameter records have their messages`() throws {
    let recipe = try parse(
      """
      batch_num : 2
      common_config : { arq_quantize : { channel_wise : true } ifmr_quantize : { search_step : 0.01 } }
      override_layer_types : { layer_type : "Pooling" calibration_config : { snq_quantize { num_bitz: 4 } } }
      """.replacing(" num_bitz: 4", with: ""), "AMCTConfig")
    #expect(recipe.int("batch_num") == 2)
    #expect(recipe.message("common_config")?.message("arq_quantize")?.bool("channel_wise") == true)
    let both = "arq_quantize {} snq_quantize {}"
    #expect(!complaint(both, "CalibrationConfig").isEmpty, "one weight algorithm only")
    let factors = try parse("data_type: S16 scale: 12.75 offset: -77", "FactorParam")
    #expect(factors.field("data_type")?.value == .enumeration(name: "S16", number: 4))
    let old = try parse("scale_d: 1 offset_d: -14 scale_w: 2 channels: 3", "SingleLayerRecord")
    #expect(old.int("offset_d") == -14)
    #expect(schema.defaultValue("FMRQuantize", "search_range_start").map { Float($0.doubleValue ?? 0) } == 0.7)
  }
}
