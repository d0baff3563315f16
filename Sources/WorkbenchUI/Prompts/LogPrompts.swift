extension Prompt {
  /// Words that a line of the log must have; works while it is typed.
  static func logFilter(_ now: String) -> Prompt {
    @Sendable func show(_ text: String, _ session: inout Session) {
      session.tell(LogScreen.self) { screen, session in screen.show(only: text.trimmed, session) }
    }
    return Prompt(
      "lines with: ", text: now, rule: FieldRule(range: "words, or the name of a layer") { _, _ in nil },
      changed: { text, session, _ in
        show(text, &session)
        return []
      },
      cancelled: { _, session, _ in
        show("", &session)
        return []
      },
      accepted: { _, _, _ in [] })
  }

  /// Where the log goes.
  static func saveLog(_ log: String) -> Prompt {
    let rule = FieldRule(range: "a file") { text, strings in
      text.trimmed.isEmpty ? strings.empty : text.hasSuffix("/") ? "a name must follow the folder" : nil
    }
    return Prompt("write the log to: ", text: "cortado.log", rule: rule) { text, _, _ in
      [.effect(.write(text: log, path: text.trimmed, overwriting: false))]
    }
  }
}
