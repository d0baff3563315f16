import QuantEngine

/// How the list is divided: order and metric, titles, rows, what is below them.
struct CompareListLayout {
  let isTall: Bool
  let head, titles, rows, foot: Rect

  init(_ inner: Rect, isWide: Bool) {
    isTall = inner.rows >= 24
    let below = 2 + (isWide ? 0 : 1) + (isTall ? 2 : 0)
    let (head, rest) = inner.splitRows(isTall ? 2 : 1)
    let (titles, body) = rest.splitRows(1)
    let (rows, foot) = body.splitRows(max(1, body.rows - below))
    (self.head, self.titles, self.rows, self.foot) = (head, titles, rows, foot)
  }
}

extension CompareScreen {
  /// `against`: the run that differences are taken to.
  static func table(width: Int, against: Int?) -> Table {
    Table(
      [
        .init("#", 4, .trailing), .init("layer", width >= 66 ? 18 : 14, keep: .tail), .init("", nil),
        .init("value", 8, .trailing), .init(against.map { "vs \($0)" } ?? "", 9, .trailing), .init("", 2),
      ], width: width)
  }

  static let legend: Words = "E edited  F float  ! loses by itself  i inherits a loss  > marked"

  /// `run 12 -> 13, each against the original`.
  func title(_ session: Session) -> Words {
    guard let runs else { return "Compare" }
    guard let before = runs.before else { return "Compare: run \(runs.run.number) against the original" }
    return "Compare: run \(before.number) -> \(runs.run.number), each against the original"
  }

  /// `E!`: edited or float, and the layer's part in a loss.
  func marks(of row: LayerRow, _ session: Session, _ workspace: Workspace) -> [Span] {
    let isFloat = row.isQuantizable && row.enabledByDefault && !workspace.config.isEnabled(row.name)
    let state: Workspace.State? = workspace.edited.contains(row.name) ? .edited : isFloat ? .float : nil
    let first = state.map { Span(String($0.letter), $0.role) } ?? Span(" ")
    switch runs.flatMap({ $0.origin.part(row.name, $0.metrics, threshold: session.threshold) }) {
    case .causes: return [first, Span("!", .metricBad)]
    case .inherits: return [first, Span("i", .metricNear)]
    case nil: return [first]
    }
  }
}

extension Canvas {
  mutating func drawCompare(_ screen: CompareScreen, _ session: Session, _ workspace: Workspace) {
    let (layout, look) = (session.layout, session.look)
    guard let runs = screen.runs else {
      let inner = drawFrame(session.body, title: "Compare", look: look)
      put("\(session.noRunYet) Here each layer shows how close it is to the original.", in: inner, line: 1, indent: 2)
      put(session.runHint, in: inner, line: 2, indent: 2)
      return
    }
    let (row, state) = (screen.measured(session), screen.detailsState(session))
    if screen.isDetailOverList(session) {
      let title = Self.detailTitle(session, workspace)
      let inner = drawFrame(layout.list, title: "\(title), run \(runs.run.number)", isFocused: true, look: look)
      return draw(screen.detail, state, runs, session, workspace, row: row, in: inner)
    }
    let panes = drawPanes(
      layout, titles: (screen.title(session), Self.detailTitle(session, workspace)),
      detailFocused: screen.detail.hasFocus, look: look)
    drawCompareList(screen, session, workspace, runs, in: panes.list)
    if let detail = panes.detail { draw(screen.detail, state, runs, session, workspace, row: row, in: detail) }
  }

  private mutating func drawCompareList(
    _ screen: CompareScreen, _ session: Session, _ workspace: Workspace, _ runs: ComparedRuns, in inner: Rect
  ) {
    let layout = CompareListLayout(inner, isWide: session.layout.isWide)
    drawCompareHead(screen, runs, layout)
    let table = CompareScreen.table(width: inner.columns - 1, against: runs.before?.number)
    drawHead(table, in: layout.titles)
    let bars = table.cell(2, in: layout.titles)
    if screen.metric.scale == .plain {
      put(runs.before.map { "in run \($0.number)" } ?? "", in: bars, role: .textDim)
    } else {
      put(NinesScale.axis(columns: bars.columns, screen.metric.ticks), in: bars, role: .textDim)
    }
    draw(screen.list, in: layout.rows, isActive: !screen.detail.hasFocus, look: session.look) { index, canvas, line in
      canvas.drawMetric(workspace.rows[screen.rows[index]], screen, runs, session, workspace, table, in: line)
    }
    drawCompareFoot(screen, session, runs, layout)
  }

  private mutating func drawCompareHead(_ screen: CompareScreen, _ runs: ComparedRuns, _ layout: CompareListLayout) {
    func choice(_ word: String, _ isOn: Bool) -> Span {
      Span(isOn ? "[\(said: word)]" : " \(said: word) ", isOn ? .textStrong : .textDim)
    }
    let (head, metric) = (layout.head, screen.metric)
    guard layout.isTall else {
      let way: Words = metric.scale == .plain || metric == .relL2 || metric == .saturated ? "less" : "more"
      put(
        [
          Span("order ", .textDim), Span(Words(screen.order.rawValue), .textStrong), Span("  metric ", .textDim),
          Span(Words(metric.label), .textStrong), Span(", \(runs.imageSet), \(way) is better", .textDim),
        ], in: head)
      return
    }
    var spans = [Span("order ", .textDim)]
    for order in CompareScreen.Order.allCases { spans.append(choice(order.rawValue, order == screen.order)) }
    put(spans + [Span("  \(metric.label), \(runs.imageSet)", .textDim)], in: head)
    spans = [Span("metric ", .textDim)]
    for other in CompareMetric.allCases { spans.append(choice(other.word, other == metric)) }
    put(spans, in: head, line: 1)
  }

