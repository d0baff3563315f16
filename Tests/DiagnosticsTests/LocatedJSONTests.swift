import Diagnostics
import Testing

@Suite("Located JSON") struct LocatedJSONTests {
  private func parse(_ text: String) throws -> LocatedJSON { try LocatedJSON(parsing: text.utf8, file: "f.json") }

  private func message(_ text: String) -> String {
    do {
      _ = try parse(text)
      return "no error"
    } catch {
      return "\(error)"
    }
  }

  @Test func `keys keep their order, numbers their spelling, values their place`() throws {
    let root = try parse("{\"z\": 0.70,\n  \"ä\": [true, null, \"\\u00e9\\ud83d\\ude00\\n\"], \"b\": {}}")
    guard case .object(let members) = root.value else {
      Issue.record("no object")
      return
    }
    #expect(members.map(\.name) == ["z", "ä", "b"])
    #expect(members[0].value.value == .number("0.70"))
    #expect(members[0].value.location == SourceLocation(file: "f.json", line: 1, column: 7))
    #expect(members[1].location == SourceLocation(file: "f.json", line: 2, column: 3))
    // Columns count characters: 'ä' is one, though two bytes.
    #expect(members[2].location == SourceLocation(file: "f.json", line: 2, column: 46))
    guard case .array(let items) = members[1].value.value else {
      Issue.record("no list")
      return
    }
    #expect(items.map(\.value) == [.bool(true), .null, .string("é😀\n")])
  }

  @Test(arguments: [
    ("", "f.json:1:1: error: the file ends where a value should stand"),
    ("{\"a\": 1,}", "f.json:1:9: error: a key in quotes expected, not '}'"),
    ("[1 2]", "f.json:1:4: error: ',' or ']' expected, not '2'"),
    ("[1,]", "f.json:1:4: error: a value expected, not ']'"),
    ("01", "f.json:1:2: error: the end of the file expected, not '1'"),
    ("-", "f.json:1:2: error: the file ends where a digit should stand"),
    ("1.e5", "f.json:1:3: error: a digit expected, not 'e'"),
    ("{\n \"a\" 1}", "f.json:2:6: error: ':' expected, not '1'"),
    ("\"\\ud800\"", "f.json:1:8: error: the second half of a surrogate pair expected, not '\"'"),
    ("\"a", "f.json:1:3: error: the file ends where '\"' should stand"),
    ("nul", "f.json:1:1: error: a value expected, not 'n'"),
  ])
  func `what is no JSON is refused at its place`(_ text: String, _ wanted: String) {
    #expect(message(text) == wanted)
  }

  @Test func `a key that stands twice is refused and both places are named`() {
    #expect(
      message("{\"a\": 1,\n\"a\": 2}")
        == "f.json:2:1: error: the key 'a' stands here twice\nf.json:1:2: note: first here")
  }

  @Test func `nesting beyond reason is an error, not a crash`() {
    #expect(message(String(repeating: "[", count: 100_000)).contains("nested more than 128 deep"))
  }

  @Test func `bytes that are no UTF-8 are an error`() {
    #expect(throws: DiagnosticError.self) { try LocatedJSON(parsing: [0x22, 0xff, 0x22] as [UInt8], file: "f") }
  }
}
