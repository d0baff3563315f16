import QuantEngine
import Quantization

/// All settings that a layer had, by edits and by runs, with what each run that had them measured; Enter makes the
/// layer's settings what they were, as one more edit.
struct LayerHistorySheet: Sheet {
  /// Settings that the layer had.
  struct Past: Sendable {
    /// `nil`: no entry, so float.
    let settings: LayerConfig?
    /// What made them: `after 'conv1: num_bits 8 -> 12'`, `in run 3`.
    let name: String
    /// The state of the history; `nil` for what only a run had.
    let state: Int?
    /// When the edit was made, in seconds since 1970.
    let time: Double?
    /// The runs that had these settings, newest first.
    var runs: [LayerRun]
  }

  let layer: String
  private var runs: [LayerRun]
  private(set) var past: [Past] = []
  private(set) var list = ListState()
  /// What taking the selected settings changes now.
  private(set) var changes: [ConfigChange] = []

  /// `nil` for a layer without settings.
  init?(_ session: Session) {
    guard let workspace = session.workspace, let row = session.selectedRow else { return nil }
    layer = row.name
    // Until all runs are read: the two at hand.
    runs = [workspace.last, workspace.previous].compactMap { $0.map { LayerRun($0, layer: row.name) } }
    past = Self.past(workspace, layer, runs)
    list.fit(count: past.count)
    let current = workspace.history.current
    list.move(.to(past.lastIndex { $0.state.map { $0 <= current } ?? false } ?? 0))
    refresh(session)
  }

  private static func past(_ workspace: Workspace, _ layer: String, _ runs: [LayerRun]) -> [Past] {
    let history = workspace.history
    // Settings in each state of the history: those of the state before, unless its edit changed them.
    var settings = [history.base.config.layers[layer]]
    var past = [Past(settings: settings[0], name: "before the first edit", state: 0, time: nil, runs: [])]
    for entry in history.entries {
      guard let change = entry.change.layers[layer] else {
        settings.append(settings[entry.parent])
        continue
      }
      settings.append(change.new)
      past.append(
        Past(settings: change.new, name: "after '\(entry.label)'", state: entry.id, time: entry.time, runs: []))
    }
    for run in runs where run.hasConfig {
      let same = past.indices.filter { isSame(past[$0].settings, run.settings) }
      for index in same { past[index].runs.append(run) }
      if same.isEmpty {
        past.append(Past(settings: run.settings, name: "in run \(run.run)", state: nil, time: nil, runs: [run]))
      }
    }
    return past
  }

  /// Equal in effect: 0.70 is 0.7, and a default that is left out is a default.
  private static func isSame(_ a: LayerConfig?, _ b: LayerConfig?) -> Bool {
    if a == b { return true }
    var (x, y) = (QuantConfig(), QuantConfig())
    x.layers["layer"] = a
    y.layers["layer"] = b
    return QuantConfig.diff(x, y).isEmpty
  }

  mutating func hear(_ news: AppNews, _ session: inout Session, at time: Duration) -> SheetOutcome {
    guard case .layerRuns(let name, let found) = news, name == layer, let workspace = session.workspace else {
      return .stay
    }
    runs = found
    past = Self.past(workspace, layer, runs)
    refresh(session)
    return .stay
  }

  mutating func press(_ key: Key, _ session: inout Session, at time: Duration) -> SheetOutcome {
    switch key {
    case .down, .character("j"): list.move(.by(1))
    case .up, .character("k"): list.move(.by(-1))
    case .pageDown, .control("d"): list.move(.pageDown)
    case .pageUp, .control("u"): list.move(.pageUp)
    case .home, .character("g"): list.move(.first)
    case .end, .character("G"): list.move(.last)
    case .enter:
      let chosen = past[list.selection]
      session.edit("\(layer): as \(chosen.name)", at: time) { $0.layers[layer] = chosen.settings }
      return .close
    case .escape, .control("c"), .character("q"), .function(10), .character("H"): return .close
    default: break
    }
    return .stay
  }

  mutating func refresh(_ session: Session) {
    guard let workspace = session.workspace else { return }
    let rows = Self.rect(session.size).rows
    list.fit(count: past.count, height: max(1, rows - 4 - Self.diffRows(rows)))
    var other = workspace.config
    other.layers[layer] = past[list.selection].settings
    changes = QuantConfig.diff(workspace.config, other, graph: workspace.graph)
  }

  // MARK: Drawing

  private static func rect(_ size: Size) -> Rect {
    Rect(size).centered(columns: min(100, size.columns - 2), rows: size.rows - 4)
  }

  /// Rows for the difference, its rule included.
  private static func diffRows(_ rows: Int) -> Int { max(3, rows / 3) }

  private static func table(width: Int) -> Table {
    Table(
      [
        .init("", 1), .init("age", 4, .trailing), .init("settings", nil), .init("run", 8), .init("chain", 7, .trailing),
      ],
      width: width)
  }

  func draw(on canvas: inout Canvas, _ session: Session, at time: Duration) {
    guard let workspace = session.workspace else { return }
    let (rect, look) = (Self.rect(session.size), session.look)
    canvas.fill(rect, role: .dialog)
    let inner = canvas.drawFrame(rect, title: "History of \(layer)", isFocused: true, look: look)
    let (body, foot) = inner.splitRows(inner.rows - 1)
    let (rows, below) = body.splitRows(body.rows - Self.diffRows(rect.rows))
    let table = Self.table(width: rows.columns - 1)
    canvas.drawHead(table, in: rows.line(0))
    let now = session.epoch + Double(time.components.seconds)
    canvas.draw(list, in: rows.splitRows(1).rest, look: look) { index, canvas, line in
      let entry = past[index]
      let isNow = Self.isSame(entry.settings, workspace.config.layers[layer])
      canvas.put(isNow ? "*" : "", 0, of: table, in: line, role: .textStrong)
      if let made = entry.time { canvas.put(Digits.age(now - made), 1, of: table, in: line, role: .textDim) }
      canvas.put(Words(entry.name), 2, of: table, in: line, role: isNow ? .textStrong : .text)
      guard let run = entry.runs.first else {
        canvas.put("no run", 3, of: table, in: line, role: .textDim)
        return
      }
      let more = entry.runs.count > 1 ? " +\(entry.runs.count - 1)" : ""
      canvas.put("\(run.run)\(more)", 3, of: table, in: line, role: .textDim)
      guard let metric = run.metric else { return }
      let role = MetricRole.of(metric.cosine, threshold: session.threshold)
      canvas.put(Digits.cosine(metric.cosine), 4, of: table, in: line, role: role)
    }
    draw(below, on: &canvas, look)
    canvas.put(
      [Span("Enter", .key), Span(" take it", .dialog), Span("  Esc", .key), Span(" close", .dialog)], in: foot,
      indent: 1)
  }

  private func draw(_ below: Rect, on canvas: inout Canvas, _ look: Look) {
    let count = changes.isEmpty ? "is as now" : "against now: \(Digits.plural(changes.count, "difference"))"
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
  }
}
