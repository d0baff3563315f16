import QuantEngine

extension RunScreen {
  /// Lines above the table: stages, progress, the table's head.
  static let rowsAbove = 3

  static func number(_ value: Float?) -> String { value.map { PlotNumber.text(Double($0)) } ?? "-" }
  static func duration(_ seconds: Double) -> String {
    seconds < 0.1 ? Digits.fixed(seconds * 1000, 0) + "ms" : Digits.fixed(seconds, 1) + "s"
  }

  static func span(_ low: Float?, _ high: Float?) -> String { "\(number(low)) .. \(number(high))" }

  /// `calibrate, 3 of 12 inputs searched`: for sheets and the status line.
  static func summary(_ progress: JobProgress) -> String {
    guard let stage = progress.stage else { return "starting" }
    if stage == .calibrate, !progress.searches.isEmpty {
      return
        "calibrate, \(progress.count(.done) + progress.count(.reused) + progress.count(.failed)) of \(progress.searches.count) inputs searched"
    }
    if stage == .bnUpdate, progress.total > 0 { return "bn-update, \(progress.done) of \(progress.total) iterations" }
    return progress.total > 0 ? "\(stage.rawValue) \(progress.done)/\(progress.total)" : stage.rawValue
  }

  /// What a column of the table shows.
  enum Cell: Sendable { case number, name, state, tries, range, clip, scale, offset, bits, images, time }

  /// The columns that fit: name and state always, then what the search found, at last how.
  static func cells(width: Int) -> [Cell] {
    if width >= 100 { return [.number, .name, .state, .tries, .range, .clip, .scale, .offset, .bits, .images, .time] }
    return width >= 70 ? [.name, .state, .range, .clip, .scale, .offset] : [.name, .state, .clip, .scale, .offset]
  }

  static func table(width: Int) -> Table {
    let span = width >= 100 ? 18 : 16
    let columns: [Table.Column] = cells(width: width).map { cell in
      switch cell {
      case .number: .init("#", 4, .trailing)
      case .name: .init("layer", nil, keep: .tail)
      // `reused 123`
      case .state: .init("state", 10)
      case .tries: .init("best try", 8)
      case .range: .init("range seen", span)
      case .clip: .init("clip", span)
      case .scale: .init("scale", 9)
      case .offset: .init("offset", 6, .trailing)
      case .bits: .init("bits", 4, .trailing)
      case .images: .init("images", 6, .trailing)
      case .time: .init("time", 6, .trailing)
      }
    }
    return Table(columns, width: width)
  }

  static func name(of search: JobProgress.Search) -> String {
    search.input > 0 ? "\(search.layer)[\(search.input)]" : search.layer
  }

  /// `reused 12`: the run whose factors are taken; `reused` where this run itself had them already.
  static func stateText(_ search: JobProgress.Search) -> String {
    let word = word(search.state).text
    guard search.state == .reused, let origin = search.result?.text, origin.hasPrefix("run ") else { return word }
    return "\(word) \(origin.dropFirst(4))"
  }

  /// Seconds until the run's end; `nil` where nothing can be said.
  static func secondsLeft(_ job: Session.Job, at time: Duration) -> Double? {
    guard job.isRunning, !job.isPaused else { return nil }
    let progress = job.progress
    let elapsed = Double((time - job.began).components.seconds)
    if let forecast = job.forecast {
      let all = (forecast.updateSeconds ?? 0) + forecast.calibrateSeconds + forecast.compareSeconds
      if all > elapsed { return all - elapsed }
    }
    // By the stage alone: what comes after it is not known.
    guard let began = progress.stageBegan, let latest = progress.latest, progress.total > 0 else { return nil }
    let part = Double(progress.done) / Double(progress.total)
    guard part > 0.05, part < 1 else { return nil }
    return (latest - began) * (1 - part) / part
  }

  static func word(_ state: JobProgress.LayerState) -> (text: String, role: Role) {
    switch state {
    case .waiting: ("wait", .jobWait)
    case .searching: ("SEARCH", .jobActive)
    case .done: ("done", .jobDone)
    case .reused: ("reused", .jobReused)
    case .failed: ("FAILED", .jobFailed)
    }
  }

