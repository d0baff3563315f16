/// A question before something that cannot be undone.
///
/// No is the default; Enter alone does nothing dangerous.
package struct ConfirmSheet: Equatable, Sendable {
  package let title: String
  package let lines: [String]
  /// What yes does, in two or three words: `delete run 12`.
  package let verb: String
  /// The key that answers yes: never the one that asked.
  package let yesKey: Key

  /// `askedBy`: the key that led here.
  package init(title: String, lines: [String], verb: String, askedBy: Key?) {
    self.title = title
    self.lines = lines
    self.verb = verb
    yesKey = askedBy == .character("y") ? .character("Y") : .character("y")
  }

  package enum Answer: Equatable, Sendable { case yes, no, undecided }

  /// Only the yes key is yes; `n`, Esc and Ctrl-C are no, and so is Enter; anything else leaves the sheet open.
  package func answer(to key: Key) -> Answer {
    switch key {
    case yesKey: .yes
    case .character("n"), .character("N"), .escape, .enter, .control("c"): .no
    default: .undecided
    }
  }
}

extension Canvas {
  package mutating func draw(_ sheet: ConfirmSheet, look: Look) {
    let said = sheet.lines.map { sentences[$0] }
    let width = min(size.columns - 4, max(44, (said + [sheet.title]).map { CellWidth.of($0) }.max() ?? 0) + 4)
    let lines = said.flatMap { TextClip.wrap($0, to: max(1, width - 4)) }
    let rect = bounds.centered(columns: width, rows: lines.count + 4)
    fill(rect, role: .dialog)
    let inner = drawFrame(rect, title: Words(sheet.title), isFocused: true, look: look).inset(columns: 1)
    for (index, line) in lines.enumerated() { put(line, in: inner, line: index, role: .dialog) }
    put(
      [
        Span(sheet.yesKey.name, .key), Span(" \(said: sheet.verb)", .dialogDanger), Span("   ", .dialog),
        Span("n", .key),
        Span(" \(look.strings.no) (Enter)", .dialog),
      ], in: inner, line: inner.rows - 1)
  }
}
