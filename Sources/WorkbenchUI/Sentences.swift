/// Sentences of a language by their English.
package struct Sentences: Sendable {
  private struct Template: Sendable {
    /// What stands before, between and behind the words that vary.
    let parts: [String]
    let other: [String]
  }

  private var whole: [String: String] = [:]
  /// By the first character of the English; those that begin with braces come under `nil`.
  private var templates: [Character?: [Template]] = [:]

  package init() {}

  /// - Precondition: both sides of a pair have as many braces.
  init(_ pairs: [(String, String)]) {
    for (english, other) in pairs {
      let (parts, others) = (Self.parts(english), Self.parts(other))
      precondition(parts.count == others.count, "'\(english)' and its translation differ in what they hold")
      if parts.count == 1 {
        whole[english] = other
      } else {
        templates[parts[0].first, default: []].append(Template(parts: parts, other: others))
      }
    }
  }

  /// The sentence in this language; the English where there is none.
  subscript(_ english: String) -> String {
    if whole.isEmpty { return english }
    if let found = whole[english] { return found }
    for template in (templates[english.first] ?? []) + (templates[nil] ?? []) {
      if let found = Self.fill(template, from: english) { return found }
    }
    return english
  }

  /// Whether there is a sentence for this English.
  func has(_ english: String) -> Bool { self[english] != english }

  private static func parts(_ text: String) -> [String] {
    var parts = [""]
    var letters = text[...]
    while let letter = letters.popFirst() {
      if letter == "{", letters.first == "}" {
        letters.removeFirst()
        parts.append("")
      } else {
        parts[parts.count - 1].append(letter)
      }
    }
    return parts
  }

  private static func fill(_ template: Template, from text: String) -> String? {
    guard text.hasPrefix(template.parts[0]), let end = template.parts.last, text.hasSuffix(end) else { return nil }
    let body = text.dropFirst(template.parts[0].count)
    guard body.count >= end.count else { return nil }
    var rest = body.dropLast(end.count)
    var result = template.other[0]
    for index in 1..<(template.parts.count - 1) {
      guard let range = firstRange(of: template.parts[index], in: rest), range.lowerBound > rest.startIndex else {
        return nil
      }
      result += rest[..<range.lowerBound] + template.other[index]
      rest = rest[range.upperBound...]
    }
    return rest.isEmpty ? nil : result + rest + template.other[template.other.count - 1]
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
  package subscript(_ english: String) -> String { sentences[english] }

  /// A title: as a whole, or its first word before a colon or a comma (`Log, following`).
  func title(_ english: String) -> String {
    let found = sentences[english]
    if found != english { return found }
    guard let end = english.firstIndex(where: { $0 == ":" || $0 == "," }) else { return english }
    return sentences[String(english[..<end])] + english[end...]
  }
}
