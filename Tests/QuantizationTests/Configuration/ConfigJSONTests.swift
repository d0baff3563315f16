import Diagnostics
import Testing

@testable import Quantization

@Suite struct ConfigJSONTests {
  func errors(_ text: String) -> [String] {
    refusal { _ = try QuantConfig.read(Array(text.utf8), file: "config.json") }
  }

  @Test(arguments: [
    (#"{"version":"#, "config.json:1:12: error:"), ("", "config.json:1:1: error:"),
    ("{\n \"version\":1,\n}", "config.json:3:1: error:"), (#"{"version":01}"#, "config.json:1:13: error:"),
    (#"{"version":.5}"#, "config.json:1:12: error:"), (#"{version:1}"#, "config.json:1:2: error:"),
    ("{\"version\":1\n\"batch_num\":2}", "config.json:2:1: error:"), (#"{"version":1}}"#, "config.json:1:14: error:"),
    ("// x\n{}", "config.json:1:1: error:"),
  ])
  func `a syntax error names its place`(text: String, place: String) {
    let found = errors(text)
    #expect(found.first?.hasPrefix(place) == true, "\(found)")
  }

  @Test func `a layer that stands twice is refused with both lines`() {
    let found = errors("{\n\"conv1\":{},\n\"conv2\":{},\n\"conv1\":{}\n}")
    #expect(found.first?.hasPrefix("config.json:4:1: error:") == true && found[0].contains("'conv1'"), "\(found)")
    #expect(found.dropFirst().first?.hasPrefix("config.json:2:1: note:") == true)
  }

  @Test func `a key that stands twice in a layer is refused`() {
    let found = errors(#"{"conv1":{"quant_enable":true,"quant_enable":false}}"#)
    #expect(found.first?.hasPrefix("config.json:1:31: error:") == true, "\(found)")
  }

  @Test func `hostile nesting is refused`() {
    #expect(errors(#"{"conv1":"# + String(repeating: "[", count: 100_000)).count == 1)
  }

  // The expected text is what CPython's json.dumps prints for the same value with indent=4, separators=(',', ':').
  @Test func `text is laid out as Python's json module does`() {
    let json = PythonJSON.object([
      ("a\u{7F}é😀/", .array([])), ("b", .object([])),
      ("c", .array([.number("1.50"), .object([("d", .bool(true))])])), ("e\n", .string("x\"\\")),
    ])
    #expect(
      json.text == #"""
        {
            "a\u007f\u00e9\ud83d\ude00/":[],
            "b":{},
            "c":[
                1.50,
                {
                    "d":true
                }
            ],
            "e\n":"x\"\\"
        }
        """#)
  }

  @Test func `a number is what JSON calls one`() {
    for text in ["0", "-0", "0.70", "1e-10", "12E+3"] { #expect(JSONNumber.isNumber(text), "\(text)") }
    for text in ["", "01", ".5", "1.", "+1", "1e", "0x1", " 1", "nan", "true"] {
      #expect(!JSONNumber.isNumber(text), "\(text)")
    }
    #expect(JSONNumber.isInteger("-12") && !JSONNumber.isInteger("1.0") && !JSONNumber.isInteger("1E2"))
  }
}
