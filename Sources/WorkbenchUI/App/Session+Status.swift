import QuantEngine

/// What the lines around every screen say.
extension Session {
  var header: [String] {
    // A narrow terminal has room for what is shown and what is to be done about it, and not for much else.
    let isNarrow = size.columns < SplitLayout.wideColumns
    var parts = [isNarrow ? title : "CORTADO  \(title)"]
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
      // After an undo it may be one that was run already.
      if let before = workspace.previous, before.config == workspace.config {
        parts.append("config of run \(before.number) again")
      } else {
        parts.append("\(Digits.plural(workspace.editCount, "edit")) not run yet")
      }
    }
    if isNarrow {
      let rest = parts.dropFirst().reduce(2) { $0 + CellWidth.of($1) + 3 }
      parts[0] = TextClip.cut(title, to: max(12, size.columns - rest), keep: .tail)
    }
    if let hold { parts.append("\(hold.words) has the project") }
    parts.append(workspace.images.map { Digits.plural($0.count, "image") } ?? "no images")
    if !theme.isEmpty { parts.append("theme \(theme)") }
    return parts
  }

  /// What an empty screen begins with.
  var noRunYet: String {
    guard let job, job.isRunning else { return "No run yet." }
    return "Run \(job.run) is under way: \(RunScreen.summary(job.progress))."
  }

  /// How a run is started now, or what hinders it.
  var runHint: [Span] {
    if isRunning || isStarting { return [Span("4", .key), Span(" shows it", .textDim)] }
    if let reason = startOff { return [Span(Words(reason), .textDim)] }
    return [Span("r", .key), Span(" starts one", .textDim)]
  }

  /// Why no run can be started; `nil` when one can.
  var startOff: String? {
    if let readOnlyReason { return readOnlyReason }
    if isRunning || isStarting { return "a run is under way: 4 shows it" }
    guard let workspace else { return "the model is not open yet" }
    return workspace.images == nil
      ? "no images to calibrate with: start with --images FOLDER (8 has the reason)" : nil
  }

  var hint: String {
    guard let history = workspace?.history, let label = history.undoLabel else { return "" }
    return "\(Digits.plural(history.path(to: history.current).count, "edit")); u undoes: \(label)"
  }

  /// The disk has not what the screens show.
  var hasUnsaved: Bool { outside != nil || workspace?.isUnsaved == true }

  var facts: [String] {
    var parts = terminal
    let unsaved =
      outside == nil ? look.strings.unsaved(workspace?.unsavedFiles ?? []) : look.strings["config.json: disk differs"]
    parts.append(hold == nil ? unsaved : look.strings["read-only"])
    let running =
      job.flatMap { $0.isRunning ? "run \($0.run)\($0.isPaused ? " PAUSED" : "")" : nil }
      ?? (isStarting ? "starting" : nil)
    parts.append(look.strings.job + (running.map { look.strings[$0] } ?? look.strings.noJob))
    return parts
  }
}
