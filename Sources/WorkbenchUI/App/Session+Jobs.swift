import Diagnostics
import QuantEngine
import Quantization

/// Runs: watched, cancelled, ended; and leaving the program, which they have a say in.
extension Session {
  mutating func begin(_ run: Int, at time: Duration) {
    isStarting = false
    job = Job(run: run, began: time)
    lastTick = time
  }

  mutating func cancelJob(at time: Duration) -> [Request<AppEffect>] {
    guard job?.isRunning == true else { return quitsAfterJob ? [.quit(status: 0)] : [] }
    job?.isCancelling = true
    say(.info, "cancelling run \(job?.run ?? 0): it ends after the step under way", at: time)
    return [.effect(.cancel)]
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
      switch event.kind {
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
    job?.isRunning = false
    job?.status = status
    job?.ended = time
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
    if quitsAfterJob { return [.quit(status: 0)] }
    return settings.bell.map { took >= .seconds($0) } == true ? [.bell] : []
  }
}
