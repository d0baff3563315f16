import QuantEngine

/// A column of the layer list.
private enum LayerColumn: Equatable {
  case number, state, rails, name, type, output, bits, cost, metric
}

/// The columns that a width has room for: number, rails and what costs go before name, state and metric do.
private struct LayerColumns {
  let table: Table
  let kinds: [LayerColumn]

  /// Names are not cut shorter than this for another column's sake.
  private static let nameRoom = 15

  init(_ screen: LayersScreen, _ workspace: Workspace, width: Int) {
    let order = screen.rows.order
    func mark(_ own: LayerOrder, _ title: String) -> String { order == own ? title + "v" : title }
    let digits = String(workspace.rows.count).count
    var columns: [(kind: LayerColumn, column: Table.Column)] = [
      // One column more than digits: marks stand there.
      (.number, .init("#", max(4, digits + 1), .trailing)), (.state, .init("S", 1)),
    ]
    if screen.rows.isRails || screen.rows.isNeighbourhood {
      let rails = screen.rows.isRails ? workspace.rails.width : 2
      columns.append((.rails, .init("", max(1, min(rails, max(3, width / 6))))))
    }
    columns += [
      (.name, .init(order == .name ? "layer^" : "layer", nil, keep: .tail)), (.type, .init("type", 11)),
      (.output, .init("out", 10)),
      (.bits, .init(mark(.bits, "a/w"), workspace.figures.hasNonUniformWeights ? 6 : 5)),
      (.cost, order == .params ? .init("paramv", 6, .trailing) : .init(mark(.mac, "MAC%"), 5, .trailing)),
      (.metric, .init(order == .metric ? "chain^" : "chain", 7, .trailing)),
    ]
    for kind in [LayerColumn.output, .type, .cost, .rails, .bits, .number] {
      let fixed = columns.reduce(0) { $0 + ($1.column.width ?? 0) } + columns.count - 1
      if width - fixed >= Self.nameRoom { break }
      columns.removeAll { $0.kind == kind }
    }
    kinds = columns.map(\.kind)
    table = Table(columns.map(\.column), width: width)
  }
}

extension LayersScreen {
  /// Rows for the legend below the list; few where the list is short.
  static func legendRows(_ rows: Int) -> Int { rows >= 24 ? 4 : rows >= 12 ? 1 : 0 }

  static let legend: Words = "S: Q quantised F float - never ~ fused E edited ! below threshold"
}

extension Canvas {
  mutating func drawLayers(_ screen: LayersScreen, _ session: Session, _ workspace: Workspace) {
    let (layout, look) = (session.layout, session.look)
    let title = Self.detailTitle(session, workspace) + Self.markNote(session)
    if screen.isDetailOverList(session) {
      let inner = drawFrame(layout.list, title: title, isFocused: true, look: look)
      return draw(screen.detail, session, workspace, in: inner)
    }
    let panes = drawPanes(
      layout, titles: (Self.listTitle(screen, workspace), title), detailFocused: screen.detail.hasFocus, look: look)
    drawLayerList(screen, session, workspace, in: panes.list)
    if let detail = panes.detail { draw(screen.detail, session, workspace, in: detail) }
  }

  private static func listTitle(_ screen: LayersScreen, _ workspace: Workspace) -> Words {
    let count = screen.rows.shown.count { if case .layer = $0 { true } else { false } }
    return screen.filter.isEmpty ? "Layers" : "Layers: \(screen.filter.source) (\(count) of \(workspace.rows.count))"
  }

  static func detailTitle(_ session: Session, _ workspace: Workspace) -> Words {
    session.cursor.map { "Layer \($0 + 1) of \(workspace.rows.count)" } ?? "Net"
  }

  private static func markNote(_ session: Session) -> Words {
    session.marks.isEmpty ? "" : ": edits go to \(session.marks.count) marked"
  }

  private mutating func drawLayerList(
    _ screen: LayersScreen, _ session: Session, _ workspace: Workspace, in inner: Rect
  ) {
    let legend = LayersScreen.legendRows(inner.rows)
    let (head, rest) = inner.splitRows(1)
    let (body, foot) = rest.splitRows(rest.rows - legend)
    let columns = LayerColumns(screen, workspace, width: inner.columns - 1)
    drawHead(columns.table, in: head)
    if screen.rows.shown.isEmpty { drawNothingFound(screen, in: body) }
    draw(screen.list, in: body, isActive: !screen.detail.hasFocus, look: session.look) { index, canvas, line in
      canvas.drawRow(screen.rows.shown[index], screen, session, workspace, columns, in: line)
      if let start = screen.rangeStart,
        (min(start, screen.list.selection)...max(start, screen.list.selection)).contains(index)
      {
        canvas.overlay(line, .mark)
      }
    }
    if legend > 0 { drawLegend(screen, session, workspace, in: foot) }
  }

