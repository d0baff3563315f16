import QuantEngine

/// What the person probably wants to do next, and its key.
struct NextStep: Sendable {
  let key: String
  let words: String
  private let action: String

  /// `nil` while no model is open.
  init?(_ session: Session) {
    guard let workspace = session.workspace else { return nil }
    let bad = session.badCount
    if let job = session.job, job.isRunning {
      self.init("4", "watch run \(job.run)", RunScreen.command.name)
    } else if workspace.images == nil {
      self.init("2", "look at the layers; a run needs images: start with --images FOLDER", LayersScreen.command.name)
    } else if workspace.last == nil {
      self.init("r", "start the first run, by default settings", SharedAction.run.rawValue)
    } else if workspace.editCount > 0 {
      self.init("r", "measure \(Digits.plural(workspace.editCount, "edit"))", SharedAction.run.rawValue)
    } else if bad > 0 {
      self.init(
        "5", "look at the \(Digits.plural(bad, "layer")) under \(PlotNumber.text(session.threshold))",
        CompareScreen.command.name)
    } else if workspace.isUnsaved {
      self.init("S", "save the config", SharedAction.save.rawValue)
    } else if let run = workspace.last?.number, session.project?.savedTo != nil, session.project?.savedRun == run {
      self.init("7", "all is done: its report, other runs", RunsScreen.command.name)
    } else {
      self.init("w", "write the models of run \(workspace.last?.number ?? 0)", SharedAction.write.rawValue)
    }
  }

  private init(_ key: String, _ words: String, _ action: String) {
    self.key = key
    self.words = words
    self.action = action
  }

  func go(_ session: inout Session) { session.perform(action) }
}
