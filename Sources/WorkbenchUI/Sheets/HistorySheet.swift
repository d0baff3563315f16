import Quantization

/// All edits, of the whole config or of one layer, and what each state would change; Enter takes the selected one.
///
/// Of the whole config Enter goes to that state, on whatever branch it is. Of a layer it makes the layer's settings what
/// they were, as one more edit.
struct HistorySheet: Sheet {
  private let layer: String?
  /// States: 0 is the one before the first edit.
  private var states: [Int] = []
  private(set) var list = ListState()
  /// What taking the selected state changes now.
  private(set) var changes: [ConfigChange] = []

  /// `nil` when there is nothing to choose from.
  init?(_ session: Session, layer: String? = nil) {
    self.layer = layer
    states = Self.states(session, layer)
    guard states.count > 1, let current = session.workspace?.history.current else { return nil }
    list.fit(count: states.count)
    list.move(.to(states.lastIndex { $0 <= current } ?? 0))
    refresh(session)
  }

  static func states(_ session: Session, _ layer: String?) -> [Int] {
    let entries = session.workspace?.history.entries ?? []
    return [0] + entries.filter { entry in layer.map { entry.change.layers[$0] != nil } ?? true }.map(\.id)
  }

  private var selected: Int { states[list.selection] }

  mutating func press(_ key: Key, _ session: inout Session, at time: Duration) -> SheetOutcome {
    switch key {
    case .down, .character("j"): list.move(.by(1))
    case .up, .character("k"): list.move(.by(-1))
    case .pageDown, .control("d"): list.move(.pageDown)
    case .pageUp, .control("u"): list.move(.pageUp)
    case .home, .character("g"): list.move(.first)
    case .end, .character("G"): list.move(.last)
    case .enter:
      take(&session, at: time)
      return .close
    case .escape, .control("c"), .character("q"), .function(10), .character("U"), .character("H"): return .close
    default: break
    }
    return .stay
  }

  private func take(_ session: inout Session, at time: Duration) {
    if let reason = session.readOnlyReason { return session.say(.warning, reason, at: time) }
    guard let history = session.workspace?.history, let state = history.document(at: selected)?.config else { return }
    if let layer {
      session.edit("\(layer): as \(Self.name(of: selected, history))", at: time) {
        $0.layers[layer] = state.layers[layer]
      }
    } else if selected != history.current {
      session.workspace?.jump(to: selected)
      session.say(.info, "now as \(Self.name(of: selected, history)) (U goes elsewhere)", at: time)
    }
  }

  /// `after 'conv1: num_bits 8 -> 12'`.
  private static func name(of id: Int, _ history: UndoHistory<EditedConfig>) -> String {
    id == 0 ? "before the first edit" : "after '\(history.entries[id - 1].label)'"
  }

  mutating func refresh(_ session: Session) {
    guard let workspace = session.workspace else { return }
    states = Self.states(session, layer)
    let rows = Self.rect(session.size).rows
    list.fit(count: states.count, height: max(1, rows - 3 - Self.diffRows(rows)))
    changes = []
    guard let state = workspace.history.document(at: selected)?.config else { return }
    changes = QuantConfig.diff(workspace.config, state).filter { change in layer.map { change.path.layer == $0 } ?? true
    }
  }

  // MARK: Drawing

  private static func rect(_ size: Size) -> Rect {
    Rect(size).centered(columns: min(100, size.columns - 2), rows: size.rows - 4)
  }

  /// Rows for the difference, its rule included.
  private static func diffRows(_ rows: Int) -> Int { max(3, rows / 3) }

  func draw(on canvas: inout Canvas, _ session: Session, at time: Duration) {
    guard let workspace = session.workspace else { return }
    let (rect, look) = (Self.rect(session.size), session.look)
    canvas.fill(rect, role: .dialog)
    let title = layer.map { "History of \($0)" } ?? "History"
    let inner = canvas.drawFrame(rect, title: title, isFocused: true, look: look)
    let (body, foot) = inner.splitRows(inner.rows - 1)
    let (rows, below) = body.splitRows(body.rows - Self.diffRows(rect.rows))
    let history = workspace.history
    let path = Set([0] + history.path(to: history.current))
    let now = session.epoch + Double(time.components.seconds)
    canvas.draw(list, in: rows, look: look) { index, canvas, line in
      draw(states[index], history, path: path, now: now, on: &canvas, in: line)
    }
    let count = changes.isEmpty ? "is as now" : "against now: \(Digits.plural(changes.count, "difference"))"
    canvas.drawRule(count, in: below.line(0), look: look)
    let room = below.rows - 1
    for (index, change) in changes.prefix(changes.count > room ? room - 1 : room).enumerated() {
      canvas.put(
        [
          Span("\(change.path)  "), Span(change.old?.text ?? inheritWord, .diffDel), Span(" -> ", .textDim),
          Span(change.new?.text ?? inheritWord, .diffAdd),
        ], in: below, line: index + 1)
    }
    if changes.count > room {
      canvas.put(look.strings.moreRows(changes.count - room + 1), in: below, line: room, role: .textDim)
    }
    canvas.put(
      [
        Span("Enter", .key), Span(layer == nil ? " go there" : " take it", .dialog), Span("  Esc", .key),
        Span(" close", .dialog),
      ], in: foot, indent: 1)
  }

  /// A star for the state that is now, a bar for those that led to it, a dot for other branches.
  private func draw(
    _ id: Int, _ history: UndoHistory<EditedConfig>, path: Set<Int>, now: Double, on canvas: inout Canvas, in line: Rect
  ) {
    let isOn = path.contains(id)
    canvas.put(id == history.current ? "*" : isOn ? "|" : ".", in: line, indent: 1, role: isOn ? .textStrong : .textDim)
    let place = Rect(column: line.column + 2, row: line.row, columns: 5, rows: 1)
    canvas.put("\(id)", in: place, role: .textDim, alignment: .trailing)
    guard id > 0 else {
      canvas.put("before the first edit", in: line, indent: 16, role: isOn ? .text : .textDim)
      return
    }
    let entry = history.entries[id - 1]
    let age = Rect(column: line.column + 8, row: line.row, columns: 6, rows: 1)
    canvas.put(Digits.age(now - entry.time), in: age, role: .textDim, alignment: .trailing)
    let origin = layer == nil && entry.parent != id - 1 ? "  (from \(entry.parent))" : ""
    canvas.put(entry.label + origin, in: line, indent: 16, role: isOn ? .text : .textDim)
  }
}
