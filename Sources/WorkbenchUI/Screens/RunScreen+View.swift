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
    return progress.total > 0 ? "\(stage.rawValue) \(progress.done)/\(progress.total)" : stage.rawValue
  }

  static func table(width: Int) -> Table {
    var columns: [Table.Column] = [.init("#", 4, .trailing), .init("layer", nil, keep: .tail), .init("state", 6)]
    if width >= 100 { columns.append(.init("best try", 8)) }
    columns.append(.init("range seen", width >= 100 ? 20 : 16))
    columns.append(.init("clip", width >= 100 ? 20 : 16))
    columns.append(.init("scale", 9))
    columns.append(.init("offset", 6, .trailing))
    if width >= 100 {
      columns += [.init("bits", 4, .trailing), .init("images", 6, .trailing), .init("time", 6, .trailing)]
    }
    return Table(columns, width: width)
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
}

extension Canvas {
  mutating func drawRun(_ screen: RunScreen, _ session: Session, at time: Duration) {
    let body = Chrome.body(of: size)
    let inner = drawFrame(body, title: Self.runTitle(session), isFocused: true, look: session.look)
    guard let progress = session.shownProgress, session.shownRun != nil else {
      let text =
        session.isStarting
        ? "starting the run" : "No run yet. Here each layer shows its calibration live: range, clip, scale."
      put(text, in: inner, line: 1, indent: 2)
      if !session.isStarting { put([Span("r", .key), Span(" starts one", .textDim)], in: inner, line: 2, indent: 2) }
      return
    }
    drawStages(progress, isRunning: session.job?.isRunning == true, in: inner.line(0), look: session.look)
    put(Self.elapsed(session, progress, at: time), in: inner, role: .textDim, alignment: .trailing)
    drawRunProgress(session, progress, in: inner.line(1))
    let table = RunScreen.table(width: inner.columns - 1)
    drawHead(table, in: inner.line(2))
    let (rows, foot) = inner.splitRows(inner.rows - 1)
    let searches = screen.searches(session)
    draw(screen.list, in: rows.splitRows(RunScreen.rowsAbove).rest, look: session.look) { index, canvas, line in
      canvas.drawSearch(searches[index], session.workspace, table, in: line)
    }
    if searches.isEmpty {
      put(
        screen.failedOnly ? "no layer failed: F shows all" : "no layer yet", in: inner, line: 3, indent: 5,
        role: .textDim)
    }
    let states = JobProgress.LayerState.allCases.reversed().filter { $0 != .reused || progress.count($0) > 0 }
    let counts = states.map { "\($0.rawValue) \(progress.count($0))" }
    put(counts.joined(separator: "   "), in: foot, role: progress.count(.failed) > 0 ? .jobFailed : .textDim)
    if let peak = progress.finished?.peakBytes {
      put("peak memory \(Digits.count(peak))B", in: foot, role: .textDim, alignment: .trailing)
    }
  }

  private static func runTitle(_ session: Session) -> String {
    guard let run = session.shownRun else { return "Run" }
    let state: String
    if let job = session.job {
      if job.isRunning {
        state = job.isCancelling ? "cancelling" : "under way"
      } else {
        switch job.status {
        case ExitStatus.done.rawValue: state = "done"
        case ExitStatus.interrupted.rawValue: state = "cancelled"
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

  /// `parse ok > fuse ok > [CALIBRATE] > factors > save > compare`.
  private mutating func drawStages(_ progress: JobProgress, isRunning: Bool, in line: Rect, look: Look) {
    let stages = JobEvent.Stage.allCases.filter { $0 != .evaluate || progress.stage == .evaluate }
    let now = progress.stage.flatMap { stages.firstIndex(of: $0) } ?? -1
    let hasEnded = progress.finished.map { $0.status == 0 } ?? false
    var spans: [Span] = []
    for (index, stage) in stages.enumerated() {
      if index > 0 { spans.append(Span(" > ", .textDim)) }
      if index < now || hasEnded {
        spans.append(Span("\(stage.rawValue) ok", .jobDone))
      } else if index == now {
        spans.append(Span("[\(stage.rawValue.uppercased())]", isRunning ? .jobActive : .jobFailed))
      } else {
        spans.append(Span(stage.rawValue, .jobWait))
      }
    }
    put(spans, in: line)
  }

  private mutating func drawRunProgress(_ session: Session, _ progress: JobProgress, in line: Rect) {
    let searched = progress.count(.done) + progress.count(.reused) + progress.count(.failed)
    let isCalibrating = progress.stage == .calibrate
    let (done, total, words) =
      isCalibrating && progress.done >= progress.total && !progress.searches.isEmpty
      ? (searched, progress.searches.count, "searched")
      : (progress.done, progress.total, isCalibrating ? "batch" : progress.stage?.rawValue ?? "")
    let ended = session.job?.isRunning != true
    if ended, progress.finished?.status == 0 {
      put("all stages done", in: line, role: .jobDone)
      put([Span("Enter", .key), Span(" compares", .textDim)], in: line, indent: 18)
      return
    }
    guard total > 0 else { return }
    let text = "\(words) \(done)/\(total)"
    put(text, in: line)
    let start = max(18, CellWidth.of(text) + 2)
    drawProgress(
      Double(done) / Double(total),
      in: Rect(column: line.column + start, row: line.row, columns: min(40, line.columns - start - 8), rows: 1),
      look: session.look)
    put(
      "\(done * 100 / total)%", column: line.column + start + min(40, line.columns - start - 8) + 1, row: line.row)
  }

  private mutating func drawSearch(
    _ search: JobProgress.Search, _ workspace: Workspace?, _ table: Table, in line: Rect
  ) {
    let (word, role) = RunScreen.word(search.state)
    if let index = workspace?.index(of: search.layer) { put("\(index + 1)", 0, of: table, in: line, role: .textDim) }
    let name = search.input > 0 ? "\(search.layer)[\(search.input)]" : search.layer
    put(name, 1, of: table, in: line, role: search.state == .waiting ? .textDim : .text)
    put(word, 2, of: table, in: line, role: role)
    guard let found = search.result else { return }
    var column = 3
    if search.state == .failed {
      let start = table.cell(column, in: line)
      put(
        found.text ?? "",
        in: Rect(column: start.column, row: line.row, columns: line.endColumn - start.column, rows: 1),
        role: .jobFailed)
      return
    }
    let isWide = table.columns[3].title == "best try"
    if isWide {
      put(found.tries.map { "\(found.best.map { "\($0 + 1)/" } ?? "")\($0)" } ?? "", column, of: table, in: line)
      column += 1
    }
    put(RunScreen.span(found.rangeMin, found.rangeMax), column, of: table, in: line)
    put(RunScreen.span(found.clipMin, found.clipMax), column + 1, of: table, in: line)
    put(RunScreen.number(found.scale), column + 2, of: table, in: line)
    put(found.offset.map(String.init) ?? "-", column + 3, of: table, in: line)
    guard isWide else { return }
    put(found.numBits.map(String.init) ?? "", column + 4, of: table, in: line)
    put(found.images.map(String.init) ?? "", column + 5, of: table, in: line)
    put(found.seconds.map(RunScreen.duration) ?? "", column + 6, of: table, in: line)
  }
}
