import Diagnostics
import Testing

@testable import Quantization

/// Every expected text is written out by hand; that it means what was asked for is asked of `Recipe.read`.
@Suite struct RecipeDocumentTests {
  func document(_ text: String) throws -> RecipeDocument { try RecipeDocument(Array(text.utf8), file: "q.cfg") }

  func after(_ text: String, _ edit: (inout RecipeDocument) throws -> Void) throws -> String {
    var document = try document(text)
    try edit(&document)
    let read = try Recipe.read(document.source, file: "q.cfg")
    #expect(read.source == document.recipe.source && read.layers.count == document.recipe.layers.count)
    return document.text
  }

  /// The kinds of settings of the manual's example in a text of our own, with everything the format allows.
  static let messy = """
    # for the board   # twice
    batch_num :4 # images: 4 x 8

    skip_layers:'pool1' skip_layers : "pool" '2'  # two on a line
    skip_layer_types: ["Softmax",
        'Eltwise']   # a list
    update_bn:true;
    bn_update_config <
      bn_dump_dir: 'a/b' ,
    >
    common_config: {
    \t# data first
    \tifmr_quantize : { search_range_start : .70  search_range_end:1.3f num_bits:8 }
    \tsnq_quantize { init_algo : 'gaussian' # as advised
    \t  channel_wise : true max_iteration: 0x258 }
    }
    override_layer_types { layer_type : "InnerProduct" calibration_config { arq_quantize { channel_wise : false num_bits:8 } } }
    override_layer_configs : {
        layer_name : "conv1"   # the first
        calibration_config : {
        }
    }
    """

  @Test func `a text in every form is read and kept`() throws {
    let document = try document(Self.messy)
    #expect(document.text == Self.messy)
    #expect(document.recipe.skipLayers.map(\.text) == ["pool1", "pool2"])
    #expect(document.recipe.skipLayerTypes.map(\.text) == ["Softmax", "Eltwise"])
    // 0x258 is 600.
    #expect(document.recipe.setting(RecipePath(.maxIteration, in: .common))?.value == .number("600"))
  }

  /// Replaces the one place where `old` stands.
  func with(_ old: String, _ new: String, in text: String = messy) -> String {
    let parts = text.split(separator: old, omittingEmptySubsequences: false)
    #expect(parts.count == 2, "'\(old)' must stand there once")
    return parts.joined(separator: new)
  }

  @Test(arguments: [
    (RecipePath(.batchNum, in: .globals), "16", "batch_num :4", "batch_num :16"),
    (RecipePath(.updateBN, in: .globals), "false", "update_bn:true", "update_bn:false"),
    (RecipePath(.dumpDirectory, in: .bnUpdate), "c d", "'a/b'", "'c d'"),
    (RecipePath(.updateIterations, in: .bnUpdate), "40", "'a/b' ,\n", "'a/b' ,\n  bn_update_iterations: 40\n"),
    (RecipePath(.activationBits, in: .common), "12", "num_bits:8 }\n\tsnq", "num_bits:12 }\n\tsnq"),
    (RecipePath(.searchRange, in: .common), "0.70, 1.25", ":1.3f", ":1.25"),
    (RecipePath(.searchRange, in: .common), "[0.8, 1.3]", ": .70", ": 0.8"),
    (
      RecipePath(.maxPercentile, in: .common), "0.9990", "num_bits:8 }\n\tsnq",
      "num_bits:8 max_percentile:0.9990 }\n\tsnq"
    ),
    (RecipePath(.initAlgorithm, in: .common), "d2sampling", "'gaussian'", "'d2sampling'"),
    (RecipePath(.minDistance, in: .common), "1e-9", "0x258 }", "0x258 min_distance: 1e-9 }"),
    (RecipePath(.maxIteration, in: .common), "700", "0x258", "700"),
    (RecipePath(.channelWise, in: .type("InnerProduct")), "true", "wise : false", "wise : true"),
    (
      RecipePath(.activationBits, in: .type("InnerProduct")), "10", "num_bits:8 } } }",
      "num_bits:8 } ifmr_quantize : { num_bits :10 } } }"
    ),
    (
      RecipePath(.activationBits, in: .layer("conv1")), "12", "calibration_config : {\n    }",
      "calibration_config : {\n        ifmr_quantize: {\n            num_bits :12\n        }\n    }"
    ),
  ])
  func `setting a parameter changes its bytes and no other`(
    _ path: RecipePath, _ value: String, _ old: String, _ new: String
  ) throws {
    var document = try document(Self.messy)
    try document.set(path, text: value)
    let expected = with(old, new)
    // Which of the file's ways to write a colon a new field takes is told by its neighbours or else by the first one;
    // the rest must be equal to the byte.
    func plain(_ text: String) -> String { text.filter { $0 != " " && $0 != "\t" }.split(separator: ":").joined() }
    #expect(plain(document.text) == plain(expected))
    let prefix = zip(document.text.utf8, Self.messy.utf8).prefix { $0 == $1 }.count
    let suffix = zip(document.text.utf8.reversed(), Self.messy.utf8.reversed()).prefix { $0 == $1 }.count
    #expect(prefix + suffix >= Self.messy.utf8.count - max(old.utf8.count, 8), "\(document.text)")
  }

