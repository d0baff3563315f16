import QuantEngine

extension LayersScreen {
  /// Rows for the legend below the list; none where the list is short.
  static func legendRows(_ rows: Int) -> Int { rows >= 24 ? 2 : 0 }

  static let legend = "Q quantised  F float  - off  ~ fused  E edited  ! under threshold"

  static func table(width: Int) -> Table {
    var columns: [Table.Column] = [
      .init("#", 4, .trailing), .init("S", 1), .init("layer", nil, keep: .tail), .init("type", 12),
    ]
    if width >= 66 { columns.append(.init("out", 11)) }
    columns += [.init("a/w", 6), .init("MAC%", 5, .trailing), .init("chain", 8, .trailing)]
    return Table(columns, width: width)
  }
}

extension Canvas {
  mutating func drawLayers(_ screen: LayersScreen, _ session: Session, _ workspace: Workspace) {
    let (layout, look) = (session.layout, session.look)
    let titles = (list: Self.listTitle(screen, workspace), detail: Self.detailTitle(session, workspace))
    if screen.isDetailOverList(session) {
      let inner = drawFrame(layout.list, title: titles.detail, isFocused: true, look: look)
      return draw(screen.detail, session, workspace, in: inner)
    }
    let panes = drawPanes(layout, titles: titles, detailFocused: screen.detail.hasFocus, look: look)
    drawLayerList(screen, session, workspace, in: panes.list)
    if let detail = panes.detail { draw(screen.detail, session, workspace, in: detail) }
  }

  private static func listTitle(_ screen: LayersScreen, _ workspace: Workspace) -> String {
    screen.filter.isEmpty
      ? "Layers" : "Layers: \(screen.filter.source) (\(screen.shown.count) of \(workspace.rows.count))"
  }

  static func detailTitle(_ session: Session, _ workspace: Workspace) -> String {
    session.cursor.map { "Layer \($0 + 1) of \(workspace.rows.count)" } ?? "Net"
  }

  private mutating func drawLayerList(
    _ screen: LayersScreen, _ session: Session, _ workspace: Workspace, in inner: Rect
  ) {
    let legend = LayersScreen.legendRows(inner.rows)
    let (head, rest) = inner.splitRows(1)
    let (body, foot) = rest.splitRows(rest.rows - legend)
    let table = LayersScreen.table(width: inner.columns - 1)
    drawHead(table, in: head)
    if screen.shown.isEmpty {
      put("no layer fits the filter '\(screen.filter.source)': Esc clears it", in: body, role: .textDim)
    }
    draw(screen.list, in: body, isActive: !screen.detail.hasFocus, look: session.look) { index, canvas, line in
      if let at = screen.shown[index] {
        canvas.drawLayer(workspace.rows[at], session, workspace, table, in: line)
      } else {
        canvas.put("net", 2, of: table, in: line, role: .textStrong)
        canvas.put("settings", 3, of: table, in: line, role: .textDim)
        if let output = workspace.last?.comparison?.outputCosine {
          canvas.put(
            Digits.cosine(output), table.columns.count - 1, of: table, in: line,
            role: MetricRole.of(output, threshold: session.threshold))
        }
      }
    }
    if legend > 0 {
      put(LayersScreen.legend, in: foot, line: 0, role: .textDim)
      let macs = workspace.rows.filter { workspace.isQuantized($0) }.reduce(0) { $0 + $1.macs }
      let share = workspace.totalMacs > 0 ? Double(macs) / Double(workspace.totalMacs) * 100 : 0
      put(
        "\(workspace.enabledCount) of \(workspace.quantizableCount) quantised"
          + "  MAC quantised \(Digits.fixed(share, 1))%", in: foot, line: 1, role: .textDim)
    }
  }

  private mutating func drawLayer(
    _ row: LayerRow, _ session: Session, _ workspace: Workspace, _ table: Table, in line: Rect
  ) {
    let state = workspace.state(of: row, threshold: session.threshold)
    let dim: Role = state == .fused ? .stateFused : state == .never ? .textDim : .text
    put("\(row.index + 1)", 0, of: table, in: line, role: .textDim)
    put(String(state.letter), 1, of: table, in: line, role: state.role)
    put(row.name, 2, of: table, in: line, role: dim)
    put(row.type, 3, of: table, in: line, role: dim)
    var column = 4
    if table.columns[column].title == "out" {
      put(row.fusedInto.map { "in \($0)" } ?? Digits.shape(row.output), column, of: table, in: line, role: dim)
      column += 1
    }
    put(
      workspace.bitsText(row), column, of: table, in: line,
      role: state == .quantized || state == .bad ? .text : state.role)
    guard row.fusedInto == nil else { return }
    if workspace.totalMacs > 0, row.macs > 0 {
      let share = Double(row.macs) / Double(workspace.totalMacs) * 100
      put(Digits.fixed(share, 1), column + 1, of: table, in: line, role: dim)
    }
    if let metric = workspace.metrics[row.name] {
      put(
        Digits.cosine(metric.cosine), column + 2, of: table, in: line,
        role: MetricRole.of(metric.cosine, threshold: session.threshold))
    }
  }
}
