import Diagnostics
import Testing

@testable import CaffeFormat

/// Edits of texts of the message `AMCTConfig`; every expected text is written out by hand.
@Suite struct ProtoTextDraftTests {
  typealias Step = ProtoTextDraft.Step

  func draft(_ text: String) throws -> ProtoTextDraft {
    let bytes = Array(text.utf8)
    return try ProtoTextDraft(bytes, ProtoSchema.builtIn().parseText("AMCTConfig", bytes, file: "q.cfg"))
  }

  /// The text after an edit; the reader must find the meaning that the draft says.
  func after(
    _ text: String, at location: SourceLocation = #_sourceLocation, _ edit: (inout ProtoTextDraft) throws -> Void
  ) throws -> String {
    var draft = try draft(text)
    try edit(&draft)
    let schema = try ProtoSchema.builtIn()
    let read = try schema.parseText("AMCTConfig", draft.bytes, file: "q.cfg")
    #expect(read == schema.inFieldOrder(draft.message), sourceLocation: location)
    return String(decoding: draft.bytes, as: UTF8.self)
  }

  typealias SourceLocation = Testing.SourceLocation

  static let step = ProtoTextField("search_step", .scalar("0.5", .real(0.5)))
  static let batch = ProtoTextField("batch_num", .scalar("2", .uint(2)))
  static let ifmr = [Step("common_config"), Step("ifmr_quantize")]

  @Test func `the outline finds values, lists, both braces, separators and strings in a row`() throws {
    let text = "batch_num:2;skip_layers:['a',\"b\"] bn_update_config<bn_dump_dir:'x' # y\n \"z\" >"
    let fields = try #require(ProtoTextOutline(Array(text.utf8))).root.fields
    func piece(_ range: Range<Int>) -> String { String(decoding: Array(text.utf8)[range], as: UTF8.self) }
    #expect(fields.map(\.name) == ["batch_num", "skip_layers", "bn_update_config"])
    #expect(fields.map { piece($0.range) }[0] == "batch_num:2;")
    #expect(fields[1].entries.map { piece($0.range) } == ["'a'", "\"b\""])
    #expect(fields[1].isList && !fields[0].isList)
    let inner = try #require(fields[2].entries[0].body)
    #expect(inner.fields.map { piece($0.valueRange) } == ["'x' # y\n \"z\""])
  }

