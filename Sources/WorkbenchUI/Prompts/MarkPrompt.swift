import Diagnostics
import QuantEngine

/// Marks of the candidates of screen 6.
extension Prompt {
  /// Sets the threshold of all screens, and marks what is under it by the metric that ranks.
  static func markUnder(_ session: Session, _ metric: TuneRanking.Metric) -> Prompt {
    let title = metric == .own ? "mark own steps over 1 - " : "mark layers with \(metric.rawValue) under "
    return Prompt(
      title, text: PlotNumber.text(session.threshold),
      rule: .number("above 0, below 1; it is the threshold of all screens") { $0 > 0 && $0 < 1 }
    ) { text, session, time in
      session.threshold = Double(text) ?? session.threshold
      session.tell(TuneScreen.self) { screen, session in
        screen.refresh(session)
        let (ranking, threshold) = (screen.ranking, session.threshold)
        let words =
          metric == .own
          ? "own step over \(PlotNumber.text(1 - threshold)) behind good inputs"
          : "\(metric.rawValue) under \(PlotNumber.text(threshold))"
        screen.mark(words, &session, at: time) { ranking.isUnder(ranking.candidates[$0], threshold) }
      }
      return []
    }
  }

  /// - Parameter count: candidates there are.
  static func markTop(_ count: Int) -> Prompt {
    Prompt("mark the first: ", text: "\(min(3, count))", rule: .integer(1...max(1, count))) { text, session, time in
      guard let wanted = Int(text) else { return [] }
      session.tell(TuneScreen.self) { screen, session in
        screen.mark("head of the ranking", &session, at: time) { $0 < wanted }
      }
      return []
    }
  }

  /// Marks all candidates that a filter finds; the list stays as it is.
  static func markFilter() -> Prompt {
    let rule = FieldRule(range: "text, name:res3*, type:Conv, state:F, bits>8, chain<.99, mac>2, par<1000, !term") {
      text, strings in
      if text.isEmpty { return strings.empty }
      do {
        _ = try FilterExpression(parsing: text)
        return nil
      } catch { return (error as? any DiagnosticConvertible)?.diagnostics.first?.text ?? "\(error)" }
    }
    return Prompt("mark what fits: ", text: "", rule: rule) { text, session, time in
      guard let filter = try? FilterExpression(parsing: text) else { return [] }
      session.tell(TuneScreen.self) { screen, session in
        guard let workspace = session.workspace else { return }
        let (candidates, threshold) = (screen.ranking.candidates, session.threshold)
        screen.mark("filter '\(text)'", &session, at: time) {
          filter.matches(
            LayerItem(row: workspace.rows[candidates[$0].row], workspace: workspace, threshold: threshold))
        }
      }
      return []
    }
  }
}