  /// `parse ok > fuse ok > [CALIBRATE] > factors > save > compare`; where that is too long, what is done comes together:
  /// `ok parse fuse weights > [CALIBRATE] > factors save compare`.
  static func stages(_ progress: JobProgress, isRunning: Bool, columns: Int) -> [Span] {
    let stages = JobEvent.Stage.allCases.filter { stage in
      switch stage {
      case .evaluate: progress.stage == .evaluate
      case .bnUpdate: progress.updatesBN
      default: true
      }
    }
    let hasEnded = progress.finished.map { $0.status == 0 } ?? false
    let now = hasEnded ? stages.count : progress.stage.flatMap { stages.firstIndex(of: $0) } ?? -1
    func present(_ stage: JobEvent.Stage) -> Span {
      Span("[\(stage.rawValue.uppercased())]", isRunning ? .jobActive : .jobFailed)
    }
    var long: [Span] = []
    for (index, stage) in stages.enumerated() {
      if index > 0 { long.append(Span(" > ", .textDim)) }
      long.append(
        index < now
          ? Span("\(stage.rawValue) ok", .jobDone) : index == now ? present(stage) : Span(stage.rawValue, .jobWait))
    }
    if long.reduce(0, { $0 + CellWidth.of($1.text) }) <= columns { return long }
    for forgotten in 0..<max(1, now) {
      let short = shortStages(stages, now, forgotten: forgotten, present)
      if short.reduce(0, { $0 + CellWidth.of($1.text) }) <= columns { return short }
    }
    return shortStages(stages, now, forgotten: max(0, now), present)
  }

  /// - Parameter forgotten: how many of the stages that are done are left out, from the first on.
  private static func shortStages(
    _ stages: [JobEvent.Stage], _ now: Int, forgotten: Int, _ present: (JobEvent.Stage) -> Span
  ) -> [Span] {
    var short: [Span] = []
    if now > forgotten {
      let done = stages[forgotten..<now].map(\.rawValue).joined(separator: " ")
      short.append(Span("ok " + (forgotten > 0 ? ".. " : "") + done, .jobDone))
    }
    if stages.indices.contains(now) {
      if !short.isEmpty { short.append(Span(" > ", .textDim)) }
      short.append(present(stages[now]))
    }
    let rest = stages.dropFirst(max(0, now + 1)).map(\.rawValue)
    if !rest.isEmpty { short.append(Span(" > " + rest.joined(separator: " "), .jobWait)) }
    return short
  }
}

extension Canvas {
  mutating func drawRun(_ screen: RunScreen, _ session: Session, at time: Duration) {
    let body = Chrome.body(of: size)
    let inner = drawFrame(body, title: Self.runTitle(session), isFocused: true, look: session.look)
    guard let progress = session.shownProgress, session.shownRun != nil else {
      let text: Words =
        session.isStarting
        ? "starting the run" : "No run yet. Here each layer shows its calibration live: range, clip, scale."
      put(text, in: inner, line: 1, indent: 2)
      if !session.isStarting { put(session.runHint, in: inner, line: 2, indent: 2) }
      return
    }
    let clock = Self.elapsed(session, progress, at: time)
    let stages = inner.line(0).splitColumns(inner.columns - CellWidth.of(clock) - 1).left
    put(RunScreen.stages(progress, isRunning: session.job?.isRunning == true, columns: stages.columns), in: stages)
    put(clock, in: inner, role: .textDim, alignment: .trailing)
    drawRunProgress(screen, session, progress, in: inner.line(1), at: time)
    let table = RunScreen.table(width: inner.columns - 1)
    drawHead(table, in: inner.line(2))
    let (rows, foot) = inner.splitRows(inner.rows - 1)
    let searches = screen.searches(session)
    let cells = RunScreen.cells(width: inner.columns - 1)
    draw(screen.list, in: rows.splitRows(RunScreen.rowsAbove).rest, look: session.look) { index, canvas, line in
      canvas.drawSearch(searches[index], session.workspace, cells, table, in: line)
    }
    if searches.isEmpty {
      put(
        screen.failedOnly ? "no layer failed: F shows all" : "no layer yet", in: inner, line: 3, indent: 5,
        role: .textDim)
    }
    drawCounts(session, progress, in: foot)
  }

  /// `failed 1   reused 50   done 1   searching 1   waiting 0`, and what that means.
  private mutating func drawCounts(_ session: Session, _ progress: JobProgress, in foot: Rect) {
    let states = JobProgress.LayerState.allCases.reversed().filter {
      ($0 != .reused && $0 != .failed) || progress.count($0) > 0
    }
    var text = states.map { sentences["\(said: $0.rawValue) \(progress.count($0))"] }.joined(separator: "   ")
    let hasFailed = progress.count(.failed) > 0
    if hasFailed {
      let more = sentences[session.isRunning ? "   the run goes on; answer later" : "   a says what can be done"]
      if CellWidth.of(text + more) <= foot.columns { text += more }
    }
    put(text, in: foot, role: hasFailed ? .jobFailed : .textDim)
    let room = foot.columns - CellWidth.of(text) - 2
    if let peak = progress.finished?.peakBytes {
      let text = sentences["peak memory \(Digits.count(peak))B"]
      if CellWidth.of(text) <= room { put(text, in: foot, role: .textDim, alignment: .trailing) }
    }
  }