  @Test(arguments: ["a: ", "a { ", "a: [1", "a: 'x", "}", ": 1", "a: 1 >", "a: [1 2]"])
  func `what is no text has no outline`(_ text: String) { #expect(ProtoTextOutline(Array(text.utf8)) == nil) }

  @Test func `a text nested without end is refused, not followed`() {
    #expect(ProtoTextOutline(Array(String(repeating: "a{", count: 100_000).utf8)) == nil)
  }

  @Test func `replacing a value leaves comments, blanks and separators`() throws {
    let text = "# top\nbatch_num\t:  7 ; # seven\r\nupdate_bn: true"
    let edited = try after(text) { try $0.replace(Step("batch_num"), at: [], with: "12", meaning: .uint(12)) }
    #expect(edited == "# top\nbatch_num\t:  12 ; # seven\r\nupdate_bn: true")
  }

  // MARK: insertion

  @Test(arguments: [
    // In lines: behind the last field and its comment, with its indentation, its colon.
    (
      "common_config {\n    ifmr_quantize : {\n        num_bits :8  # why\n    }\n}\n",
      "common_config {\n    ifmr_quantize : {\n        num_bits :8  # why\n        search_step :0.5\n    }\n}\n"
    ),
    // On one line.
    (
      "common_config { ifmr_quantize { num_bits:8 } }", "common_config { ifmr_quantize { num_bits:8 search_step:0.5 } }"
    ),
    ("common_config{ifmr_quantize{num_bits:8}}", "common_config{ifmr_quantize{num_bits:8 search_step:0.5}}"),
    (
      "common_config < ifmr_quantize < num_bits: 8, > >",
      "common_config < ifmr_quantize < num_bits: 8, search_step: 0.5 > >"
    ),
    // Empty.
    ("common_config { ifmr_quantize { } }", "common_config { ifmr_quantize { search_step: 0.5 } }"),
    ("common_config { ifmr_quantize {} }", "common_config { ifmr_quantize { search_step: 0.5 } }"),
    (
      "common_config {\n\tifmr_quantize {\n\t\t# nothing yet\n\t}\n}",
      "common_config {\n\tifmr_quantize {\n\t\t# nothing yet\n\t\tsearch_step: 0.5\n\t}\n}"
    ),
    // A comment ends the line: not behind it.
    (
      "common_config { ifmr_quantize { num_bits: 8 # }\n } }",
      "common_config { ifmr_quantize { num_bits: 8 # }\n  search_step: 0.5\n } }"
    ),
    // Windows lines stay Windows lines.
    (
      "common_config {\r\n ifmr_quantize {\r\n  num_bits: 8\r\n }\r\n}",
      "common_config {\r\n ifmr_quantize {\r\n  num_bits: 8\r\n  search_step: 0.5\r\n }\r\n}"
    ),
  ])
  func `a field goes behind the last one, in its style`(_ text: String, _ expected: String) throws {
    #expect(try after(text) { try $0.insert([Self.step], at: Self.ifmr) } == expected)
  }

  /// Only batch_num goes first, all else behind.
  static func first(_ name: String) -> Int { name == "batch_num" ? 0 : 1 }

  @Test(arguments: [
    ("", "batch_num: 2\n"),
    ("# only this", "# only this\nbatch_num: 2"),
    ("# only this\n", "# only this\nbatch_num: 2\n"),
    ("update_bn: true\n", "batch_num: 2\nupdate_bn: true\n"),
    ("# head\n\n# why\nupdate_bn :true", "# head\n\nbatch_num :2\n# why\nupdate_bn :true"),
    ("  update_bn: true do_fusion: true\n", "  batch_num: 2\n  update_bn: true do_fusion: true\n"),
    ("\u{FEFF}update_bn: true\n", "\u{FEFF}batch_num: 2\nupdate_bn: true\n"),
  ])
  func `what belongs first goes before the rest and the comment of the rest`(_ text: String, _ expected: String) throws
  {
    #expect(try after(text) { try $0.insert([Self.batch], at: [], rank: Self.first) } == expected)
  }

  @Test func `messages are written in lines among lines, on one line inside a line`() throws {
    let rule = ProtoTextField("arq_quantize", .message("ARQuantize", [.init("num_bits", .scalar("8", .uint(8)))]))
    #expect(
      try after("common_config : {\n   ifmr_quantize : { }\n}\n") { try $0.insert([rule], at: [Step("common_config")]) }
        == "common_config : {\n   ifmr_quantize : { }\n   arq_quantize : {\n      num_bits: 8\n   }\n}\n")
    #expect(
      try after("common_config { ifmr_quantize { } } batch_num: 1") {
        try $0.insert([rule], at: [Step("common_config")])
      } == "common_config { ifmr_quantize { } arq_quantize { num_bits: 8 } } batch_num: 1")
  }

  // MARK: removal

  @Test(arguments: [
    // Alone on its line: the line goes. A comment behind it stays.
    ("update_bn: true\nbatch_num: 2\ndo_fusion: true\n", "update_bn: true\ndo_fusion: true\n"),
    ("update_bn: true\n  batch_num: 2  # two\ndo_fusion: true\n", "update_bn: true\n  # two\ndo_fusion: true\n"),
    ("update_bn: true\nbatch_num: 2", "update_bn: true\n"),
    ("update_bn: true\r\nbatch_num: 2;\r\ndo_fusion: true", "update_bn: true\r\ndo_fusion: true"),
    // Among others on a line.
    ("batch_num: 2 update_bn: true", "update_bn: true"),
    ("update_bn: true batch_num: 2 do_fusion: true", "update_bn: true do_fusion: true"),
    ("update_bn: true batch_num: 2 # two", "update_bn: true # two"),
    ("skip_layers:'x'batch_num:2;skip_layers:'y'", "skip_layers:'x' skip_layers:'y'"),
    ("update_bn:true;batch_num:2;do_fusion:true", "update_bn:true;do_fusion:true"),
    ("batch_num: 2", ""),
  ])
  func `a field goes with its blanks, comments stay`(_ text: String, _ expected: String) throws {
    #expect(try after(text) { try $0.remove(Step("batch_num"), at: []) } == expected)
  }

  @Test func `a message goes with all its lines`() throws {
    let text = "batch_num: 1\ncommon_config {\n  ifmr_quantize {\n    num_bits: 8\n  }\n}\nupdate_bn: true\n"
    #expect(
      try after(text) { try $0.remove(Step("common_config"), at: []) } == "batch_num: 1\nupdate_bn: true\n")
    #expect(
      try after(text) { try $0.remove(Step("ifmr_quantize"), at: [Step("common_config")]) }
        == "batch_num: 1\ncommon_config {\n}\nupdate_bn: true\n")
  }

  @Test(arguments: [
    (0, "skip_layers: ['b', 'c'] # end"), (1, "skip_layers: ['a', 'c'] # end"), (2, "skip_layers: ['a', 'b'] # end"),
  ])
  func `an item of a list goes with one comma`(_ index: Int, _ expected: String) throws {
    #expect(
      try after("skip_layers: ['a', 'b', 'c'] # end") { try $0.remove(Step("skip_layers", index), at: []) } == expected)
  }

  @Test func `comments between the items of a list stay`() throws {
    let text = "skip_layers: [\n  'a', # first, of all\n  'b' # second\n]\n"
    #expect(
      try after(text) { try $0.remove(Step("skip_layers", 0), at: []) }
        == "skip_layers: [\n  # first, of all\n  'b' # second\n]\n")
    #expect(
      try after(text) { try $0.remove(Step("skip_layers", 1), at: []) }
        == "skip_layers: [\n  'a' # first, of all\n  # second\n]\n")
  }

  @Test func `a list that lost its last item is no list`() throws {
    #expect(
      try after("skip_layers: ['a']\nbatch_num: 1\n") { try $0.remove(Step("skip_layers"), at: []) } == "batch_num: 1\n"
    )
  }

  // MARK: names

  @Test(arguments: [
    ("skip_layers : 'a'  # keep\nbatch_num: 1\n", "skip_layers : 'a'  # keep\nskip_layers : 'b\"c'\nbatch_num: 1\n"),
    ("skip_layers: \"a\"\n", "skip_layers: \"a\"\nskip_layers: \"b\\\"c\"\n"),
    ("skip_layers: ['a']\n", "skip_layers: ['a', 'b\"c']\n"),
    ("skip_layers: []", "skip_layers: [\"b\\\"c\"]"),
    ("", "skip_layers: \"b\\\"c\"\n"),
  ])
  func `a name is added in the quotes and the form of its list`(_ text: String, _ expected: String) throws {
    // Lists before all else.
    let rank = { (name: String) in name == "skip_layers" ? 0 : 1 }
    #expect(try after(text) { try $0.append(string: "b\"c", to: "skip_layers", rank: rank) } == expected)
  }

  @Test func `a name of any bytes reads back`() throws {
    for name in ["a\\b", "tab\there", "nul\u{1}", "层/1", "q'q\"q"] {
      var draft = try draft("skip_layers: 'x'")
      try draft.append(string: name, to: "skip_layers")
      let read = try ProtoSchema.builtIn().parseText("AMCTConfig", draft.bytes, file: "q.cfg")
      #expect(read.strings("skip_layers") == ["x", name])
    }
  }

  @Test func `renaming leaves what is inside`() throws {
    let text = "common_config { snq_quantize : < channel_wise: true # a\n > }"
    #expect(
      try after(text) {
        try $0.rename(Step("snq_quantize"), at: [Step("common_config")], to: "arq_quantize", type: "ARQuantize")
      } == "common_config { arq_quantize : < channel_wise: true # a\n > }")
  }

  @Test func `what is not there cannot be edited`() throws {
    var draft = try draft("batch_num: 1")
    #expect(throws: DiagnosticError.self) { try draft.remove(Step("update_bn"), at: []) }
    #expect(throws: DiagnosticError.self) { try draft.remove(Step("batch_num", 1), at: []) }
    #expect(throws: DiagnosticError.self) { try draft.insert([Self.step], at: Self.ifmr) }
    #expect(String(decoding: draft.bytes, as: UTF8.self) == "batch_num: 1")
  }
}
