import QuantEngine

/// Runs in words and columns.
enum RunsText {
  enum Cell: Sendable { case mark, id, when, label, layers, macs, cosine, below, evaluation, time, from, state }

  /// What fits, least important columns left out first: label, metric and state stay.
  static func cells(width: Int) -> [Cell] {
    if width >= 112 {
      return [.mark, .id, .when, .label, .layers, .macs, .cosine, .below, .evaluation, .time, .from, .state]
    }
    if width >= 90 { return [.mark, .id, .when, .label, .layers, .cosine, .below, .time, .from, .state] }
    if width >= 72 { return [.mark, .id, .when, .label, .layers, .cosine, .below, .state] }
    return [.mark, .id, .label, .cosine, .below, .state]
  }

  static func table(_ cells: [Cell], width: Int) -> Table {
    Table(
      cells.map { cell in
        switch cell {
        case .mark: .init("", 2)
        case .id: .init("id", 4, .trailing)
        case .when: .init("when", 11)
        case .label: .init("label", nil)
        case .layers: .init("Q/F", 7, .trailing)
        case .macs: .init("MAC int8", 8, .trailing)
        case .cosine: .init("out cos", 7, .trailing)
        case .below: .init("<.99", 4, .trailing)
        case .evaluation: .init("eval", 9, .trailing)
        case .time: .init("time", 7, .trailing)
        case .from: .init("from", 4, .trailing)
        case .state: .init("state", 9)
        }
      }, width: width)
  }

  static func text(_ run: RunSummary, _ cell: Cell, mark: String) -> String {
    switch cell {
    case .mark: mark
    case .id: run.number.map(String.init) ?? run.run
    case .when: run.started.map { String(ReportText.minute($0).dropFirst(5)) } ?? "-"
    case .label: run.labelLine
    case .layers: run.quantized.map { "\($0)/\(run.float.map(String.init) ?? "-")" } ?? "-"
    case .macs: run.macShare.map { Digits.fixed(100 * $0, 1) + "%" } ?? "-"
    case .cosine: run.outputCosine.map(Digits.cosine) ?? "-"
    case .below: run.below.map(String.init) ?? "-"
    case .evaluation:
      run.evaluation.map { "top1 \(Digits.fixed($0.fakeQuant, 3).dropFirst($0.fakeQuant < 1 ? 1 : 0))" } ?? "-"
    case .time: run.seconds.map(ReportText.duration) ?? "-"
    case .from: run.parent.flatMap { Int($0) }.map(String.init) ?? "-"
    case .state: run.stateText
    }
  }

  static func role(_ run: RunSummary, _ cell: Cell) -> Role {
    switch cell {
    case .mark: .key
    case .when, .time, .from, .macs: .textDim
    case .state: role(run.state)
    case .cosine: run.outputCosine.map { $0 >= RunFigures.threshold ? .metricGood : .metricBad } ?? .metricNone
    case .below: (run.below ?? 0) > 0 ? .metricBad : .text
    default: .text
    }
  }

  private static func role(_ state: RunSummary.State) -> Role {
    switch state {
    case .done: .jobDone
    case .failed, .died: .jobFailed
    case .cancelled: .jobSkipped
    case .paused: .jobWait
    case .underWay: .jobActive
    }
  }

  /// All that differs between two runs, line by line.
  static func lines(_ diff: RunDiff, columns: Int) -> [[Span]] {
    [[Span("config", .textStrong)]] + config(diff, columns: columns) + [[]] + metrics(diff)
  }

  static func config(_ diff: RunDiff, columns: Int) -> [[Span]] {
    let data =
      diff.sameData == false
      ? [[Span("  other images or preprocessing: two things are compared at once", .metricBad)]] : []
    return data + settings(diff, columns: columns)
  }

  private static func settings(_ diff: RunDiff, columns: Int) -> [[Span]] {
    guard let changes = diff.config else { return [[Span("  one of them has no config that can be read", .textDim)]] }
    if changes.isEmpty { return [[Span("  no difference", .textDim)]] }
    return changes.map { change in
      let values = [Span(change.old ?? "-", .diffDel), Span(" -> ", .textDim), Span(change.new ?? "-", .diffAdd)]
      let taken = values.reduce(4) { $0 + CellWidth.of($1.text) }
      let path = change.path.replacing("activation_quant_params", with: "activation").replacing(
        "weight_quant_params", with: "weight")
      return [Span("  \(TextClip.cut(path, to: max(8, columns - taken), keep: .tail))  ")] + values
    }
  }

  /// `22 better, 3 worse, 28 the same`.
  static func verdict(_ diff: RunDiff) -> Words {
    let known = diff.better + diff.worse + diff.same
    if known == 0 { return "no similarity to compare: a run was not compared" }
    return "\(diff.better) better, \(diff.worse) worse, \(diff.same) the same"
  }

  /// Outputs first, then the layers that changed most.
  static func metrics(_ diff: RunDiff) -> [[Span]] {
    var lines: [[Span]] = [[Span("chain cosine of layers: ", .textStrong), Span(verdict(diff))]]
    func size(_ row: RunDiff.Row) -> Double { row.delta.map { $0.isNaN ? 2 : abs($0) } ?? 3 }
    let layers = diff.layers.filter { $0.verdict != .same }.sorted { size($0) > size($1) }
    for (rows, word) in [(diff.outputs, "out "), (layers, "")] {
      for row in rows {
        let role: Role =
          switch row.verdict {
          case .better: .deltaBetter
          case .worse: .deltaWorse
          case .same, .unknown: .deltaSame
          }
        let name = TextClip.fit(word + row.name, to: 26, keep: .tail)
        let before = TextClip.fit(row.before.map(Digits.cosine) ?? "-", to: 7, alignment: .trailing)
        let after = TextClip.fit(row.after.map(Digits.cosine) ?? "-", to: 7, alignment: .trailing)
        lines.append([
          Span("  \(name) \(before) -> \(after)  "),
          Span(row.delta.map { "\(Digits.delta($0))" } ?? "only in one run", role),
        ])
      }
    }
    return lines
  }
}

