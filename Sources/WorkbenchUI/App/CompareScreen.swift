import QuantEngine

/// Screen 5: how close each layer of the last run is to the original, and what changed since the run before.
enum CompareScreen {
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
  mutating func drawCompare(_ model: AppModel, _ workspace: Workspace) {
    let layout = model.layout
    let runs = [workspace.previous?.number, workspace.last?.number].compactMap { $0 }.map(String.init)
    let title = runs.isEmpty ? "Compare" : "Compare: run \(runs.joined(separator: " -> "))"
    let panes = drawPanes(layout, titles: (title, Self.detailTitle(model, workspace)), look: model.look)
    guard let comparison = workspace.last?.comparison else {
      put("No run yet. Here each layer shows how close it is to the original.", in: panes.list, line: 1, indent: 2)
      put([Span("r", .key), Span(" starts one", .textDim)], in: panes.list, line: 2, indent: 2)
      return
    }
    drawCompareList(model, workspace, comparison, in: panes.list)
    if let detail = panes.detail { drawDetail(model, workspace, in: detail) }
  }

  private mutating func drawCompareList(
    _ model: AppModel, _ workspace: Workspace, _ comparison: ComparisonReport, in inner: Rect
  ) {
    var spans = [Span("order ", .textDim)]
    for order in AppModel.Order.allCases {
      let isOn = order == model.order
      spans.append(Span(isOn ? "[\(order.rawValue)]" : " \(order.rawValue) ", isOn ? .textStrong : .textDim))
    }
    spans.append(Span("  metric chain cos, \(comparison.images) images", .textDim))
    put(spans, in: inner)
    let table = CompareScreen.table(width: inner.columns - 1, against: workspace.previous?.number)
    drawHead(table, in: inner.line(1))
    let bars = table.cell(2, in: inner.line(1))
    put(NinesScale.axis(columns: bars.columns), in: bars, role: .textDim)
    let (rows, foot) = inner.splitRows(inner.rows - CompareScreen.rowsBelow(isWide: model.layout.isWide))
    draw(model.compareList, in: rows.splitRows(2).rest, look: model.look) { index, canvas, line in
      canvas.drawMetric(workspace.rows[model.compared[index]], model, workspace, table, in: line)
    }
    put(Self.compareSummary(model, workspace, comparison), in: foot, line: foot.rows - 1, role: .textDim)
    // Without a detail pane the selected layer gets a line.
    guard !model.layout.isWide, model.compared.indices.contains(model.compareList.selection) else { return }
    let row = workspace.rows[model.compared[model.compareList.selection]]
    guard let m = workspace.metrics[row.name] else { return }
    put(
      "\(row.name): min \(Digits.cosine(m.cosineMin))  SQNR \(Digits.fixed(m.sqnr_db, 1)) dB  max|err| "
        + "\(PlotNumber.text(m.max_abs))  slope \(Digits.fixed(m.slope, 3))  \(workspace.bitsText(row))", in: foot)
  }

  /// `below .99: 9 (was 14)   first drop conv3_dw   output prob 0.84600`.
  private static func compareSummary(_ model: AppModel, _ workspace: Workspace, _ report: ComparisonReport) -> String {
    var parts = ["below \(PlotNumber.text(model.threshold)): \(model.badCount)"]
    if let before = workspace.previous?.comparison {
      parts[0] += " (was \(before.layers.count { !($0.cosine >= model.threshold) }))"
    }
    if let first = report.layers.first(where: { !($0.cosine >= model.threshold) }) { parts.append("first \(first.layer)") }
    for output in report.outputs.prefix(2) { parts.append("output \(output.blob) \(Digits.cosine(output.cosine))") }
    return parts.joined(separator: "   ")
  }

  private mutating func drawMetric(
    _ row: LayerRow, _ model: AppModel, _ workspace: Workspace, _ table: Table, in line: Rect
  ) {
    guard let metric = workspace.metrics[row.name] else { return }
    let role = MetricRole.of(metric.cosine, threshold: model.threshold)
    put("\(row.index + 1)", 0, of: table, in: line, role: .textDim)
    put(row.name, 1, of: table, in: line)
    drawNinesBar(metric.cosine, threshold: model.threshold, in: table.cell(2, in: line), role: role, look: model.look)
    put(Digits.cosine(metric.cosine), 3, of: table, in: line, role: role)
    if let delta = model.delta(of: metric) {
      put(Digits.delta(delta), 4, of: table, in: line, role: MetricRole.delta(delta))
    }
    let state = workspace.state(of: row, threshold: model.threshold)
    put(state == .quantized ? "" : String(state.letter), 5, of: table, in: line, role: state.role)
  }
}
