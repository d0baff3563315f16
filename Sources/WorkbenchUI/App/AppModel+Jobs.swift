import Diagnostics
import QuantEngine
import Quantization

/// Runs: started, watched, cancelled; and leaving the program, which they have a say in.
extension AppModel {
  mutating func openStartSheet(at time: Duration) {
    guard let workspace, let images = workspace.images else { return }
    let used = workspace.config.batchNum.multipliedReportingOverflow(by: images.batchSize)
    let enough = !used.overflow && used.partialValue <= images.count
    var lines = [
      Span(
        "images   \(used.overflow ? "too many" : "\(used.partialValue)") of \(images.count) found"
          + "  (batch_num \(workspace.config.batchNum) x batch size \(images.batchSize))", enough ? .text : .inputBad)
    ]
    if !enough { lines.append(Span("         too few images: lower batch_num with -", .inputBad)) }
    let count = workspace.enabledCount
    lines.append(Span("layers   \(count) to calibrate of \(workspace.quantizableCount) that can be"))
    if workspace.last != nil {
      let edits = workspace.editCount
      lines.append(Span("changed  \(edits == 0 ? "nothing" : Digits.plural(edits, "setting")) since run \(workspace.last?.number ?? 0)"))
    }
    lines.append(Span("then     models, factors and comparison go to a folder of their own below .cortado/runs"))
    if workspace.isUnsaved { lines.append(Span("config   not saved: the run uses what the screen shows")) }
    if count == 0 { lines.append(Span("no layer is quantised: x turns one on", .inputBad)) }
    var choices: [ChoiceSheet<Answer>.Choice] = []
    if enough, count > 0 { choices.append(.init(.enter, "start", .start)) }
    choices.append(.init(.character("+"), "more batches", .moreBatches))
    if workspace.config.batchNum > 1 { choices.append(.init(.character("-"), "fewer", .fewerBatches)) }
    sheet = .choice(ChoiceSheet(title: "Start a run", lines: lines, choices: choices, stay: "not now"))
  }

  mutating func take(_ answer: Answer, at time: Duration) -> [Request<AppEffect>] {
    sheet = nil
    switch answer {
    case .start:
      guard let workspace else { return [] }
      isStarting = true
      isFollowing = true
      go(.run)
      return [.effect(.start(workspace.config))]
    case .moreBatches, .fewerBatches:
      guard let workspace else { return [] }
      let now = workspace.config.batchNum
      let next = max(1, answer.isMore ? now.addingReportingOverflow(1).partialValue : now - 1)
      edit("batch_num \(now) -> \(next)", at: time) {
        try $0.set(ConfigPath(.batchNum), text: "\(next)", graph: workspace.graph)
      }
      openStartSheet(at: time)
    case .cancel: return cancelJob(at: time)
    case .saveAndQuit:
      quitsAfterSave = true
      return save(at: time)
    case .quit: return [.quit(status: 0)]
    case .cancelAndQuit:
      quitsAfterJob = true
      return cancelJob(at: time)
    case .overwrite(let run, let prefix): return [.effect(.export(run: run, prefix: prefix, overwriting: true))]
    }
    return []
  }

  private mutating func cancelJob(at time: Duration) -> [Request<AppEffect>] {
    guard job?.isRunning == true else { return quitsAfterJob ? [.quit(status: 0)] : [] }
    job?.isCancelling = true
    say(.info, "cancelling run \(job?.run ?? 0): it ends after the step under way", at: time)
    return [.effect(.cancel)]
  }

  mutating func askCancel() {
    guard let job, job.isRunning else { return }
    sheet = .choice(
      ChoiceSheet(
        title: "Cancel run \(job.run)?", lines: [Span("It stops after the step under way; its folder and log stay.")],
        choices: [.init(.character("y"), "cancel the run", .cancel, isDangerous: true)], stay: "let it run"))
  }

  /// Closes what lies over the screen, then quits; asks when something would be lost.
  mutating func quit(at time: Duration) -> [Request<AppEffect>] {
    if isDetailOverList {
      focus = .list
      return []
    }
    let isUnsaved = workspace?.isUnsaved ?? false
    let running = job.flatMap { $0.isRunning ? $0 : nil }
    if !isUnsaved, running == nil { return [.quit(status: 0)] }
    var lines: [Span] = []
    var choices: [ChoiceSheet<Answer>.Choice] = []
    if let running {
      lines.append(Span("Run \(running.run) is under way: \(RunScreen.summary(running.progress))."))
    }
    if isUnsaved {
      lines.append(Span("The config has changes that are not saved."))
      choices.append(.init(.character("s"), running == nil ? "save and quit" : "save, leave it running", .saveAndQuit))
    }
    if running != nil {
      choices.append(.init(.character("l"), isUnsaved ? "leave unsaved" : "leave it running", .quit))
      choices.append(.init(.character("c"), "cancel it and quit", .cancelAndQuit, isDangerous: true))
    } else {
      choices.append(.init(.character("d"), "discard and quit", .quit, isDangerous: true))
    }
    sheet = .choice(ChoiceSheet(title: "Quit?", lines: lines, choices: choices, stay: "stay"))
    return []
  }