  private mutating func drawCompareFoot(
    _ screen: CompareScreen, _ session: Session, _ runs: ComparedRuns, _ layout: CompareListLayout
  ) {
    let foot = layout.foot
    var line = 0
    if layout.isTall {
      put("\(screen.metric.label): \(screen.metric.meaning)", in: foot, role: .textDim)
      put(CompareScreen.legend, in: foot, line: 1, role: .textDim)
      line = 2
    }
    if !screen.summary.notice.isEmpty {
      put(Words(screen.summary.notice), in: foot, line: layout.isTall ? 0 : line, role: .metricNear)
    }
    // Without a detail pane the selected layer gets a line.
    if !session.layout.isWide {
      if screen.summary.notice.isEmpty || layout.isTall {
        put(Self.selectedText(screen, session, runs), in: foot, line: line)
      }
      line += 1
    }
    put(Words(screen.summary.drop), in: foot, line: line, role: .textDim)
    put(
      [Span("\(said: screen.summary.counts)   ", .textDim)] + Self.outputs(screen.metric, session, runs), in: foot,
      line: line + 1)
  }

  /// `60 res3a_branch2c: min .951 med .975 worst 017.jpg ch 211`.
  private static func selectedText(_ screen: CompareScreen, _ session: Session, _ runs: ComparedRuns) -> Words {
    guard let row = screen.measured(session), let m = runs.metrics[row.name] else { return "" }
    if case .found(let shown) = screen.detailsState(session), let spread = shown.spread {
      if let image = screen.detail.image, let text = pickedText(shown, image) { return "\(row.name): \(text)" }
      let channel: Words = shown.channels.first.map { " ch \($0.index)" } ?? ""
      return "\(row.name): min \(Digits.fixed(spread.min, 3)) med \(Digits.fixed(spread.median, 3)) worst "
        + "\(shown.name(ofImage: spread.worst))\(channel)"
    }
    return
      "\(row.name): min \(Digits.cosine(m.cosineMin))  SQNR \(Digits.fixed(m.sqnr_db, 1)) dB  max|err| "
      + "\(PlotNumber.text(m.max_abs))  slope \(Digits.fixed(m.slope, 3))"
  }

  /// `output prob 0.84600 +0.15360`; a layer's own figures have the chain cosine there.
  private static func outputs(_ metric: CompareMetric, _ session: Session, _ runs: ComparedRuns) -> [Span] {
    let shown = metric == .local || metric == .saturated ? CompareMetric.chain : metric
    var spans: [Span] = []
    // The worst first: it is the figure of the run.
    for output in runs.report.outputs.sorted(by: { !($0.cosine >= $1.cosine) }).prefix(2) {
      let value = shown.value(output)
      spans += [
        Span("\(spans.isEmpty ? "" : "   ")output \(output.blob) "),
        Span(shown.text(value), shown.role(of: value, threshold: session.threshold)),
      ]
      if let delta = runs.delta(shown, of: output) {
        spans.append(Span(" " + shown.deltaText(delta), shown.role(ofDelta: delta)))
      }
    }
    if runs.report.outputs.count > 2 { spans.append(Span("   \(runs.report.outputs.count - 2) more", .textDim)) }
    return spans + (shown == metric ? [] : [Span(" \(shown.label)", .textDim)])
  }

  private mutating func drawMetric(
    _ row: LayerRow, _ screen: CompareScreen, _ runs: ComparedRuns, _ session: Session, _ workspace: Workspace,
    _ table: Table, in line: Rect
  ) {
    let metric = screen.metric
    let value = runs.metrics[row.name].flatMap(metric.value)
    let role = metric.role(of: value, threshold: session.threshold)
    put("\(row.index + 1)", 0, of: table, in: line, role: .textDim)
    let isMarked = session.marks.contains(row.name)
    if isMarked { put(">", column: line.column + table.widths[0], row: line.row, role: .mark) }
    put(row.name, 1, of: table, in: line, role: isMarked ? .mark : .text)
    drawBar(
      metric, value, runs.metricsBefore[row.name].flatMap(metric.value), session, in: table.cell(2, in: line), role)
    put(metric.text(value), 3, of: table, in: line, role: role)
    if let delta = runs.delta(metric, of: row.name) {
      put(metric.deltaText(delta), 4, of: table, in: line, role: metric.role(ofDelta: delta))
    } else if runs.before != nil {
      put("-", 4, of: table, in: line, role: .metricNone)
    }
    put(screen.marks(of: row, session, workspace), in: table.cell(5, in: line))
  }

  /// A bar where the metric has a scale; else the other run's value.
  private mutating func drawBar(
    _ metric: CompareMetric, _ value: Double?, _ before: Double?, _ session: Session, in cell: Rect, _ role: Role
  ) {
    switch metric.scale {
    case .plain: if let before { put(metric.text(before), in: cell, role: .textDim) }
    case .nines:
      if let value { drawNinesBar(value, threshold: session.threshold, in: cell, role: role, look: session.look) }
    case .decibels, .decades:
      if let value { drawProgress(metric.fraction(value), in: cell, look: session.look) }
    }
  }
}