  private static func runTitle(_ session: Session) -> Words {
    guard let run = session.shownRun else { return "Run" }
    let state: Words
    if let job = session.job {
      if job.isRunning {
        state = job.isCancelling ? "cancelling" : job.isPaused ? "PAUSED" : "under way"
      } else {
        switch job.status {
        case ExitStatus.done.rawValue: state = "done"
        case ExitStatus.interrupted.rawValue: state = "cancelled"
        case nil: state = "died"
        default: state = "failed, status \(job.status ?? 0)"
        }
      }
    } else {
      state = "done"
    }
    return "Run \(run): \(state)"
  }

  private static func elapsed(_ session: Session, _ progress: JobProgress, at time: Duration) -> String {
    guard let job = session.job else { return Digits.clock(progress.seconds) }
    return Digits.clock(Double(((job.ended ?? time) - job.began).components.seconds))
  }

  private mutating func drawRunProgress(
    _ screen: RunScreen, _ session: Session, _ progress: JobProgress, in line: Rect, at time: Duration
  ) {
    if session.job?.isRunning != true {
      if progress.finished?.status == 0 {
        put("all stages done", in: line, role: .jobDone)
        put(
          [Span(screen.comparesOnEnter(session) ? "Enter" : "5", .key), Span(" compares", .textDim)], in: line,
          indent: 18)
      } else if session.job?.status == nil, session.job != nil {
        put(Words(Session.diedText(session.shownRun ?? 0, progress.finishedLayers)), in: line, role: .jobFailed)
      }
      return
    }
    let facts = Self.facts(session, at: time)
    put(facts, in: line, role: .textDim, alignment: .trailing)
    let isCalibrating = progress.stage == .calibrate
    let searched = progress.count(.done) + progress.count(.reused) + progress.count(.failed)
    let (done, total, words) =
      isCalibrating && progress.done >= progress.total && !progress.searches.isEmpty
      ? (searched, progress.searches.count, "searched")
      : (progress.done, progress.total, isCalibrating ? "step" : progress.stage?.rawValue ?? "")
    guard total > 0 else { return }
    let text = sentences["\(said: words) \(done)/\(total)"]
    put(text, in: line)
    let start = max(17, CellWidth.of(text) + 2)
    let bar = min(40, line.columns - start - 7 - CellWidth.of(facts))
    guard bar > 3 else { return }
    drawProgress(
      Double(done) / Double(total), in: Rect(column: line.column + start, row: line.row, columns: bar, rows: 1),
      look: session.look)
    put("\(done * 100 / total)%", column: line.column + start + bar + 1, row: line.row)
  }

  /// `left 00:04   mem 2.1/6.0GB`.
  private static func facts(_ session: Session, at time: Duration) -> String {
    guard let job = session.job else { return "" }
    var parts: [String] = []
    let strings = session.look.strings
    if job.isPaused { parts.append(strings["p goes on"]) }
    if let left = RunScreen.secondsLeft(job, at: time) {
      parts.append(strings["left \(Digits.clock(left.rounded(.up)))"])
    }
    if job.bytes > 0 {
      let limit: Words =
        job.forecast.flatMap { $0.memoryLimit == .max ? nil : " of \(Digits.count($0.memoryLimit))B" } ?? ""
      parts.append(strings["mem \(Digits.count(job.bytes))B\(limit)"])
    }
    return parts.joined(separator: "  ")
  }

  private mutating func drawSearch(
    _ search: JobProgress.Search, _ workspace: Workspace?, _ cells: [RunScreen.Cell], _ table: Table, in line: Rect
  ) {
    let found = search.result
    for (column, cell) in cells.enumerated() {
      var role: Role = .text
      let text: String?
      switch cell {
      case .number:
        text = workspace?.index(of: search.layer).map { "\($0 + 1)" }
        role = .textDim
      case .name:
        text = RunScreen.name(of: search)
        role = search.state == .waiting ? .textDim : .text
      case .state:
        text = RunScreen.stateText(search)
        role = RunScreen.word(search.state).role
      case .tries: text = found?.tries.map { "\(found?.best.map { "\($0 + 1)/" } ?? "")\($0)" }
      case .range: text = found.map { RunScreen.span($0.rangeMin, $0.rangeMax) }
      case .clip: text = found.map { RunScreen.span($0.clipMin, $0.clipMax) }
      case .scale: text = found.map { RunScreen.number($0.scale) }
      case .offset: text = found.map { $0.offset.map(String.init) ?? "-" }
      case .bits: text = found?.numBits.map(String.init)
      case .images: text = found?.images.map(String.init)
      case .time: text = search.state == .reused ? "-" : found?.seconds.map(RunScreen.duration)
      }
      put(cell == .state ? Words(text ?? "") : "\(text ?? "")", column, of: table, in: line, role: role)
      // The reason of a failure takes the place of what was not found.
      if cell == .state, search.state == .failed {
        let start = table.cell(column + 1, in: line).column
        put(
          found?.text ?? "", in: Rect(column: start, row: line.row, columns: line.endColumn - start, rows: 1),
          role: .jobFailed)
        return
      }
    }
  }
}
