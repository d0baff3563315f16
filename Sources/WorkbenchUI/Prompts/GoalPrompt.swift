import Diagnostics
import QuantEngine

extension Prompt {
  /// What tuning is to reach and how far it may go; kept with the project.
  static func goal(_ now: TuningGoal) -> Prompt {
    let rule = FieldRule(range: "least output cosine, then limits where wanted: layers N (out of int8), mac N%") {
      text, _ in
      do throws(DiagnosticError) {
        _ = try TuningGoal(parsing: text)
        return nil
      } catch { return error.diagnostics.first?.text }
    }
    return Prompt("goal: output cos >= ", text: now.text, rule: rule) { text, session, time in
      guard let goal = try? TuningGoal(parsing: text), goal != session.goal else { return [] }
      session.goal = goal
      session.say(.info, "goal: output cos >= \(goal.text)", at: time)
      return [.effect(.keepGoal(goal))]
    }
  }
}
