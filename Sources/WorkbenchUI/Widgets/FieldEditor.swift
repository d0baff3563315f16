/// What a field accepts.
///
/// Bad input stays in the field with the reason; nothing is written until it is valid.
package struct FieldRule: Sendable {
  /// The range as shown to the person: `8..16`, `(0,1)`.
  package let range: String
  /// The reason why a text is refused; `nil` when it is valid.
  package let problem: @Sendable (_ text: String, _ strings: Strings) -> String?
  /// The text one step up (+1) or down (-1); `nil` where steps make no sense.
  package let step: @Sendable (_ text: String, _ direction: Int) -> String?
  /// The text as far as Tab can write it on; `nil` where it cannot.
  package let complete: @Sendable (_ text: String) -> String?

  package init(
    range: String, problem: @escaping @Sendable (String, Strings) -> String?,
    step: @escaping @Sendable (String, Int) -> String? = { _, _ in nil },
    complete: @escaping @Sendable (String) -> String? = { _ in nil }
  ) {
    self.range = range
    self.problem = problem
    self.step = step
    self.complete = complete
  }

  package static func integer(_ range: ClosedRange<Int>) -> FieldRule {
    let shown = "\(range.lowerBound)..\(range.upperBound)"
    return FieldRule(
      range: shown,
      problem: { text, strings in
        guard let value = Int(text.trimmed) else { return strings.notAWholeNumber }
        return range.contains(value) ? nil : strings.outOfRange(shown)
      },
      step: { text, direction in
        guard let value = Int(text.trimmed) else { return nil }
        return String(
          min(max(range.lowerBound, value.addingReportingOverflow(direction).partialValue), range.upperBound))
      })
  }

  /// One of many names: Tab writes on as far as they agree, arrows go through them.
  package static func name(
    of names: [String], first: String? = nil, problem: @escaping @Sendable (String, Strings) -> String?
  ) -> FieldRule {
    let shown = names.prefix(12).joined(separator: ", ") + (names.count > 12 ? ", .." : "")
    return FieldRule(
      range: "Tab completes, arrows go through \(names.count): \(shown)", problem: problem,
      step: { text, direction in
        guard !names.isEmpty else { return nil }
        if let now = names.firstIndex(of: text) { return names[(now - direction + names.count) % names.count] }
        let start = text.isEmpty ? first : names.first { $0.lowercased().hasPrefix(text.lowercased()) }
        return start ?? names.first
      },
      complete: { text in
        let fitting = names.filter { $0.lowercased().hasPrefix(text.lowercased()) }
        guard let one = fitting.first else { return nil }
        return fitting.dropFirst().reduce(one) { $0.commonPrefix(with: $1) }
      })
  }

  /// A finite number, exponent notation accepted; the text is kept as typed (`0.70` stays `0.70`).
  ///
  /// `shown`: the range as a person writes it, since bounds may be excluded.
  package static func number(_ shown: String, accepts: @escaping @Sendable (Double) -> Bool) -> FieldRule {
    FieldRule(range: shown) { text, strings in
      guard let value = Double(text.trimmed), value.isFinite else { return strings.notANumber }
      return accepts(value) ? nil : strings.outOfRange(shown)
    }
  }

  /// One of some words; steps go round.
  package static func choice(_ words: [String]) -> FieldRule {
    let shown = words.joined(separator: " / ")
    return FieldRule(
      range: shown,
      problem: { text, strings in words.contains(text.trimmed) ? nil : strings.outOfRange(shown) },
      step: { text, direction in
        guard !words.isEmpty else { return nil }
        let now = words.firstIndex(of: text.trimmed) ?? 0
        return words[((now + direction) % words.count + words.count) % words.count]
      })
  }

  package static let anyText = FieldRule(range: "") { _, _ in nil }
}

extension String {
  fileprivate func commonPrefix(with other: String) -> String {
    String(zip(self, other).prefix { $0 == $1 }.map(\.0))
  }

  /// Without spaces at both ends.
  var trimmed: String {
    let head = drop(while: \.isWhitespace)
    return String(head.reversed().drop(while: \.isWhitespace).reversed())
  }
}

/// A field being edited: its text, its rule and the reason it is refused for now.
package struct FieldEditor: Sendable {
  package private(set) var field: TextField
  package let rule: FieldRule
  package let strings: Strings
  package private(set) var problem: String?
  private let original: String

  package init(text: String, rule: FieldRule, strings: Strings = .english) {
    field = TextField(text)
    self.rule = rule
    self.strings = strings
    original = text
  }

  package enum Outcome: Equatable, Sendable {
    case editing
    /// Enter on a valid text; the text without spaces around it.
    case accepted(String)
    case cancelled
    /// Not a key of the editor.
    case ignored
  }

  package mutating func handle(_ key: Key) -> Outcome {
    switch key {
    case .escape, .control("c"): return .cancelled
    case .enter:
      problem = rule.problem(field.text, strings)
      return problem == nil ? .accepted(field.text.trimmed) : .editing
    case .up, .down:
      guard let next = rule.step(field.text, key == .up ? 1 : -1) else { return .ignored }
      field = TextField(next)
    case .tab:
      guard let whole = rule.complete(field.text) else { return .ignored }
      field = TextField(whole)
    default:
      guard field.handle(key) else { return .ignored }
    }
    // While typing only an old complaint is renewed: "1" is on its way to "12".
    if problem != nil { problem = rule.problem(field.text, strings) }
    return .editing
  }

  package mutating func paste(_ text: String) { field.insert(text) }

  package var isChanged: Bool { field.text != original }
}

extension Canvas {
  /// Draws the editor on one line, and on the next, when there is one, the complaint or the range.
  package mutating func draw(_ editor: FieldEditor, in rect: Rect) {
    draw(editor.field, in: rect.line(0), isValid: editor.problem == nil)
    if let problem = editor.problem {
      put(problem, in: rect, line: 1, role: .inputBad)
    } else {
      put(editor.rule.range, in: rect, line: 1, role: .textDim)
    }
  }
}
