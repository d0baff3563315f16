/// Before leaving while something would be lost, or goes on.
struct QuitSheet: QuestionSheet {
  enum Answer: Sendable { case saveAndQuit, quit, discardAndQuit, cancelAndQuit }

  let question: ChoiceSheet<Answer>
  /// It asks about the run under way.
  private let isAboutJob: Bool

  /// `nil` when there is nothing to ask.
  init?(_ session: Session) {
    // Edits that are not one's own are not one's own to lose, and so are runs.
    if session.hold != nil { return nil }
    let isUnsaved = session.workspace?.isUnsaved ?? false
    let running = session.job.flatMap { $0.isRunning ? $0 : nil }
    if !isUnsaved, running == nil { return nil }
    var lines: [Span] = []
    var choices: [ChoiceSheet<Answer>.Choice] = []
    if let running {
      lines.append(
        Span(
          "Run \(running.run) is \(running.isPaused ? "paused" : "under way"): \(RunScreen.summary(running.progress)).")
      )
    }
    if isUnsaved {
      let files = session.workspace?.unsavedFiles ?? []
      let what =
        files == ["config.json"] ? "The config has" : files.count > 1 ? "Config and recipe have" : "The recipe has"
      lines.append(Span("\(what) changes that are not saved."))
      choices.append(.init(.character("s"), running == nil ? "save and quit" : "save, leave it running", .saveAndQuit))
    }
    if running != nil {
      choices.append(
        .init(
          .character("l"),
          isUnsaved ? "leave unsaved" : running?.isPaused == true ? "leave it paused" : "leave it running", .quit))
      choices.append(.init(.character("c"), "cancel it and quit", .cancelAndQuit, isDangerous: true))
    } else {
      choices.append(.init(.character("d"), "discard and quit", .discardAndQuit, isDangerous: true))
    }
    question = ChoiceSheet(title: "Quit?", lines: lines, choices: choices, stay: "stay")
    isAboutJob = running != nil
  }

  func take(_ answer: Answer, _ session: inout Session, at time: Duration) -> SheetOutcome {
    switch answer {
    case .saveAndQuit:
      // A question about config.json comes first.
      session.quitsAfterSave = session.outside == nil
      return .done(session.save())
    case .quit: return .done([.quit(status: 0)])
    case .discardAndQuit:
      session.workspace?.discardUnsaved()
      return .done([.quit(status: 0)])
    case .cancelAndQuit:
      session.quitsAfterJob = true
      return .done(session.cancelJob(at: time))
    }
  }

  /// A question about a run that has just ended has no answer any more.
  func hear(_ news: AppNews, _ session: inout Session, at time: Duration) -> SheetOutcome {
    if case .ended = news, isAboutJob { .close } else { .stay }
  }
}
