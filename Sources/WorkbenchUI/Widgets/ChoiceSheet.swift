/// A question with several answers; Esc and, where no answer takes it, Enter leave everything as it is.
package struct ChoiceSheet<Answer: Sendable>: Sendable {
  package struct Choice: Sendable {
    package let key: Key
    package let words: String
    package let answer: Answer
    package let isDangerous: Bool

    package init(_ key: Key, _ words: String, _ answer: Answer, isDangerous: Bool = false) {
      self.key = key
      self.words = words
      self.answer = answer
      self.isDangerous = isDangerous
    }
  }

  package let title: String
  package let lines: [Span]
  package let choices: [Choice]
  /// What Esc does, in the sheet's words.
  package let stay: String

  package init(title: String, lines: [Span], choices: [Choice], stay: String) {
    self.title = title
    self.lines = lines
    self.choices = choices
    self.stay = stay
  }

  /// The same question in other words.
  func worded(_ word: (String) -> String) -> ChoiceSheet {
    ChoiceSheet(
      title: word(title), lines: lines,
      choices: choices.map { Choice($0.key, word($0.words), $0.answer, isDangerous: $0.isDangerous) }, stay: word(stay))
  }

  package enum Outcome: Sendable {
    case answer(Answer)
    case closed, undecided
  }

  package func handle(_ key: Key) -> Outcome {
    if let choice = choices.first(where: { $0.key == key }) { return .answer(choice.answer) }
    switch key {
    case .escape, .enter, .control("c"), .character("n"), .character("q"): return .closed
    default: return .undecided
    }
  }
}

extension Canvas {
  package mutating func draw<Answer>(_ sheet: ChoiceSheet<Answer>, look: Look) {
    let sheet = sheet.worded { look.strings[$0] }
    let said = sheet.lines.map { (text: $0.said(sentences), role: $0.role) }
    let keys = sheet.choices.map { CellWidth.of($0.key.name) + 3 + CellWidth.of($0.words) }.reduce(0, +)
    let wanted = max(
      44, keys + CellWidth.of(sheet.stay) + 6,
      (said.map(\.text) + [sheet.title]).map { CellWidth.of($0) }.max() ?? 0)
    let width = min(size.columns - 4, wanted + 4)
    let lines = said.flatMap { span in
      CellWidth.of(span.text) <= width - 4
        ? [Span(span.text, span.role)] : TextClip.wrap(span.text, to: max(1, width - 4)).map { Span($0, span.role) }
    }
    let rect = bounds.centered(columns: width, rows: lines.count + 4)
    fill(rect, role: .dialog)
    let inner = drawFrame(rect, title: "\(sheet.title)", isFocused: true, look: look).inset(columns: 1)
    for (index, line) in lines.enumerated() { put([line], in: inner, line: index) }
    var spans: [Span] = []
    for choice in sheet.choices {
      spans += [
        Span(choice.key.name, .key), Span(" \(choice.words)", choice.isDangerous ? .dialogDanger : .dialog),
        Span("  ", .dialog),
      ]
    }
    put(spans + [Span("Esc", .key), Span(" \(sheet.stay)", .dialog)], in: inner, line: inner.rows - 1)
  }
}