  @Test(arguments: RecipeBlock.Sample.all)
  func `every parameter of every block can be set, read back and taken out again`(_ path: RecipePath) throws {
    var document = try document(Self.messy)
    if path.field.isNonUniformOnly {
      try document.set(RecipePath(.weightAlgorithm, in: path.block), text: "snq_quantize")
    }
    if path.field == .weightBits {
      try document.set(RecipePath(.weightAlgorithm, in: path.block), text: "arq_quantize")
    }
    let text = RecipeBlock.Sample.text(path.field)
    try document.set(path, text: text)
    let expected = try path.field.parse(text)
    #expect(document.recipe.setting(path)?.value == expected)
    #expect(document.fields(of: path.block).first { $0.path == path }?.text == expected.text)
    let once = document.text
    try document.set(path, text: text)
    #expect(document.text == once, "the same value again changes nothing")
    try document.reset(path)
    #expect(document.recipe.setting(path) == nil)
    for comment in ["# for the board   # twice", "# images: 4 x 8", "# two on a line", "# data first", "# the first"] {
      #expect(document.text.contains(comment))
    }
  }

  @Test func `what is missing on the way is made`() throws {
    #expect(try after("") { try $0.set(RecipePath(.batchNum, in: .globals), text: "2") } == "batch_num: 2\n")
    #expect(
      try after("update_bn: true\n") { try $0.set(RecipePath(.updateIterations, in: .bnUpdate), text: "40") }
        == "update_bn: true\nbn_update_config {\n  bn_update_iterations: 40\n}\n")
    #expect(
      try after("skip_layers: 'a'") { try $0.set(RecipePath(.searchRange, in: .common), text: "0.8 1.2") }
        == "skip_layers: 'a'\ncommon_config {\n  ifmr_quantize {\n    search_range_start: 0.8\n  }\n}"
        .replacing("0.8\n", with: "0.8\n    search_range_end: 1.2\n"))
  }

  @Test func `parts go to their place in the file`() throws {
    let text = "# a rule\ncommon_config { }\noverride_layer_configs { layer_name: 'x' calibration_config { } }\n"
    #expect(
      try after(text) { try $0.append("y", to: .skipLayers) }
        == "skip_layers: 'y'\n" + text)
    #expect(
      try after(text) { try $0.add(.type("Pooling")) }
        == "# a rule\ncommon_config { }\noverride_layer_types {\n  layer_type: 'Pooling'\n  calibration_config { }\n}\n"
        + "override_layer_configs { layer_name: 'x' calibration_config { } }\n")
    #expect(
      try after(text) { try $0.add(.layer("y")) }
        == text + "override_layer_configs {\n  layer_name: 'y'\n  calibration_config { }\n}\n")
    #expect(try after(text) { try $0.remove(.layer("x")) } == "# a rule\ncommon_config { }\n")
    #expect(
      try after(text) { try $0.remove(.common) }
        == "# a rule\noverride_layer_configs { layer_name: 'x' calibration_config { } }\n")
  }

  // MARK: algorithms

  @Test func `another algorithm takes over what it can and drops the rest`() throws {
    let arq = "common_config {\n  arq_quantize : {  # weights\n    channel_wise : false # one\n    num_bits:8\n  }\n}\n"
    let snq = "common_config {\n  snq_quantize : {  # weights\n    channel_wise : false # one\n  }\n}\n"
    let path = RecipePath(.weightAlgorithm, in: .common)
    #expect(try after(arq) { try $0.set(path, text: "snq_quantize") } == snq)
    #expect(
      try after(arq) {
        try $0.set(path, text: "snq_quantize")
        try $0.set(RecipePath(.maxIteration, in: .common), text: "600")
        try $0.set(path, text: "arq_quantize")
      } == snq.replacing("snq", with: "arq"))
    #expect(
      try after("common_config { }") { try $0.set(path, text: "snq_quantize") } == "common_config { snq_quantize { } }")
    #expect(try after(snq) { try $0.reset(path) } == "common_config {\n}\n")
  }

  @Test func `what an algorithm lacks is refused by name`() throws {
    var document = try document("common_config { arq_quantize { } }")
    let before = document.text
    #expect(
      refusal { try document.set(RecipePath(.maxIteration, in: .common), text: "600") } == [
        "error: max_iteration belongs to snq_quantize", "help: set wts_algo first",
        "help: max_iteration: a whole number from 500 to 2000",
      ])
    try document.set(RecipePath(.weightAlgorithm, in: .common), text: "snq_quantize")
    #expect(
      refusal { try document.set(RecipePath(.weightBits, in: .common), text: "4") }.first
        == "error: snq_quantize has 4 bits; its num_bits cannot be set")
    #expect(before == "common_config { arq_quantize { } }")
  }

  // MARK: refusals

  @Test(arguments: [
    (RecipePath(.batchNum, in: .globals), "0", "error: The batch_num must be greater than zero."),
    (RecipePath(.activationBits, in: .common), "17", "error: The num_bits must be in range [8, 16]"),
    (RecipePath(.activationBits, in: .common), "eight", "error: num_bits needs a whole number, is 'eight'"),
    (
      RecipePath(.searchStep, in: .common), "0.7",
      "q.cfg:13:61: error: The search_step must be less than or equal to (search_range[1] - search_range[0])"
    ),
    // More than 0.5 as it is typed, 0.5 as the float32 that the recipe holds.
    (
      RecipePath(.maxPercentile, in: .common), "0.500000001",
      "q.cfg:13:61: error: The max_percentile must be greater than 0.5 and less than or equal to 1.0"
    ),
    (RecipePath(.activationBits, in: .layer("conv2")), "9", "error: the recipe has no rule of its own for 'conv2'"),
  ])
  func `a refused value leaves the document as it was`(_ path: RecipePath, _ value: String, _ line: String) throws {
    var document = try document(Self.messy)
    let found = refusal { try document.set(path, text: value) }
    #expect(
      found.first?.replacing(#/:\d+: error/#, with: ": error") == line.replacing(#/:\d+: error/#, with: ": error"))
    #expect(found.last?.hasPrefix("help: \(path.field.key): ") == true)
    #expect(document.text == Self.messy)
  }

  @Test func `names and blocks that are there already, or not there, are refused`() throws {
    var document = try document("skip_layers: 'a'\ncommon_config { }\n")
    #expect(
      refusal { try document.append("a", to: .skipLayers) }
        == ["q.cfg:2:1: error: Please delete repeated items in skip_layers, repeated items are [a]"])
    #expect(
      refusal { try document.remove("aa", from: .skipLayers) }
        == ["error: skip_layers does not name 'aa'", "help: did you mean 'a'?"])
    #expect(refusal { try document.add(.common) } == ["q.cfg:2:1: error: the recipe has common_config already"])
    #expect(refusal { try document.remove(.type("X")) } == ["error: the recipe has no override_layer_types X"])
    #expect(document.text == "skip_layers: 'a'\ncommon_config { }\n")
  }

  @Test(arguments: [
    "common_config { }\ncommon_config { }", "common_config { arq_quantize { } snq_quantize { } }",
    "override_layer_configs { layer_name: 'a' }", "batch_num: 1 batch_num: 2", "update_bn: yes", "common_config {",
  ])
  func `a text that the reader refuses is no document`(_ text: String) {
    let found = refusal { _ = try document(text) }
    #expect(found.first?.hasPrefix("q.cfg:") == true, "\(found)")
  }

  // MARK: all edits

  /// A text of `layers` overrides, with comments.
  static func long(_ layers: Int) -> String {
    var lines = ["# long", "batch_num: 4"]
    for i in 0..<layers {
      lines += [
        "override_layer_configs : {", "    layer_name : \"layer\(i)\"  # number \(i)", "    calibration_config : {",
        "        ifmr_quantize : { num_bits : \(8 + i % 9) }", "        arq_quantize : {",
        "            channel_wise : true",
        "        }", "    }", "}", "",
      ]
    }
    return lines.joined(separator: "\n")
  }

  @Test func `ten thousand lines are edited at once`() throws {
    let text = Self.long(1000)
    var edited = try document(text)
    #expect(text.utf8.count { $0 == UInt8(ascii: "\n") } > 10_000)
    let clock = ContinuousClock()
    let time = try clock.measure {
      try edited.set(RecipePath(.activationBits, in: .layer("layer500")), text: "9")
    }
    // 500 % 9 is 5.
    let old =
      "layer_name : \"layer500\"  # number 500\n    calibration_config : {\n        ifmr_quantize : { num_bits : 13 }"
    #expect(edited.text == with(old, old.replacing("13", with: "9"), in: text))
    #expect(time < .milliseconds(900), "\(time)")
  }
}

extension RecipeBlock {
  /// Parameters and values for a sweep over all that can be set.
  enum Sample {
    static let all: [RecipePath] = [globals, .bnUpdate, .common, .type("InnerProduct"), .layer("conv1")].flatMap {
      block in
      block.fields.map { RecipePath($0, in: block) }
    }
    private static let globals = RecipeBlock.globals

    static func text(_ field: ConfigField) -> String {
      switch field.kind {
      case .flag: "false"
      case .integer: field == .maxIteration ? "1500" : field == .weightBits ? "8" : "11"
      case .real: field == .minDistance ? "2e-05" : field == .searchStep ? "0.025" : "0.75"
      case .range: "[0.9, 1.15]"
      case .names: "[conv1, conv2]"
      case .string: "bn/dir"
      case .choice(let words): words.last ?? ""
      }
    }
  }
}
