import Diagnostics
import Testing

@testable import WorkbenchUI

private struct Row: FilterableRow {
  var filterName: String
  var filterType: String
  var filterState: (letter: Character, word: String)
  var numbers: [FilterExpression.Field: Double] = [:]
  func filterNumber(_ field: FilterExpression.Field) -> Double? { numbers[field] }
}

private let rows = [
  Row(filterName: "data", filterType: "Input", filterState: ("-", "never")),
  Row(
    filterName: "conv1", filterType: "Convolution", filterState: ("Q", "quantised"),
    numbers: [.bits: 8, .chain: 0.9995, .mac: 3.1, .par: 9408]),
  Row(
    filterName: "res3a_branch2c", filterType: "Convolution", filterState: ("!", "below threshold"),
    numbers: [.bits: 12, .chain: 0.97, .mac: 1.3, .par: 65536]),
  Row(
    filterName: "inception 3a/1x1", filterType: "ConvolutionDepthwise", filterState: ("F", "float"),
    numbers: [.chain: .nan, .mac: 0.2]),
  Row(
    filterName: "fc1000", filterType: "InnerProduct", filterState: ("F", "float"),
    numbers: [.mac: 0.1, .par: 2_049_000]),
]

@Suite("Filters") struct FilterExpressionTests {
  @Test(
    arguments: [
      ("", [0, 1, 2, 3, 4]), ("conv", [1]), ("r3b2", [2]), ("type:Conv", [1, 2, 3]), ("type:convolution", [1, 2, 3]),
      ("type:*Product", [4]), ("state:F", [3, 4]), ("state:float", [3, 4]), ("state:q", [1]), ("state:quant", [1]),
      ("bits>8", [2]), ("bits>=8", [1, 2]), ("bits=8", [1]), ("bits!=8", [2]), ("chain<.99", [2, 3]), ("mac>2", [1]),
      ("par<1000", []), ("par<10k", [1]), ("par>=2M", [4]), ("name:res3*", [2]), ("name:res?", []),
      ("!state:F", [0, 1, 2]),
      ("!chain<.99", [0, 1, 4]), ("type:Conv chain<.99", [2, 3]), ("\"ion 3a/\"", [3]), ("name:\"inception 3a*\"", [3]),
      ("  conv1  ", [1]), ("!!conv1", [1]), ("mac<1e0", [3, 4]), ("CONV1", [1]),
    ] as [(String, [Int])])
  func `finds`(_ filter: String, _ found: [Int]) throws {
    let expression = try FilterExpression(parsing: filter)
    #expect(rows.indices.filter { expression.matches(rows[$0]) } == found)
  }

  @Test(arguments: [
    ("typ:Conv", "filter:1:1: error: unknown filter 'typ:'\nhelp: did you mean 'type'?"),
    ("conv1 chian<.99", "filter:1:7: error: 'chian' is no number of a layer\nhelp: did you mean 'chain'?"),
    ("bits>many", "filter:1:6: error: 'many' is no number\nhelp: for example bits>8"),
    ("bits>", "filter:1:6: error: a number is missing after '>'"),
    ("chain<nan", "filter:1:7: error: 'nan' is no number"),
    ("type:", "filter:1:6: error: 'type:' needs a value"), ("a !", "filter:1:3: error: '!' negates the term after it"),
    ("name:\"abc", "filter:1:6: error: the quote is not closed"),
    (">3", "filter:1:1: error: '>' has nothing to compare before it"),
  ])
  func `errors say where`(_ filter: String, _ message: String) {
    let error = #expect(throws: DiagnosticError.self) { try FilterExpression(parsing: filter) }
    #expect(error?.description.hasPrefix(message) == true, "\(error?.description ?? "")")
  }

  @Test func `fuzzy matches rank beginnings, then parts, then scattered letters`() throws {
    let names = ["my_conv1", "conv1", "c_o_n_v_1", "fc"]
    let scores = names.map { FuzzyMatch.score("conv1", in: $0) }
    #expect(scores[3] == nil)
    let (part, whole, scattered) = (try #require(scores[0]), try #require(scores[1]), try #require(scores[2]))
    #expect(whole > part && part > scattered)
  }

  @Test(arguments: [
    ("abc", "a*c", true), ("ac", "a*c", true), ("abcd", "a*c", false), ("abcbc", "a*bc", true), ("", "*", true),
    ("a", "?", true), ("", "?", false), ("aXbXc", "*X*X*", true), ("ab", "", false),
  ])
  func `globs`(_ text: String, _ pattern: String, _ fits: Bool) {
    #expect(Glob.matches(text, pattern: pattern) == fits)
  }
}
