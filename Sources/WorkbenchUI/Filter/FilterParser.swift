import Diagnostics

extension FilterExpression {
  /// Reads a filter.
  ///
  /// `origin`: what the error's place is called: `filter` in the screens, the option on the command line.
  /// - Throws: one error with the column (1 is the first character) of what was not understood.
  package init(parsing source: String, origin: String = "filter") throws(DiagnosticError) {
    var parser = FilterParser(source: source, origin: origin)
    self.init(terms: try parser.terms(), source: source)
  }

  /// Words before `:`, for completion and nearest names.
  package static let words = ["name", "type", "state"]
}

private struct FilterParser {
  let characters: [Character]
  let origin: String
  var at = 0

  init(source: String, origin: String) {
    characters = Array(source)
    self.origin = origin
  }

  mutating func terms() throws(DiagnosticError) -> [FilterExpression.Term] {
    var terms: [FilterExpression.Term] = []
    while true {
      while at < characters.count, characters[at].isWhitespace { at += 1 }
      if at == characters.count { return terms }
      terms.append(try term())
    }
  }

  private mutating func term() throws(DiagnosticError) -> FilterExpression.Term {
    let start = at
    if characters[at] == "!" {
      at += 1
      if at == characters.count || characters[at].isWhitespace {
        throw error("'!' negates the term after it, but there is none", start)
      }
      return .not(try term())
    }
    if characters[at] == "\"" { return .text(try text()) }
    let word = self.word()
    if at < characters.count, characters[at] == ":" {
      at += 1
      return try property(word, start)
    }
    if let comparison = self.comparison() { return try number(word, comparison, start) }
    return .text(word)
  }

  private mutating func property(_ word: String, _ start: Int) throws(DiagnosticError) -> FilterExpression.Term {
    let place = at
    guard FilterExpression.words.contains(word) else {
      throw error(
        "unknown filter '\(word):'", start,
        help: NearestName.help(word, among: FilterExpression.words).isEmpty
          ? ["filters are \(FilterExpression.words.map { "\($0):" }.joined(separator: " "))"]
          : NearestName.help(word, among: FilterExpression.words))
    }
    let value = try text()
    if value.isEmpty {
      throw error("'\(word):' needs a value", place, help: ["for example \(Self.example[word] ?? "")"])
    }
    switch word {
    case "name": return .name(glob: value)
    case "type": return .type(value)
    default: return .state(value)
    }
  }

  private static let example = ["name": "name:res3*", "type": "type:Conv", "state": "state:F"]

  private mutating func number(
    _ word: String, _ comparison: FilterExpression.Comparison, _ start: Int
  ) throws(DiagnosticError) -> FilterExpression.Term {
    let names = FilterExpression.Field.allCases.map(\.rawValue)
    guard let field = FilterExpression.Field(rawValue: word == "cos" ? "chain" : word) else {
      if word.isEmpty {
        throw error(
          "'\(comparison.rawValue)' has nothing to compare before it", start, help: ["for example chain<.99"])
      }
      let near = NearestName.help(word, among: names)
      throw error(
        "'\(word)' is no number of a layer", start,
        help: near.isEmpty ? ["numbers are \(names.joined(separator: " "))"] : near)
    }
    let place = at
    let typed = try text()
    guard let value = Self.value(typed) else {
      let shown = typed.isEmpty ? "a number is missing after '\(comparison.rawValue)'" : "'\(typed)' is no number"
      throw error(shown, place, help: ["for example \(word)\(comparison.rawValue)\(field == .bits ? "8" : ".99")"])
    }
    return .number(field, comparison, value)
  }

  /// A finite number with an optional k, M or G.
  private static func value(_ text: String) -> Double? {
    let factors: [Character: Double] = ["k": 1e3, "M": 1e6, "G": 1e9]
    guard let last = text.last, text.allSatisfy({ $0.isASCII && !$0.isWhitespace }) else { return nil }
    let factor = factors[last] ?? 1
    let digits = factor == 1 ? text : String(text.dropLast())
    guard let value = Double(digits), value.isFinite, digits.contains(where: \.isNumber) else { return nil }
    return value * factor
  }

  // MARK: Characters

  /// Up to a space, a colon or a comparison.
  private mutating func word() -> String {
    let start = at
    while at < characters.count, !characters[at].isWhitespace, !":<>=\"".contains(characters[at]),
      !(characters[at] == "!" && at + 1 < characters.count && characters[at + 1] == "=")
    {
      at += 1
    }
    return String(characters[start..<at])
  }

  private mutating func comparison() -> FilterExpression.Comparison? {
    let rest = String(characters[at...].prefix(2))
    guard let found = FilterExpression.Comparison.allCases.first(where: { rest.hasPrefix($0.rawValue) }) else {
      return nil
    }
    at += found.rawValue.count
    return found
  }

  /// Up to a space, or what stands between double quotes.
  private mutating func text() throws(DiagnosticError) -> String {
    let start = at
    if at < characters.count, characters[at] == "\"" {
      at += 1
      while at < characters.count, characters[at] != "\"" { at += 1 }
      if at == characters.count { throw error("the quote is not closed", start) }
      at += 1
      return String(characters[(start + 1)..<(at - 1)])
    }
    while at < characters.count, !characters[at].isWhitespace { at += 1 }
    return String(characters[start..<at])
  }

  private func error(_ text: String, _ position: Int, help: [String] = []) -> DiagnosticError {
    DiagnosticError(text, at: SourceLocation(file: origin, line: 1, column: position + 1), help: help)
  }
}
