/// A line that is typed below the screen: what it asks for, what it accepts, what is done with it.
///
/// A prompt is an extension of this type in a file of its own in this folder; `session.ask(.x(...))` shows it. What it
/// does to a screen goes through `session.tell`.
struct Prompt: Sendable {
  typealias Step = @Sendable (_ text: String, _ session: inout Session, _ time: Duration) -> [Request<AppEffect>]

  /// With a colon and a space at its end.
  let title: String
  private(set) var editor: FieldEditor
  /// Done while text is typed.
  private let changed: Step
  private let cancelled: Step
  /// Done with a text that the rule lets through.
  private let accepted: Step

  init(
    _ title: String, text: String, rule: FieldRule, changed: @escaping Step = { _, _, _ in [] },
    cancelled: @escaping Step = { _, _, _ in [] }, accepted: @escaping Step
  ) {
    self.title = title
    editor = FieldEditor(text: text, rule: rule)
    self.changed = changed
    self.cancelled = cancelled
    self.accepted = accepted
  }

  enum Outcome { case stay, close }

  mutating func press(
    _ key: Key, _ session: inout Session, at time: Duration
  ) -> (Outcome, [Request<AppEffect>]) {
    switch editor.handle(key) {
    case .editing, .ignored: (.stay, changed(editor.field.text, &session, time))
    case .cancelled: (.close, cancelled(editor.field.text, &session, time))
    case .accepted(let text): (.close, accepted(text, &session, time))
    }
  }

  mutating func paste(_ text: String, _ session: inout Session, at time: Duration) -> [Request<AppEffect>] {
    editor.paste(text)
    return changed(editor.field.text, &session, time)
  }
}

extension Session {
  /// Gives something to the prompt; one that it asks for takes its place.
  mutating func withPrompt(
    _ body: (inout Prompt, inout Session) -> (Prompt.Outcome, [Request<AppEffect>])
  ) -> [Request<AppEffect>] {
    guard var asked = prompt else { return [] }
    prompt = nil
    let (outcome, requests) = body(&asked, &self)
    if outcome == .stay, prompt == nil { prompt = asked }
    return requests
  }
}

extension Canvas {
  /// Draws the prompt in place of message and keys.
  mutating func draw(_ prompt: Prompt) {
    let editor = prompt.editor
    let line = Rect(column: 1, row: size.rows - Chrome.rowsBelow, columns: size.columns - 2, rows: 1)
    fill(Rect(row: line.row, columns: size.columns, rows: 2))
    let width = put(Words(prompt.title), in: line, role: .key)
    draw(editor.field, in: line.splitColumns(width).rest, isValid: editor.problem == nil)
    let help = Rect(column: 1, row: line.row + 1, columns: line.columns, rows: 1)
    put(Words(editor.problem ?? editor.rule.range), in: help, role: editor.problem == nil ? .textDim : .inputBad)
  }
}
