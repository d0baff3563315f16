import Diagnostics

extension Prompt {
  /// The filter of the layer list; it works while it is typed.
  static func filter(_ now: FilterExpression) -> Prompt {
    let rule = FieldRule(range: "text, name:res3*, type:Conv, state:F, bits>8, chain<.99, mac>2, !term") { text, _ in
      do {
        _ = try FilterExpression(parsing: text)
        return nil
      } catch { return (error as? any DiagnosticConvertible)?.diagnostics.first?.text ?? "\(error)" }
    }
    return Prompt(
      "filter: ", text: now.source, rule: rule,
      changed: { text, session, _ in
        if let parsed = try? FilterExpression(parsing: text) {
          session.tell(LayersScreen.self) { screen, session in screen.show(only: parsed, &session) }
        }
        return []
      },
      cancelled: { _, session, _ in
        session.tell(LayersScreen.self) { screen, session in screen.show(only: .everything, &session) }
        return []
      },
      accepted: { text, session, time in
        session.tell(LayersScreen.self) { screen, session in
          if screen.shown.isEmpty {
            session.say(.warning, "the filter '\(text)' finds nothing: Esc clears it", at: time)
          }
        }
        return []
      })
  }
}
