/// Before a run is cancelled that has cost more than a few seconds.
struct CancelSheet: QuestionSheet {
  enum Answer: Sendable { case cancel }

  /// A younger run is cancelled without a question.
  static let patience = Duration.seconds(10)

  let question: ChoiceSheet<Answer>

  /// `nil` when no run is under way.
  init?(_ session: Session) {
    guard let job = session.job, job.isRunning else { return nil }
    let kept = job.progress.finishedLayers
    question = ChoiceSheet(
      title: "Cancel run \(job.run)?",
      lines: [
        Span("It stops after the step under way; its folder and log stay."),
        Span(
          kept == 0
            ? "No layer is finished yet: the next run begins anew."
            : "Its \(Digits.plural(kept, "finished layer")) are kept: the next run reuses them."),
      ],
      choices: [.init(.character("y"), "cancel the run", .cancel, isDangerous: true)], stay: "let it run")
  }

  func take(_ answer: Answer, _ session: inout Session, at time: Duration) -> SheetOutcome {
    .done(session.cancelJob(at: time))
  }

  /// A question about a run that has just ended has no answer any more.
  func hear(_ news: AppNews, _ session: inout Session, at time: Duration) -> SheetOutcome {
    if case .ended = news { .close } else { .stay }
  }
}