extension RunsScreen {
  /// Rows for the difference below the list, its rule included.
  ///
  /// What a short list leaves goes to the difference.
  static func rowsBelow(_ inside: Int, runs: Int) -> Int {
    inside < 8 ? 0 : max(4, min(inside * 2 / 5, 16), inside - 1 - max(4, runs))
  }

  /// `a`, `b`, and a star for a run that is pinned.
  fileprivate func mark(_ run: RunSummary) -> String {
    (run.number == a ? "a" : run.number == b ? "b" : " ") + (run.pinned ? "*" : "")
  }

  /// `run 12 -> 13`, and why these two.
  fileprivate func pairTitle(_ pair: Pair) -> Words {
    let numbers: Words = "run \(pair.before) -> \(pair.after)"
    if a != nil, b != nil { return numbers }
    return a ?? b != nil ? "\(numbers) (pick and cursor)" : "\(numbers) (what it started from)"
  }
}

extension Canvas {
  mutating func drawRuns(_ screen: RunsScreen, _ session: Session) {
    let body = Chrome.body(of: size)
    if screen.isZoomed, let pair = screen.pair { return drawWholeDiff(screen, pair, session) }
    let count: Words = screen.runs.isEmpty ? "Runs" : "Runs: \(screen.runs.count)"
    let inner = drawFrame(body, title: count, isFocused: true, look: session.look)
    guard !screen.runs.isEmpty else {
      put(
        "No run yet. Here all runs are listed: compare two, restore a config, name, pin, delete.", in: inner, line: 1,
        indent: 2)
      put(session.runHint, in: inner, line: 2, indent: 2)
      return
    }
    let below = RunsScreen.rowsBelow(inner.rows, runs: screen.runs.count)
    let (top, bottom) = inner.splitRows(inner.rows - below)
    let cells = RunsText.cells(width: inner.columns)
    let table = RunsText.table(cells, width: inner.columns - 1)
    drawHead(table, in: top.line(0))
    draw(screen.list, in: top.splitRows(1).rest, look: session.look) { index, canvas, line in
      let run = screen.runs[index]
      for (column, cell) in cells.enumerated() {
        let text = RunsText.text(run, cell, mark: screen.mark(run))
        canvas.put(
          cell == .label ? RunLabel.words(text) : cell == .state ? Words(text) : "\(text)", column, of: table, in: line,
          role: RunsText.role(run, cell))
      }
    }
    if below > 0 { drawDiff(screen, in: bottom, look: session.look) }
  }

  /// The difference in short: config left and metrics right, or one below the other.
  private mutating func drawDiff(_ screen: RunsScreen, in rect: Rect, look: Look) {
    guard let pair = screen.pair else {
      drawRule("", in: rect.line(0), look: look)
      let isFirst = screen.a == nil && screen.b == nil
      put(
        isFirst
          ? "nothing to compare with: a and b pick two runs" : "move to another run: it is compared with the pick",
        in: rect, line: 1, indent: 2, role: .textDim)
      return
    }
    drawRule(screen.pairTitle(pair), in: rect.line(0), look: look)
    guard let diff = screen.shownDiff else {
      put("reading", in: rect, line: 1, indent: 2, role: .textDim)
      return
    }
    let room = rect.splitRows(1).rest
    let isWide = rect.columns >= 100
    let changes = RunsText.config(diff, columns: isWide ? room.columns / 2 - 1 : room.columns)
    let head = [[Span("config", .textStrong), Span(": \(Digits.plural(diff.config?.count ?? 0, "difference"))")]]
    if isWide {
      let (left, right) = room.splitColumns(room.columns / 2)
      draw(head + changes, in: left.splitColumns(left.columns - 1).left, look: look)
      draw(RunsText.metrics(diff), in: right, look: look)
    } else {
      let upper = min(changes.count + 1, max(3, room.rows / 2))
      let (first, second) = room.splitRows(upper)
      draw(head + changes, in: first, look: look)
      draw(RunsText.metrics(diff), in: second, look: look)
    }
  }

  /// As many lines as fit; the last says how many do not.
  private mutating func draw(_ lines: [[Span]], in rect: Rect, look: Look) {
    let shown = lines.count > rect.rows ? rect.rows - 1 : lines.count
    for (index, spans) in lines.prefix(max(0, shown)).enumerated() { put(spans, in: rect, line: index) }
    if shown < lines.count, rect.rows > 0 {
      put("  \(lines.count - shown) more: d shows all", in: rect, line: rect.rows - 1, role: .textDim)
    }
  }

  private mutating func drawWholeDiff(_ screen: RunsScreen, _ pair: RunsScreen.Pair, _ session: Session) {
    let inner = drawFrame(
      Chrome.body(of: size), title: "Runs: \(screen.pairTitle(pair))", isFocused: true, look: session.look)
    guard let diff = screen.shownDiff else {
      put("reading", in: inner, line: 1, indent: 2, role: .textDim)
      return
    }
    let lines = RunsText.lines(diff, columns: inner.columns - 1)
    draw(screen.lines, in: inner, look: session.look) { index, canvas, line in
      if lines.indices.contains(index) { canvas.put(lines[index], in: line) }
    }
  }
}
