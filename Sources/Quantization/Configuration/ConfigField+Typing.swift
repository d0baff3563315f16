import Diagnostics

extension ConfigField {
  /// Reads what a user typed for this parameter. Numbers keep their text where JSON can hold it (`.5` becomes `0.5`).
  /// - Throws: why it is refused; the legal range as help.
  package func parse(_ text: String) throws(DiagnosticError) -> ConfigValue {
    let text = text.trimmed
    guard let value = value(typed: text) else { throw refusal("\(key) needs \(needed), is '\(text)'") }
    if let problem = problem(value) { throw refusal(problem) }
    return value
  }

  func refusal(_ reason: String) -> DiagnosticError { DiagnosticError(reason, help: ["\(key): \(rangeText)"]) }

  private var needed: String {
    switch kind {
    case .flag: "true or false"
    case .integer: "a whole number"
    case .real: "a number"
    case .range: "two numbers"
    case .string, .names, .choice: "text"
    }
  }

  private func value(typed text: String) -> ConfigValue? {
    switch kind {
    case .flag: return text == "true" ? .flag(true) : text == "false" ? .flag(false) : nil
    case .integer:
      if JSONNumber.isInteger(text) { return .number(text) }
      return Int(text).map { .number("\($0)") }
    case .real: return Self.number(text).map(ConfigValue.number)
    case .string, .choice: return .string(text)
    case .range:
      let parts = Self.items(text).flatMap { $0.split(whereSeparator: \.isWhitespace).map(String.init) }
      let numbers = parts.compactMap(Self.number)
      guard parts.count == 2, numbers.count == 2 else { return nil }
      return .range(numbers[0], numbers[1])
    case .names: return .names(Self.items(text).filter { !$0.isEmpty })
    }
  }

  private static func number(_ text: String) -> String? {
    if JSONNumber.isNumber(text) { return text }
    guard let value = Double(text), value.isFinite else { return nil }
    return "\(value)"
  }

  /// Comma-separated items, with or without brackets around them and quotes around each.
  private static func items(_ text: String) -> [String] {
    var inner = text[...]
    if inner.hasPrefix("["), inner.hasSuffix("]") { inner = inner.dropFirst().dropLast() }
    return inner.split(separator: ",", omittingEmptySubsequences: false).map { item in
      let word = String(item).trimmed
      return word.count >= 2 && word.hasPrefix("\"") && word.hasSuffix("\"") ? String(word.dropFirst().dropLast()) : word
    }
  }
}

extension String {
  fileprivate var trimmed: String {
    let start = drop(while: \.isWhitespace)
    return String(start.reversed().drop(while: \.isWhitespace).reversed())
  }
}
