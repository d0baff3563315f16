import Diagnostics
import Testing

@testable import Quantization

@Suite struct LocatedJSONTests {
  func read(_ text: String) throws -> LocatedJSON { try LocatedJSON.read(Array(text.utf8), file: "a.json") }

  @Test func `keys keep their order and numbers their text`() throws {
    let json = try read(#"{"z":0.70,"a":[1e-10,-0,12E+3],"m":{"k":null,"b":true}}"#)
    guard case .object(let members) = json.value else { throw Unexpected() }
    #expect(members.map(\.key) == ["z", "a", "m"])
    #expect(members[0].value.value == .number("0.70"))
    #expect(members[1].value.value == .array(["1e-10", "-0", "12E+3"].map { LocatedJSON(.number($0)) }))
  }

  @Test func `every key and value knows its line and column`() throws {
    let json = try read("{\n  \"é\" : 1,\n\t\"b\":[true]\n}")
    guard case .object(let members) = json.value, case .array(let list) = members[1].value.value else {
      throw Unexpected()
    }
    #expect(members[0].keyLocation == SourceLocation(file: "a.json", line: 2, column: 3))
    // Two spaces, "é" in quotes, space, colon, space: the value is the ninth scalar, though é has two bytes.
    #expect(members[0].value.location == SourceLocation(file: "a.json", line: 2, column: 9))
    #expect(list[0].location == SourceLocation(file: "a.json", line: 3, column: 7))
  }

  @Test func `escapes are read, surrogate pairs as one scalar`() throws {
    let json = try read(#"["\"\\\/\b\f\n\r\t","\u4e2d\ud83d\ude00"]"#)
    #expect(json == LocatedJSON(.array([LocatedJSON(.string("\"\\/\u{8}\u{C}\n\r\t")), LocatedJSON(.string("中😀"))])))
  }

  @Test func `a duplicate key is refused with both places`() {
    #expect(
      refusal { _ = try read("{\n\"conv1\":{},\n\"x\":1,\n\"conv1\":{}\n}") } == [
        "a.json:4:1: error: key 'conv1' stands here for the second time",
        "a.json:2:1: note: the first is here",
      ])
  }

  @Test(arguments: [
    (#"{"version":"#, "a.json:1:12: error: expected a value, found the end of the file"),
    ("", "a.json:1:1: error: the file is empty, a JSON object is expected"),
    ("{\n \"a\":1,\n}", "a.json:2:7: error: a comma may not stand before '}'"),
    ("[1,2,]", "a.json:1:5: error: a comma may not stand before ']'"),
    (#"{"a":01}"#, "a.json:1:7: error: '0' is not followed by ',', found '1'"),
    (#"{"a":.5}"#, "a.json:1:6: error: expected a value, found '.'"),
    (#"{"a":1.}"#, "a.json:1:7: error: '1' is not followed by ',', found '.'"),
    (#"{"a":NaN}"#, "a.json:1:6: error: expected a value, found 'N'"),
    (#"{"a":tru}"#, "a.json:1:6: error: expected a value, found 't'"),
    (#"{a:1}"#, "a.json:1:2: error: expected a key in double quotes, found 'a'"),
    (#"{"a" 1}"#, "a.json:1:6: error: expected ':' after the key 'a', found '1'"),
    (#"{"a":1}}"#, "a.json:1:8: error: nothing may follow the JSON value, found '}'"),
    (#"{"a":"b"#, "a.json:1:6: error: the string is not closed"),
    ("{\"a\":\"b\nc\"}", "a.json:1:8: error: the string does not end on its line"),
    (#"["\q"]"#, "a.json:1:3: error: unknown escape in a string"),
    (#"["\ud800x"]"#, "a.json:1:3: error: half of a surrogate pair"),
    (#"["\u12g4"]"#, "a.json:1:3: error: \\u needs four hexadecimal digits"),
    ("/* x */ {}", "a.json:1:1: error: expected a value, found '/'"),
  ])
  func `a syntax error names its place`(text: String, line: String) {
    #expect(refusal { _ = try read(text) } == [line])
  }

  @Test func `an open bracket is shown beside the error`() {
    #expect(
      refusal { _ = try read("{\"a\":1\n\"b\":2}") } == [
        "a.json:2:1: error: expected ',' or '}', found '\"'", "a.json:1:1: note: opened here",
      ])
  }

  @Test func `hostile nesting is refused`() {
    let text = String(repeating: "[", count: 100_000)
    #expect(refusal { _ = try read(text) } == ["a.json:1:65: error: nested deeper than 64 levels"])
    let legal = String(repeating: "[", count: 64) + String(repeating: "]", count: 64)
    #expect(refusal { _ = try read(legal) } == [])
  }

  @Test func `bytes that are no UTF-8 are refused`() {
    let bytes = Array("[\"".utf8) + [0xFF] + Array("\"]".utf8)
    #expect(
      refusal { _ = try LocatedJSON.read(bytes, file: "a.json") } == ["a.json:1:2: error: is not UTF-8 text"])
  }

  @Test func `a byte order mark is skipped`() throws {
    #expect(try LocatedJSON.read([0xEF, 0xBB, 0xBF] + Array("[]".utf8), file: "a.json").value == .array([]))
  }

  // The expected text is what CPython 3.11 prints for the same value with indent=4, separators=(',', ':').
  @Test func `the text is laid out as Python's json module does`() throws {
    let json = try read(#"{"a\u007fé😀/":[],"b":{},"c":[1.50,{"d":null}],"e\n":"x\"\\"}"#)
    #expect(
      json.pythonText == #"""
        {
            "a\u007f\u00e9\ud83d\ude00/":[],
            "b":{},
            "c":[
                1.50,
                {
                    "d":null
                }
            ],
            "e\n":"x\"\\"
        }
        """#)
  }
}

struct Unexpected: Error {}
