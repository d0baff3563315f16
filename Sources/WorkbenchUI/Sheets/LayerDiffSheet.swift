import Diagnostics
import QuantEngine
import Quantization

/// What the settings of a layer, or those of the whole net, are elsewhere: in the file, in the last run, by default.
struct LayerDiffSheet: Sheet {
  /// What the settings are compared with.
  private struct Other: Sendable {
    let name: String
    let config: QuantConfig
  }

  /// `nil`: the settings of the whole net.
  private let layer: String?
  private let others: [Other]
  private(set) var index = 0
  private(set) var changes: [ConfigChange] = []

  init?(_ session: Session) {
    guard let workspace = session.workspace else { return nil }
    layer = session.selectedRow?.name
    var others = [Other(name: "config.json", config: workspace.saved)]
    if let run = workspace.last, let config = run.config {
      others.append(Other(name: "run \(run.number)", config: config))
    }
    var log = DiagnosticLog()
    if let config = try? QuantConfig.initial(graph: workspace.graph, log: &log) {
      others.append(Other(name: "default", config: config))
    }
    self.others = others
    refresh(session)
  }

  mutating func refresh(_ session: Session) {
    guard let workspace = session.workspace else { return }
    changes = QuantConfig.diff(others[index].config, workspace.config, graph: workspace.graph).filter {
      $0.path.layer == layer
    }
  }

  mutating func press(_ key: Key, _ session: inout Session, at time: Duration) -> SheetOutcome {
    switch key {
    case .character("d"), .tab, .right, .character("l"), .down, .character("j"): index = (index + 1) % others.count
    case .backTab, .left, .character("h"), .up, .character("k"): index = (index + others.count - 1) % others.count
    case .enter:
      if changes.isEmpty { return .stay }
      take(&session, at: time)
      return .close
    case .escape, .control("c"), .character("q"), .function(10): return .close
    default: break
    }
    return .stay
  }

  private func take(_ session: inout Session, at time: Duration) {
    let other = others[index]
    if let layer {
      session.edit("\(layer): as in \(other.name)", at: time) { $0.layers[layer] = other.config.layers[layer] }
    } else {
      session.edit("settings of the net: as in \(other.name)", at: time) {
        $0.globals = other.config.globals
        $0.bnUpdate = other.config.bnUpdate
      }
    }
  }

  func draw(on canvas: inout Canvas, _ session: Session, at time: Duration) {
    let rows = min(session.size.rows - 4, max(9, changes.count + 6))
    let rect = Rect(session.size).centered(columns: min(84, session.size.columns - 4), rows: rows)
    canvas.fill(rect, role: .dialog)
    let title: Words = layer.map { "\($0): what differs" } ?? "The net: what differs"
    let inner = canvas.drawFrame(rect, title: title, isFocused: true, look: session.look).inset(columns: 1)
    var tabs = [Span("against ", .textDim)]
    for (number, other) in others.enumerated() {
      let isOn = number == index
      tabs.append(Span(isOn ? "[\(said: other.name)]" : " \(said: other.name) ", isOn ? .textStrong : .textDim))
    }
    canvas.put(tabs, in: inner)
    let room = inner.rows - 4
    if changes.isEmpty { canvas.put("nothing differs from \(said: others[index].name)", in: inner, line: 2) }
    for (line, change) in changes.prefix(changes.count > room ? room - 1 : room).enumerated() {
      canvas.put(
        [
          Span("\(Self.name(change.path))  "), Span(change.old?.text ?? inheritWord, .diffDel),
          Span(" -> ", .textDim), Span(change.new?.text ?? inheritWord, .diffAdd),
        ], in: inner, line: line + 2)
    }
    if changes.count > room {
      canvas.put(session.look.strings.moreRows(changes.count - room + 1), in: inner, line: room + 1, role: .textDim)
    }
    var keys = [Span("d", .key), Span(" against another  ", .dialog)]
    if !changes.isEmpty { keys += [Span("Enter", .key), Span(" take \(said: others[index].name)  ", .dialog)] }
    canvas.put(keys + [Span("Esc", .key), Span(" close", .dialog)], in: inner, line: inner.rows - 1)
  }

  /// The parameter without the layer, which the title names.
  private static func name(_ path: ConfigPath) -> String {
    guard let layer = path.layer else { return path.description }
    return String(path.description.dropFirst(layer.count + 1))
  }
}
