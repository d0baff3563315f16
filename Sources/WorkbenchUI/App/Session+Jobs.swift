import Diagnostics
import QuantEngine
import Quantization

/// Runs: watched, cancelled, ended; and leaving the program, which they have a say in.
extension Session {
  mutating func begin(_ run: Int, at time: Duration) {
    isStarting = false
    job = Job(run: run, began: time)
    if let forecast, forecast.config == workspace?.config { job?.forecast = forecast.result }
    lastTick = time
  }

  static func diedText(_ run: Int, _ kept: Int) -> String {
    let what = kept == 0 ? "before a layer was finished" : "its \(Digits.plural(kept, "finished layer")) are kept"
    return "run \(run) died\(kept == 0 ? " " : ": ")\(what): r runs again\(kept == 0 ? "" : " and reuses them")"
  }

  mutating func cancelJob(at time: Duration) -> [Request<AppEffect>] {
    guard job?.isRunning == true else { return quitsAfterJob ? [.quit(status: 0)] : [] }
    job?.isCancelling = true
    say(.info, "cancelling run \(job?.run ?? 0): it ends after the step under way", at: time)
    return [.effect(.cancel)]
  }

  /// Says what failed and what can be done, unless something is being asked or typed.
  mutating func showFailure() {
    guard sheets.isEmpty, prompt == nil, let sheet = FailureSheet(self) else { return }
    job?.asksWhatToDo = false
    open(sheet)
  }

  /// Quits; asks when something would be lost. `next`: the project that is opened then.
  mutating func quit(to next: RecentProject? = nil) -> [Request<AppEffect>] {
    follow(with: next)
    guard let question = QuitSheet(self) else { return [.quit(status: 0)] }
    open(question)
    return []
  }

  mutating func hear(_ events: [JobEvent], at time: Duration) {
    lastTick = time
    for event in events {
      job?.progress.add(event)
      // One that began before it was looked at.
      if event.kind == .started, job?.isAttached == true, epoch > 0 {
        let past = event.time - epoch
        if past.isFinite, abs(past) < 1e8 { job?.began = .milliseconds(Int(past * 1000)) }
      }
      switch event.kind {
      // What the end of a run that was cancelled here says is said once more in other words.
      case .error where job?.isCancelling == true: note(.info, event.text?.oneLine ?? "", at: time)
      case .warning, .error:
        let lines = (event.text ?? "").split(separator: "\n").map(String.init)
        for (index, line) in lines.enumerated() {
          say(index > 0 ? .info : event.kind == .error ? .error : .warning, line, at: time, toast: index == 0)
        }
      case .failed: say(.error, "\(event.layer ?? ""): \(event.text ?? "failed")", at: time)
      default: if let text = LogLine.text(of: event) { note(.debug, text, at: time) }
      }
    }
  }

  mutating func finish(
    _ run: FinishedRun, _ status: Int32, _ output: String, at time: Duration
  ) -> [Request<AppEffect>] {
    workspace?.noteRun(nil)
    job?.isRunning = false
    job?.status = status
    job?.ended = time
    job?.isPaused = false
    let took = time - (job?.began ?? time)
    let told = job?.progress
    let name = "run \(run.number)"
    if let comparison = run.comparison {
      workspace?.take(run)
      let goal = status == ExitStatus.done.rawValue ? "done" : "ended with status \(status)"
      say(
        .info,
        "\(name) \(goal), output cos \(Digits.cosine(comparison.outputCosine)), "
          + "\(Digits.plural(badCount, "layer")) under \(PlotNumber.text(threshold)): 5 compares", at: time)
    } else if status == ExitStatus.interrupted.rawValue {
      let kept = told?.finishedLayers ?? 0
      say(
        .warning,
        "\(name) was cancelled"
          + (kept > 0 ? "; its \(Digits.plural(kept, "finished layer")) are kept: r reuses them" : ""), at: time)
    } else if let told, told.began != nil, told.finished == nil, run.status == nil,
      status > 128 || job?.isAttached == true
    {
      job?.status = nil
      say(.error, Self.diedText(run.number, told.finishedLayers), at: time)
    } else {
      let lines = output.split(separator: "\n").map(String.init)
      for line in lines { say(.info, line, at: time, toast: false) }
      let reason = lines.last { $0.contains("error:") } ?? "status \(status)"
      say(.error, "\(name) failed: \(reason) (8 shows all)", at: time)
      job?.output = lines
      job?.asksWhatToDo = true
      // Over another screen it would take the keys meant for that.
      if screen == ScreenID(RunScreen.self) { showFailure() }
    }
    if quitsAfterJob { return [.quit(status: 0)] }
    return settings.bell.map { took >= .seconds($0) } == true ? [.bell] : []
  }
}
