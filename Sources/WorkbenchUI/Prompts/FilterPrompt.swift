import Diagnostics

extension Prompt {
  /// The filter of the layer list; it works while it is typed, and Esc goes back to the one before.
  static func filter(_ now: FilterExpression) -> Prompt {
    let rule = FieldRule(range: "text, name:res3*, type:Conv, state:F, bits>8, chain<.99, mac>2, !term") { text, _ in
      do throws(DiagnosticError) {
        _ = try FilterExpression(parsing: text)
        return nil
      } catch { return problem(error) }
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
        session.tell(LayersScreen.self) { screen, session in screen.show(only: now, &session) }
        return []
      },
      accepted: { text, session, time in
        session.tell(LayersScreen.self) { screen, session in
          screen.keepFilter()
          guard screen.isEmptyByFilter else { return }
          let near = screen.nearNames.isEmpty ? "" : "; near: \(screen.nearNames.joined(separator: ", "))"
          session.say(.warning, "the filter '\(text)' finds nothing\(near)", at: time)
        }
        return []
      })
  }

  /// `column 7: 'chian' is no number of a layer; did you mean 'chain'?`
  private static func problem(_ error: DiagnosticError) -> String {
    guard let first = error.diagnostics.first else { return "\(error)" }
    let place = first.location.map { "column \($0.column): " } ?? ""
    return ([place + first.text] + first.help).joined(separator: "; ")
  }
}
