import Quantization

/// All edits, and what each state would change; Enter goes to the selected one, on whatever branch it is.
struct HistorySheet: Sheet {
  /// States: 0 is the one before the first edit.
  private var states: [Int] = []
  private(set) var list = ListState()
  /// What taking the selected state changes now.
  private(set) var changes: [ConfigChange] = []
  /// The recipe of the selected state is not that of now.
  private var changesRecipe = false

  /// `nil` when there is nothing to choose from.
  init?(_ session: Session) {
    states = Self.states(session)
    guard states.count > 1, let current = session.workspace?.history.current else { return nil }
    list.fit(count: states.count)
    list.move(.to(states.lastIndex { $0 <= current } ?? 0))
    refresh(session)
  }

  private static func states(_ session: Session) -> [Int] { [0] + (session.workspace?.history.entries ?? []).map(\.id) }

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
    case .character("y"):
      guard let workspace = session.workspace else { break }
      let commands = EditCommands(of: workspace.history, to: selected, file: workspace.configPath)
      session.say(.info, "copied: \(Digits.plural(commands.count, "command")) that make this config", at: time)
      return .ask([.copy(commands.text)])
    case .escape, .control("c"), .character("q"), .function(10), .character("U"): return .close
    default: break
    }
    return .stay
  }

  private func take(_ session: inout Session, at time: Duration) {
    if let reason = session.readOnlyReason { return session.say(.warning, reason, at: time) }
    guard let history = session.workspace?.history, selected != history.current else { return }
    session.workspace?.jump(to: selected)
    session.say(.info, "now as \(Self.name(of: selected, history)) (U goes elsewhere)", at: time)
  }

  /// `after 'conv1: num_bits 8 -> 12'`.
  private static func name(of id: Int, _ history: UndoHistory<EditedConfig>) -> String {
    id == 0 ? "before the first edit" : "after '\(history.entries[id - 1].label)'"
  }

  mutating func refresh(_ session: Session) {
    guard let workspace = session.workspace else { return }
    states = Self.states(session)
    let rows = Self.rect(session.size).rows
    list.fit(count: states.count, height: max(1, rows - 3 - Self.diffRows(rows)))
    changes = []
    changesRecipe = false
    guard let document = workspace.history.document(at: selected) else { return }
    changesRecipe = document.recipe != workspace.recipe
    changes = QuantConfig.diff(workspace.config, document.config)
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
    let inner = canvas.drawFrame(rect, title: "History", isFocused: true, look: look)
    let (body, foot) = inner.splitRows(inner.rows - 1)
    let (rows, below) = body.splitRows(body.rows - Self.diffRows(rect.rows))
    let history = workspace.history
    let path = Set([0] + history.path(to: history.current))
    let now = session.epoch + Double(time.components.seconds)
    canvas.draw(list, in: rows, look: look) { index, canvas, line in
      draw(states[index], history, path: path, now: now, on: &canvas, in: line)
    }
    let parts =
      (changes.isEmpty ? [] : [Digits.plural(changes.count, "difference")])
      + (changesRecipe ? ["another recipe.cfg"] : [])
    let count = parts.isEmpty ? "is as now" : "against now: \(parts.joined(separator: ", "))"
    canvas.drawRule(Words(count), in: below.line(0), look: look)
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
        Span("Enter", .key), Span(" go there", .dialog), Span("  y", .key), Span(" copy as commands", .dialog),
        Span("  Esc", .key), Span(" close", .dialog),
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
    let origin: Words = entry.parent != id - 1 ? "  (from \(entry.parent))" : ""
    canvas.put(Words(entry.label) + origin, in: line, indent: 16, role: isOn ? .text : .textDim)
  }
}
