import QuantEngine

/// Screen 5: how close each layer of the last run is to the original, and what changed since the run before.
struct CompareScreen: Screen {
  enum Action: String, ActionName, CaseIterable {
    case open, order, threshold, reset
    case nextBad = "next-bad"
    case previousBad = "previous-bad"
  }

  enum Order: String, CaseIterable, Sendable { case network, worst, delta }

  static let tab = Chrome.Tab(key: "5", name: "Compare", short: "Cmp")
  static let command = (name: "compare", help: "how close each layer is to the original")

  static let bindings: [Bound] = moving + looking + editing + working

  private static let looking: [Bound] = [
    Bound(.enter, action: .own(.open), help: "the layer and its settings", footer: "layer", offWhen: Off.run),
    Bound("o", action: .own(.order), help: "order: network, worst first, delta", footer: "order", offWhen: Off.run),
    Bound("t", action: .own(.threshold), help: "threshold", footer: "threshold", offWhen: Off.run),
    Bound("J", action: .own(.nextBad), help: "next layer under the threshold", footer: "next bad", offWhen: Off.run),
    Bound(
      "K", action: .own(.previousBad), help: "previous layer under the threshold", footer: "next bad",
      offWhen: Off.run),
  ]

  private static let working: [Bound] = [
    running,
    backToLayers,
    Bound("D", action: .own(.reset), help: "default of the whole layer", offWhen: Off.layer),
    Bound("y", action: .shared(.copy), help: "copy the row", offWhen: Off.run),
  ]

  /// Rows of the net in the order of the screen.
  private(set) var rows: [Int] = []
  private(set) var list = ListState()
  private(set) var detail = DetailPane(resultsFirst: true)
  private(set) var order = Order.network

  mutating func perform(_ action: Action, _ session: inout Session, at time: Duration) -> [Request<AppEffect>] {
    switch action {
    case .open: session.go(to: LayersScreen.self) { screen, _ in screen.detail.hasFocus = true }
    case .order:
      let all = Order.allCases
      sort(by: all[((all.firstIndex(of: order) ?? 0) + 1) % all.count], &session)
    case .threshold: session.ask(.threshold(session))
    case .nextBad: session.moveToBad(1, among: rows, at: time)
    case .previousBad: session.moveToBad(-1, among: rows, at: time)
    case .reset: session.resetLayer(at: time)
    }
    return []
  }

  /// A ranking is asked for its head, so the cursor goes there; network order keeps the layer.
  mutating func sort(by new: Order, _ session: inout Session) {
    order = new
    refresh(session)
    if new != .network, let first = rows.first { session.cursor = first }
  }

  mutating func move(_ move: ListState.Move, _ session: inout Session) {
    list.move(move)
    if rows.indices.contains(list.selection) { session.cursor = rows[list.selection] }
  }

  mutating func refresh(_ session: Session) {
    guard let workspace = session.workspace else { return }
    rows = sorted(workspace)
    let (layout, inside) = (session.layout, max(1, session.layout.list.rows - 2))
    list.fit(count: rows.count, height: max(1, inside - 2 - Self.rowsBelow(isWide: layout.isWide)))
    // A fused layer stands for its host.
    let host = session.selectedRow?.fusedInto.flatMap { workspace.index(of: $0) } ?? session.cursor
    if let host, let at = rows.firstIndex(of: host) { list.move(.to(at)) }
    detail.refresh(session)
  }

  private func sorted(_ workspace: Workspace) -> [Int] {
    let found = (workspace.last?.comparison?.layers ?? []).compactMap { metric in
      workspace.index(of: metric.layer).map {
        (index: $0, cosine: metric.cosine, delta: workspace.delta(of: metric) ?? 0)
      }
    }
    func before(_ a: Double, _ b: Double) -> Bool { a.isNaN ? !b.isNaN : a < b }
    switch order {
    case .network: return found.map(\.index).sorted()
    case .worst: return found.sorted { before($0.cosine, $1.cosine) }.map(\.index)
    case .delta: return found.sorted { before($0.delta, $1.delta) }.map(\.index)
    }
  }

  func place(_ session: Session) -> String { rows.isEmpty ? "" : "\(list.selection + 1)/\(rows.count)" }

  func copyText(_ session: Session) -> String? {
    session.selectedRow.map { row in
      row.name + (session.workspace?.metrics[row.name].map { " " + Digits.cosine($0.cosine) } ?? "")
    }
  }

  func view(_ session: Session, on canvas: inout Canvas, at time: Duration) {
    if let workspace = session.workspace { canvas.drawCompare(self, session, workspace) }
  }
}