  private mutating func drawNothingFound(_ screen: LayersScreen, in body: Rect) {
    put("no layer fits the filter '\(screen.filter.source)': Esc clears it", in: body, line: 1, indent: 2)
    if !screen.nearNames.isEmpty {
      put("near names: \(screen.nearNames.joined(separator: ", "))", in: body, line: 2, indent: 2, role: .textDim)
    }
  }

  // MARK: Below the list

  private mutating func drawLegend(_ screen: LayersScreen, _ session: Session, _ workspace: Workspace, in foot: Rect) {
    let below = screen.rows.shown.count - screen.list.visible.upperBound
    let filter: Words = screen.filter.isEmpty ? "filter none" : "filter \(screen.filter.source)"
    let order: Words = "sort \(said: screen.rows.order.words)"
    let figures = workspace.figures
    let share = { (macs: Int) in
      workspace.totalMacs > 0 ? Digits.fixed(Double(macs) / Double(workspace.totalMacs) * 100, 1) + "%" : "-"
    }
    let wide: Words = figures.int16Macs > 0 ? " int16 \(share(figures.int16Macs))" : ""
    let facts: Words =
      "marks \(session.marks.count)  rows \(screen.rows.shown.count)  quantisable \(figures.quantizable)"
      + "  quantised \(figures.quantized)  MAC int8 \(share(figures.int8Macs))\(wide)"
    guard foot.rows > 1 else {
      let isPlain = screen.filter.isEmpty && screen.rows.order == .network && session.marks.isEmpty
      let short: Words = "marks \(session.marks.count)  \(filter)  \(order)  view \(said: screen.rows.view.rawValue)"
      put(isPlain ? facts : short, in: foot, role: .textDim)
      return
    }
    let more: Words = below > 0 ? ".. \(Digits.plural(below, "more row")), " : ""
    put("  \(more)\(filter), \(order)", in: foot, line: 0, role: .textDim)
    put(LayersScreen.legend, in: foot, line: 1, role: .textDim)
    put(Self.viewLegend(screen.rows), in: foot, line: 2, role: .textDim)
    put(facts, in: foot, line: 3, role: .textDim)
  }

  private static func viewLegend(_ rows: LayerRows) -> Words {
    if rows.order != .network { return "sorted: no branches drawn; Esc goes back to network order" }
    switch rows.view {
    case .rails: return "rails show branches; [ ] jump to branch start / end; v other view"
    case .flat: return "flat list; [ ] jump to branch start / end; v other view"
    case .neighbourhood:
      return rows.filter.isEmpty
        ? "inputs -, outputs +; l centres on a layer, h goes back; v other view"
        : "the filter shows layers of the whole net; Esc clears it"
    case .tree: return "tree by name; h folds, l unfolds, Space marks a group; v other view"
    }
  }

  // MARK: A row

  private mutating func drawRow(
    _ row: LayerListRow, _ screen: LayersScreen, _ session: Session, _ workspace: Workspace, _ columns: LayerColumns,
    in line: Rect
  ) {
    switch row {
    case .net: drawNet(session, workspace, columns, in: line)
    case .layer(let index): drawLayer(workspace.rows[index], screen, session, workspace, columns, in: line)
    case .group(let number):
      drawGroup(workspace.tree.groups[number], screen, session, workspace, columns, in: line)
    }
  }

  private mutating func drawNet(_ session: Session, _ workspace: Workspace, _ columns: LayerColumns, in line: Rect) {
    for (index, kind) in columns.kinds.enumerated() {
      switch kind {
      case .name: put("net", index, of: columns.table, in: line, role: .textStrong)
      case .type: put("settings", index, of: columns.table, in: line, role: .textDim)
      case .metric:
        guard let output = workspace.last?.comparison?.outputCosine else { break }
        let role = MetricRole.of(output, threshold: session.threshold)
        put(Digits.cosine(output), index, of: columns.table, in: line, role: role)
      default: break
      }
    }
  }