  // MARK: News

  mutating func hear(_ news: AppNews, at time: Duration) -> [Request<AppEffect>] {
    switch news {
    case .opened(let project):
      let fresh = Workspace(project)
      workspace = fresh
      opening = .open
      cursor = project.rows.first { $0.isQuantizable }?.index
      say(
        .info,
        "\(title): \(project.rows.count) layers, \(fresh.enabledCount) quantised, "
          + "\(Digits.count(fresh.totalParams)) parameters, \(Digits.count(fresh.totalMacs)) MAC", at: time, toast: false)
      for d in project.warnings { tell(d, at: time) }
      refreshLists()
    case .refused(let diagnostics):
      opening = .refused(diagnostics)
      for d in diagnostics { tell(d, at: time) }
    case .saved(let config):
      workspace?.saved = config
      say(.info, "saved: \(workspace?.configPath ?? "config.json")", at: time)
      if quitsAfterSave { return [.quit(status: 0)] }
    case .started(let run):
      begin(run, at: time)
      say(.info, "run \(run) started", at: time, toast: false)
    case .attached(let run):
      begin(run, at: time)
      say(.info, "run \(run) is still under way: 4 shows it", at: time)
    case .events(let events): hear(events, at: time)
    case .ended(let run, let status, let output): return finish(run, status, output, at: time)
    case .exported(let prefix, let count):
      say(.info, "wrote \(Digits.plural(count, "file")): \(prefix)_*", at: time)
    case .wouldOverwrite(let run, let prefix, let files):
      let names = files.prefix(4).map { Span("  \($0)") } + (files.count > 4 ? [Span("  and \(files.count - 4) more")] : [])
      sheet = .choice(
        ChoiceSheet(
          title: "Overwrite \(Digits.plural(files.count, "file"))?", lines: names,
          choices: [.init(.character("y"), "overwrite", .overwrite(run, prefix), isDangerous: true)], stay: "keep them"))
    case .failed(let diagnostics):
      isStarting = false
      quitsAfterSave = false
      for d in diagnostics { tell(d, at: time) }
    }
    return []
  }

  private mutating func begin(_ run: Int, at time: Duration) {
    isStarting = false
    job = Job(run: run, began: time)
    lastTick = time
    fitLists()
  }

  mutating func tell(_ d: Diagnostic, at time: Duration) {
    let kind: Toasts.Kind = d.severity == .error ? .error : d.severity == .warning ? .warning : .info
    for (index, line) in d.lines.enumerated() { say(index == 0 ? kind : .info, line, at: time, toast: index == 0) }
  }

  private mutating func hear(_ events: [JobEvent], at time: Duration) {
    lastTick = time
    for event in events {
      job?.progress.add(event)
      switch event.kind {
      case .warning, .error:
        let lines = (event.text ?? "").split(separator: "\n").map(String.init)
        for (index, line) in lines.enumerated() {
          say(index > 0 ? .info : event.kind == .error ? .error : .warning, line, at: time, toast: index == 0)
        }
      case .failed: say(.error, "\(event.layer ?? ""): \(event.text ?? "failed")", at: time)
      default: break
      }
    }
    fitLists()
    followActive()
  }

  private mutating func finish(
    _ run: FinishedRun, _ status: Int32, _ output: String, at time: Duration
  ) -> [Request<AppEffect>] {
    job?.isRunning = false
    job?.status = status
    job?.ended = time
    // A question about the run that has just ended has no answer any more.
    if case .choice(let choice) = sheet, choice.choices.contains(where: { $0.answer.isAboutJob }) { sheet = nil }
    let took = time - (job?.began ?? time)
    let name = "run \(run.number)"
    if let comparison = run.comparison {
      workspace?.take(run)
      let goal = status == ExitStatus.done.rawValue ? "done" : "ended with status \(status)"
      say(
        .info,
        "\(name) \(goal), output cos \(Digits.cosine(comparison.outputCosine)), "
          + "\(Digits.plural(badCount, "layer")) under \(PlotNumber.text(threshold)): 5 compares", at: time)
    } else if status == ExitStatus.interrupted.rawValue {
      say(.warning, "\(name) was cancelled", at: time)
    } else {
      let lines = output.split(separator: "\n").map(String.init)
      for line in lines { say(.info, line, at: time, toast: false) }
      let reason = lines.last { $0.contains("error:") } ?? "status \(status)"
      say(.error, "\(name) failed: \(reason) (8 shows all)", at: time)
    }
    refreshLists()
    if quitsAfterJob { return [.quit(status: 0)] }
    return took >= .seconds(30) ? [.bell] : []
  }
}

extension AppModel.Answer {
  fileprivate var isAboutJob: Bool {
    switch self {
    case .cancel, .cancelAndQuit: true
    default: false
    }
  }
  fileprivate var isMore: Bool { if case .moreBatches = self { true } else { false } }
}
