import QuantEngine

extension CompareScreen {
  /// The summary, and on narrow screens the numbers of the selected layer.
  static func rowsBelow(isWide: Bool) -> Int { isWide ? 1 : 2 }

  /// `against`: the run that deltas are taken to.
  static func table(width: Int, against: Int?) -> Table {
    Table(
      [
        .init("#", 4, .trailing), .init("layer", width >= 66 ? 18 : 14, keep: .tail), .init("", nil),
        .init("value", 8, .trailing), .init(against.map { "vs \($0)" } ?? "", 8, .trailing), .init("", 1),
      ], width: width)
  }
}

extension Canvas {
  mutating func drawCompare(_ screen: CompareScreen, _ session: Session, _ workspace: Workspace) {
    let layout = session.layout
    let runs = [workspace.previous?.number, workspace.last?.number].compactMap { $0 }.map(String.init)
    let title = runs.isEmpty ? "Compare" : "Compare: run \(runs.joined(separator: " -> "))"
    let panes = drawPanes(layout, titles: (title, Self.detailTitle(session, workspace)), look: session.look)
    guard let comparison = workspace.last?.comparison else {
      put("No run yet. Here each layer shows how close it is to the original.", in: panes.list, line: 1, indent: 2)
      put([Span("r", .key), Span(" starts one", .textDim)], in: panes.list, line: 2, indent: 2)
      return
    }
    drawCompareList(screen, session, workspace, comparison, in: panes.list)
    if let detail = panes.detail { draw(screen.detail, session, workspace, in: detail) }
  }

  private mutating func drawCompareList(
    _ screen: CompareScreen, _ session: Session, _ workspace: Workspace, _ comparison: ComparisonReport,
    in inner: Rect
  ) {
    var spans = [Span("order ", .textDim)]
    for order in CompareScreen.Order.allCases {
      let isOn = order == screen.order
      spans.append(Span(isOn ? "[\(order.rawValue)]" : " \(order.rawValue) ", isOn ? .textStrong : .textDim))
    }
    spans.append(Span("  metric chain cos, \(comparison.images) images", .textDim))
    put(spans, in: inner)
    let table = CompareScreen.table(width: inner.columns - 1, against: workspace.previous?.number)
    drawHead(table, in: inner.line(1))
    let bars = table.cell(2, in: inner.line(1))
    put(NinesScale.axis(columns: bars.columns), in: bars, role: .textDim)
    let (rows, foot) = inner.splitRows(inner.rows - CompareScreen.rowsBelow(isWide: session.layout.isWide))
    draw(screen.list, in: rows.splitRows(2).rest, look: session.look) { index, canvas, line in
      canvas.drawMetric(workspace.rows[screen.rows[index]], session, workspace, table, in: line)
    }
    put(Self.compareSummary(session, workspace, comparison), in: foot, line: foot.rows - 1, role: .textDim)
    // Without a detail pane the selected layer gets a line.
    guard !session.layout.isWide, screen.rows.indices.contains(screen.list.selection) else { return }
    let row = workspace.rows[screen.rows[screen.list.selection]]
    guard let m = workspace.metrics[row.name] else { return }
    put(
      "\(row.name): min \(Digits.cosine(m.cosineMin))  SQNR \(Digits.fixed(m.sqnr_db, 1)) dB  max|err| "
        + "\(PlotNumber.text(m.max_abs))  slope \(Digits.fixed(m.slope, 3))  \(workspace.bitsText(row))", in: foot)
  }

  /// `below .99: 9 (was 14)   first drop conv3_dw   output prob 0.84600`.
  private static func compareSummary(_ session: Session, _ workspace: Workspace, _ report: ComparisonReport) -> String {
    var parts = ["below \(PlotNumber.text(session.threshold)): \(session.badCount)"]
    if let before = workspace.previous?.comparison {
      parts[0] += " (was \(before.layers.count { !($0.cosine >= session.threshold) }))"
    }
    if let first = report.layers.first(where: { !($0.cosine >= session.threshold) }) {
      parts.append("first \(first.layer)")
    }
    for output in report.outputs.prefix(2) { parts.append("output \(output.blob) \(Digits.cosine(output.cosine))") }
    return parts.joined(separator: "   ")
  }

  private mutating func drawMetric(
    _ row: LayerRow, _ session: Session, _ workspace: Workspace, _ table: Table, in line: Rect
  ) {
    guard let metric = workspace.metrics[row.name] else { return }
    let role = MetricRole.of(metric.cosine, threshold: session.threshold)
    put("\(row.index + 1)", 0, of: table, in: line, role: .textDim)
    put(row.name, 1, of: table, in: line)
    drawNinesBar(
      metric.cosine, threshold: session.threshold, in: table.cell(2, in: line), role: role, look: session.look)
    put(Digits.cosine(metric.cosine), 3, of: table, in: line, role: role)
    if let delta = workspace.delta(of: metric) {
      put(Digits.delta(delta), 4, of: table, in: line, role: MetricRole.delta(delta))
    }
    let state = workspace.state(of: row, threshold: session.threshold)
    put(state == .quantized ? "" : String(state.letter), 5, of: table, in: line, role: state.role)
  }
}
