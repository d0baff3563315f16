/// Sentences of a language by their English.
///
/// `{}` stands for any words, `{#}` for a number.
package struct Sentences: Equatable, Sendable {
  private struct Template: Equatable, Sendable {
    /// What stands before, between and behind the words that vary.
    let parts: [String]
    let other: [String]
    /// Which of the words that vary are numbers.
    let isNumber: [Bool]
  }

  private var whole: [String: String] = [:]
  /// By the first character of the English, those that begin with braces everywhere, the longest first.
  private var templates: [Character?: [Template]] = [:]
  /// By the English with braces.
  private var byKey: [String: [String]] = [:]

  package init() {}

  /// The words that do not vary.
  private static func order(_ template: Template) -> Int { template.parts.reduce(0) { $0 + $1.count } }

  /// - Precondition: both sides of a pair have as many braces.
  init(_ pairs: [(String, String)]) {
    for (english, other) in pairs {
      let ((parts, isNumber), others) = (Self.parts(english), Self.parts(other).texts)
      precondition(parts.count == others.count, "'\(english)' and its translation differ in what they hold")
      if parts.count == 1 {
        whole[english] = other
      } else {
        templates[parts[0].first, default: []].append(Template(parts: parts, other: others, isNumber: isNumber))
        byKey[parts.joined(separator: "{}")] = others
      }
    }
    let open = templates[nil] ?? []
    for first in templates.keys {
      let all = first == nil ? open : (templates[first] ?? []) + open
      templates[first] = all.sorted { Self.order($0) > Self.order($1) }
    }
  }

  /// The sentence in this language; the English where there is none.
  @_disfavoredOverload
  subscript(_ english: String) -> String {
    if whole.isEmpty { return english }
    if let found = whole[english] { return found }
    for template in templates[english.first] ?? templates[nil] ?? [] {
      if let found = fill(template, from: english) { return found }
    }
    return english
  }

  var isEmpty: Bool { whole.isEmpty }

  /// The parts around what varies, by the English with braces.
  func parts(of key: String) -> [String] { byKey[key] ?? Self.parts(key).texts }

  /// Sentences with commas between them, each by itself.
  func each(_ english: String, separator: String = ", ") -> String {
    if isEmpty { return english }
    return english.split(separator: separator).map { self[String($0)] }.joined(separator: separator)
  }

  /// What varies in a sentence: a name, which has no spaces, stays; a sentence is looked up.
  subscript(argument text: String) -> String {
    guard let first = text.firstIndex(where: { $0 != " " }), let last = text.lastIndex(where: { $0 != " " }),
      text[first...last].contains(" ")
    else { return text }
    return text[..<first] + self[String(text[first...last])] + text[text.index(after: last)...]
  }

  /// Whether the catalogue has this sentence, braces and all.
  func knows(_ key: String) -> Bool { whole[key] != nil || byKey[key] != nil }

  /// Whether there is a sentence for this English.
  func has(_ english: String) -> Bool { self[english] != english }

  private static func parts(_ text: String) -> (texts: [String], isNumber: [Bool]) {
    var (parts, isNumber) = ([""], [Bool]())
    var letters = text[...]
    while !letters.isEmpty {
      if letters.hasPrefix("{}") || letters.hasPrefix("{#}") {
        isNumber.append(letters.hasPrefix("{#}"))
        letters.removeFirst(isNumber.last == true ? 3 : 2)
        parts.append("")
      } else {
        parts[parts.count - 1].append(letters.removeFirst())
      }
    }
    return (parts, isNumber)
  }

  private func fill(_ template: Template, from text: String) -> String? {
    guard text.hasPrefix(template.parts[0]), let end = template.parts.last, text.hasSuffix(end) else { return nil }
    let body = text.dropFirst(template.parts[0].count)
    guard body.count >= end.count else { return nil }
    var rest = body.dropLast(end.count)
    var words: [Substring] = []
    for part in template.parts.dropFirst().dropLast() {
      guard let range = Self.firstRange(of: part, in: rest), range.lowerBound > rest.startIndex else { return nil }
      words.append(rest[..<range.lowerBound])
      rest = rest[range.upperBound...]
    }
    words.append(rest)
    guard
      zip(words, template.isNumber).allSatisfy({
        !$0.isEmpty && (!$1 || $0.allSatisfy { $0.isNumber || ",.".contains($0) })
      })
    else { return nil }
    return zip(words, template.other.dropFirst()).reduce(template.other[0]) { $0 + self[argument: String($1.0)] + $1.1 }
  }

  private static func firstRange(of part: String, in text: Substring) -> Range<Substring.Index>? {
    var start = text.startIndex
    while start < text.endIndex {
      if text[start...].hasPrefix(part) {
        return start..<text.index(start, offsetBy: part.count)
      }
      start = text.index(after: start)
    }
    return nil
  }
}

extension Strings {
  /// A sentence of the screens in this language, looked up by its English; the English where there is none.
  @_disfavoredOverload
  package subscript(_ english: String) -> String { sentences[english] }

  package subscript(_ words: Words) -> String { sentences[words] }
}