  private mutating func drawLayer(
    _ row: LayerRow, _ screen: LayersScreen, _ session: Session, _ workspace: Workspace, _ columns: LayerColumns,
    in line: Rect
  ) {
    let state = workspace.state(of: row, threshold: session.threshold)
    let dim: Role = state == .fused ? .stateFused : state == .never ? .textDim : .text
    let table = columns.table
    for (index, kind) in columns.kinds.enumerated() {
      let cell = table.cell(index, in: line)
      switch kind {
      case .number:
        put("\(row.index + 1)", index, of: table, in: line, role: .textDim)
        if session.marks.contains(row.name) { put(">", in: cell, role: .mark) }
      case .state: put(String(state.letter), in: cell, role: state.role)
      case .rails: drawRails(row, screen, session, workspace, in: cell)
      case .name:
        let indent = screen.rows.isTree ? min(workspace.tree.depths[row.index] * 2, cell.columns / 2) : 0
        put(row.name, in: cell, indent: indent, role: dim, keep: .tail)
      case .type: put(row.type, in: cell, role: dim)
      case .output where row.fusedInto == nil: put(Digits.shape(row.output), in: cell, role: dim)
      case .bits where row.fusedInto == nil:
        put(workspace.bitsText(row), in: cell, role: state == .quantized || state == .bad ? .text : state.role)
      case .cost where row.fusedInto == nil:
        put(Self.cost(of: row, screen.rows.order, workspace), index, of: table, in: line, role: dim)
      case .metric:
        guard row.fusedInto == nil, let metric = workspace.metrics[row.name] else { break }
        let role = MetricRole.of(metric.cosine, threshold: session.threshold)
        put(Digits.cosine(metric.cosine), index, of: table, in: line, role: role)
      default: break
      }
    }
    if !columns.kinds.contains(.number), session.marks.contains(row.name) { overlay(line, .mark) }
    guard let host = row.fusedInto, let from = columns.kinds.firstIndex(where: { [.output, .bits].contains($0) })
    else { return }
    // The rest of the line points to the layer that has taken it in.
    let start = table.cell(from, in: line).column
    let room = Rect(column: start, row: line.row, columns: line.endColumn - start, rows: 1)
    put("fused -> \(host)", in: room, role: .stateFused)
  }

  private static func cost(of row: LayerRow, _ order: LayerOrder, _ workspace: Workspace) -> String {
    if order == .params { return row.params > 0 ? Digits.count(row.params) : "" }
    guard workspace.totalMacs > 0, row.macs > 0 else { return "" }
    return Digits.fixed(Double(row.macs) / Double(workspace.totalMacs) * 100, 1)
  }

  private mutating func drawRails(
    _ row: LayerRow, _ screen: LayersScreen, _ session: Session, _ workspace: Workspace, in cell: Rect
  ) {
    if screen.rows.isNeighbourhood {
      let distance = screen.rows.distances[row.index] ?? 0
      let text = distance == 0 ? String(session.look.glyphs.node) : distance > 0 ? "+\(distance)" : "\(distance)"
      put(text, in: cell, role: distance == 0 ? .textStrong : .textDim, alignment: .trailing)
      return
    }
    for (offset, sign) in workspace.rails.cells(row.index, columns: cell.columns).enumerated() {
      // A fused layer is no stop of its own.
      let shown: Rails.Cell = sign == .node && row.fusedInto != nil ? .line : sign
      let place = Rect(column: cell.column + offset, row: cell.row, columns: 1, rows: 1)
      put(String(session.look.glyphs.sign(shown)), in: place, role: shown == .node ? .text : .frame)
    }
  }

  private mutating func drawGroup(
    _ group: LayerTree.Group, _ screen: LayersScreen, _ session: Session, _ workspace: Workspace,
    _ columns: LayerColumns, in line: Rect
  ) {
    let isFolded = screen.rows.folded.contains(group.prefix)
    let own = group.rows.map { workspace.rows[$0] }.filter { $0.isQuantizable && $0.fusedInto == nil }
    for (index, kind) in columns.kinds.enumerated() {
      let cell = columns.table.cell(index, in: line)
      switch kind {
      case .number:
        if group.rows.allSatisfy({ session.marks.contains(workspace.rows[$0].name) }) {
          put(">", in: cell, role: .mark)
        }
      case .state: put(isFolded ? "+" : "-", in: cell, role: .key)
      case .name:
        put(
          "\(group.prefix)  \(group.rows.count)", in: cell, indent: min(group.depth * 2, cell.columns / 2),
          role: .textStrong)
      case .type: put("\(own.count { workspace.isQuantized($0) }) of \(own.count) Q", in: cell, role: .textDim)
      case .cost:
        let macs = group.rows.reduce(0) { $0 + workspace.rows[$1].macs }
        guard workspace.totalMacs > 0, macs > 0 else { break }
        let share = Digits.fixed(Double(macs) / Double(workspace.totalMacs) * 100, 1)
        put(share, in: cell, role: .textDim, alignment: .trailing)
      case .metric:
        // The worst of them: that is what folding must not hide.
        let worst = group.rows.compactMap { workspace.metrics[workspace.rows[$0].name]?.cosine }.min { a, b in
          a.isNaN ? !b.isNaN : a < b
        }
        guard let worst else { break }
        let role = MetricRole.of(worst, threshold: session.threshold)
        put(Digits.cosine(worst), in: cell, role: role, alignment: .trailing)
      default: break
      }
    }
  }
}
