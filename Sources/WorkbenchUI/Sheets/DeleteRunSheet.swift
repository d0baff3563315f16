import QuantEngine

/// Before a run goes with everything in its folder.
struct DeleteRunSheet: QuestionSheet {
  enum Answer: Sendable { case delete }

  let question: ChoiceSheet<Answer>
  private let run: Int

  init(_ summary: RunSummary) {
    run = summary.number ?? 0
    let name = summary.labelLine.isEmpty ? "" : " (\(TextClip.cut(summary.labelLine, to: 40)))"
    question = ChoiceSheet(
      title: "Delete run \(run)\(name)?",
      lines: [
        Span("Its folder goes with models, factors and results. This cannot be undone."),
        Span("Models written elsewhere stay; its number is not used again."),
      ], choices: [.init(.character("y"), "delete run \(run)", .delete, isDangerous: true)], stay: "keep it")
  }

  func take(_ answer: Answer, _ session: inout Session, at time: Duration) -> SheetOutcome {
    .done([.effect(.changeRun(run, .delete))])
  }
}
