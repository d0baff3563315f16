import Diagnostics

/// A row that filters look at; layers of a net are such rows.
package protocol FilterableRow {
  var filterName: String { get }
  var filterType: String { get }
  /// The state letter of the list (`Q`, `F`, `-`, `~`, `E`, `!`, `?`) and its word (`quantised`).
  var filterState: (letter: Character, word: String) { get }
  /// A number of the row; `nil` where the row has none.
  func filterNumber(_ field: FilterExpression.Field) -> Double?
}

/// The filter language of lists, palette, marks and command line.
///
/// Terms separated by spaces must all hold: plain text (fuzzy on the name), `name:GLOB`, `type:WORD`, `state:LETTER`,
/// and numbers (`bits>8`, `chain<.99` or `cos<.99`, `mac>2`, `par<1000`) with `< <= > >= = !=`; `!` before a term negates it; text
/// in double quotes may hold spaces. Numbers take the suffixes k, M, G.
package struct FilterExpression: Equatable, Sendable {
  /// Numbers that can be compared; `mac` is percent of the net, `par` a count.
  package enum Field: String, CaseIterable, Sendable {
    case bits, chain, local, mac, par, sqnr, mse, index
    case oneIn = "one-in"
    case oneOut = "one-out"

    /// A metric that is not a number was computed from infinities: worse than any value.
    var isMetricWithBestHigh: Bool { [.chain, .local, .oneIn, .oneOut, .sqnr].contains(self) }
  }

  package enum Comparison: String, CaseIterable, Sendable {
    // Longer signs first, for the parser.
    case atMost = "<=", atLeast = ">=", notEqual = "!=", less = "<", greater = ">", equal = "="

    func holds(_ a: Double, _ b: Double) -> Bool {
      switch self {
      case .atMost: a <= b
      case .atLeast: a >= b
      case .notEqual: a != b
      case .less: a < b
      case .greater: a > b
      case .equal: a == b
      }
    }
  }

  package indirect enum Term: Equatable, Sendable {
    case text(String)
    case name(glob: String)
    case type(String)
    case state(String)
    case number(Field, Comparison, Double)
    case not(Term)
  }

  package let terms: [Term]
  /// As typed.
  package let source: String

  package init(terms: [Term], source: String) {
    self.terms = terms
    self.source = source
  }

  package static let everything = FilterExpression(terms: [], source: "")
  package var isEmpty: Bool { terms.isEmpty }

  package func matches(_ row: some FilterableRow) -> Bool { terms.allSatisfy { Self.holds($0, for: row) } }

  private static func holds(_ term: Term, for row: some FilterableRow) -> Bool {
    switch term {
    case .text(let text): return FuzzyMatch.fits(text, row.filterName)
    case .name(let glob): return Glob.matches(row.filterName, pattern: glob)
    case .type(let word): return matchesWord(row.filterType, word)
    case .state(let word):
      return word.uppercased() == String(row.filterState.letter)
        || word.count > 1 && matchesWord(row.filterState.word, word)
    case .number(let field, let comparison, let limit):
      guard let value = row.filterNumber(field) else { return false }
      let shown = value.isNaN ? (field.isMetricWithBestHigh ? -Double.infinity : .infinity) : value
      return comparison.holds(shown, limit)
    case .not(let inner): return !holds(inner, for: row)
    }
  }

  /// A pattern with `*`, or the beginning of the word; upper and lower case alike.
  private static func matchesWord(_ word: String, _ pattern: String) -> Bool {
    let (word, pattern) = (word.lowercased(), pattern.lowercased())
    return pattern.contains("*") || pattern.contains("?")
      ? Glob.matches(word, pattern: pattern) : word.hasPrefix(pattern)
  }
}
