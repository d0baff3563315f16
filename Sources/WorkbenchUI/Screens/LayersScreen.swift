import Quantization

/// Screen 2: the layers of the net, with the settings of the one under the cursor.
struct LayersScreen: Screen {
  enum Action: String, ActionName, CaseIterable {
    case open, back, pane, filter, compare, reset, inherit, more, less
    case flip = "flip-flag"
    case nextBad = "next-bad"
    case previousBad = "previous-bad"
  }

  static let tab = Chrome.Tab(key: "2", name: "Layers", short: "Lay")
  static let command = (name: "layers", help: "layers and their settings")

  static let bindings: [Bound] = moving + opening + editing + working + fields

  private static let opening: [Bound] = [
    Bound(
      .enter, .right, action: .own(.open), help: "open the layer, edit the field", footer: "edit", offWhen: Off.model),
    Bound(.escape, .left, action: .own(.back), help: "back to the list; clear the filter"),
  ]

  private static let working: [Bound] = [
    Bound(
      "/", action: .own(.filter), help: "filter: name, type:Conv, state:F, bits>8, chain<.99, mac>2", footer: "filter"),
    running,
    Bound(
      "S", .function(2), action: .shared(.save), help: "save the config", footer: "save",
      offWhen: {
        Off.save($0) ?? ($0.session.workspace?.isUnsaved ?? false ? nil : "everything is saved")
      }),
    Bound("5", action: .own(.compare), help: "compare", footer: "compare"),
    Bound("u", action: .shared(.undo), help: "take back the last edit", footer: "undo", offWhen: Off.undo),
  ]

  private static let fields: [Bound] = [
    Bound(
      "D", action: .own(.reset), help: "default of the field, or of the whole layer",
      // The line of the whole net has fields, though it is no layer.
      offWhen: { noField($0) == nil ? nil : Off.layer($0) }),
    Bound(.space, action: .own(.flip), help: "flip the flag", offWhen: noField),
    Bound("+", action: .own(.more), help: "step up", offWhen: noField),
    Bound("-", action: .own(.less), help: "step down", offWhen: noField),
    Bound("I", action: .own(.inherit), help: "inherit with_offset", offWhen: noField),
    Bound("J", action: .own(.nextBad), help: "next layer under the threshold", offWhen: Off.run),
    Bound("K", action: .own(.previousBad), help: "previous layer under the threshold", offWhen: Off.run),
    Bound(.tab, .function(6), .backTab, action: .own(.pane), help: "other pane", offWhen: Off.model),
    Bound("y", action: .shared(.copy), help: "copy the row", offWhen: Off.model),
  ]

  private static func noField(_ scene: Scene<LayersScreen>) -> String? {
    Off.model(scene)
      ?? (scene.screen.detail.selectedField(scene.session) == nil ? "Enter opens the layer; then choose a field" : nil)
  }

  /// Rows of the net that the filter leaves; `nil` is the line of the whole net.
  private(set) var shown: [Int?] = []
  private(set) var list = ListState()
  var detail = DetailPane()
  private(set) var filter = FilterExpression.everything

  /// The detail takes the whole width.
  func isDetailOverList(_ session: Session) -> Bool { detail.hasFocus && !session.layout.isWide }

  mutating func perform(_ action: Action, _ session: inout Session, at time: Duration) -> [Request<AppEffect>] {
    switch action {
    case .open:
      if detail.hasFocus {
        detail.edit(&session, at: time)
      } else {
        detail.hasFocus = true
      }
    case .back:
      if detail.hasFocus {
        detail.hasFocus = false
      } else {
        filter = .everything
      }
    case .pane: detail.hasFocus.toggle()
    case .filter: session.ask(.filter(filter))
    case .compare: session.go(to: CompareScreen.self)
    case .reset:
      if detail.selectedField(session) != nil {
        detail.reset(&session, at: time)
      } else {
        session.resetLayer(at: time)
      }
    case .inherit: detail.set(inheritWord, &session, at: time)
    case .flip: detail.flip(&session, at: time)
    case .more: detail.step(1, &session, at: time)
    case .less: detail.step(-1, &session, at: time)
    case .nextBad: session.moveToBad(1, among: session.workspace?.rows.map(\.index) ?? [], at: time)
    case .previousBad: session.moveToBad(-1, among: session.workspace?.rows.map(\.index) ?? [], at: time)
    }
    return []
  }

  mutating func move(_ move: ListState.Move, _ session: inout Session) {
    if detail.hasFocus { return detail.move(move, session) }
    list.move(move)
    if shown.indices.contains(list.selection) { session.cursor = shown[list.selection] }
  }

  /// A filter works while it is typed; the cursor stays on a row that is shown.
  mutating func show(only filter: FilterExpression, _ session: inout Session) {
    self.filter = filter
    refresh(session)
    if !shown.isEmpty, !shown.contains(session.cursor) {
      session.cursor = shown[min(list.selection, shown.count - 1)]
    }
  }

  mutating func refresh(_ session: Session) {
    guard let workspace = session.workspace else { return }
    if filter.isEmpty {
      shown = [nil] + workspace.rows.map(\.index)
    } else {
      shown = workspace.rows.filter {
        filter.matches(LayerItem(row: $0, workspace: workspace, threshold: session.threshold))
      }.map(\.index)
    }
    let inside = max(1, session.layout.list.rows - 2)
    list.fit(count: shown.count, height: max(1, inside - 1 - Self.legendRows(inside)))
    if let at = shown.firstIndex(of: session.cursor) { list.move(.to(at)) }
    detail.refresh(session)
  }

  mutating func type(_ key: Key, _ session: inout Session, at time: Duration) -> [Request<AppEffect>]? {
    detail.type(key, &session, at: time)
  }

  mutating func paste(_ text: String) { detail.paste(text) }

  mutating func close(_ session: Session) -> Bool {
    guard isDetailOverList(session) else { return false }
    detail.hasFocus = false
    return true
  }

  func place(_ session: Session) -> String {
    session.cursor.map { "\($0 + 1)/\(session.workspace?.rows.count ?? 0)" } ?? "net"
  }

  func copyText(_ session: Session) -> String? {
    detail.selectedField(session).map { "\($0.path) = \($0.text)" } ?? session.selectedRow?.name
  }

  func view(_ session: Session, on canvas: inout Canvas, at time: Duration) {
    if let workspace = session.workspace { canvas.drawLayers(self, session, workspace) }
  }
}
