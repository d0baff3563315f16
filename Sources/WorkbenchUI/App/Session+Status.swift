import QuantEngine

/// What the lines around every screen say.
extension Session {
  var header: [String] {
    var parts = ["CORTADO  \(title)"]
    guard let workspace else {
      switch opening {
      case .refused: return parts + ["not opened"]
      case .nothing: return ["CORTADO"]
      case .reading, .open: return parts + ["reading"]
      }
    }
    if hold != nil { parts.append("READ-ONLY") }
    if let job, job.isRunning {
      parts.append("run \(job.run)\(job.isPaused ? " PAUSED" : ""): \(RunScreen.summary(job.progress))")
    } else if let last = workspace.last, let comparison = last.comparison {
      parts.append("run \(last.number) done, chain out \(Digits.cosine(comparison.outputCosine))")
      parts.append("\(badCount) under \(PlotNumber.text(threshold))")
    } else {
      parts.append("no run yet")
    }
    if workspace.last != nil, workspace.editCount > 0 {
      parts.append("\(Digits.plural(workspace.editCount, "edit")) not run yet")
    }
    if let hold { parts.append("\(hold.words) has the project") }
    parts.append(workspace.images.map { Digits.plural($0.count, "image") } ?? "no images")
    if !theme.isEmpty { parts.append("theme \(theme)") }
    return parts
  }

  var hint: String {
    guard let history = workspace?.history, let label = history.undoLabel else { return "" }
    return "\(Digits.plural(history.path(to: history.current).count, "edit")); u undoes: \(label)"
  }

  var facts: [String] {
    var parts = terminal
    parts.append(hold == nil ? look.strings.unsaved(workspace?.unsavedFiles ?? []) : "read-only")
    let running =
      job.flatMap { $0.isRunning ? "run \($0.run)\($0.isPaused ? " PAUSED" : "")" : nil }
      ?? (isStarting ? "starting" : nil)
    parts.append(look.strings.job + (running ?? look.strings.noJob))
    return parts
  }
}
