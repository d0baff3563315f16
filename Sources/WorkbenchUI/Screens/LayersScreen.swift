import Quantization

/// Screen 2: the layers of the net, with the settings of the one under the cursor.
struct LayersScreen: Screen {
  enum Action: String, ActionName, CaseIterable {
    case open, back, fold, unfold, pane, filter, sort, view, mark, compare, reset, inherit, more, less, paste, diff
    case threshold
    case range = "mark-range"
    case markAll = "mark-all"
    case unmark = "clear-marks"
    case again = "repeat"
    case nextMatch = "next-match"
    case previousMatch = "previous-match"
    case branchStart = "branch-start"
    case branchEnd = "branch-end"
    case nextBad = "next-bad"
    case previousBad = "previous-bad"
  }

  static let tab = Chrome.Tab(key: "2", name: "Layers", short: "Lay")
  static let command = (name: "layers", help: "layers and their settings")

  static let bindings: [Bound] = moving + opening + editing + marking + working + looking + fields

  private static let opening: [Bound] = [
    Bound(
      .enter, .character("e"), action: .own(.open), help: "open the layer, edit the field", footer: "edit",
      offWhen: Off.model),
    Bound(.escape, action: .own(.back), help: "back to the list; then clear the filter, then the order"),
    Bound("h", .left, action: .own(.fold), help: "fold; back to the list"),
    Bound("l", .right, action: .own(.unfold), help: "unfold; to the settings", offWhen: Off.model),
  ]

  private static let marking: [Bound] = [
    Bound(
      .space, action: .own(.mark), help: "mark the layer; in the settings: flip the flag", footer: "mark",
      offWhen: Off.model),
    Bound("V", action: .own(.range), help: "mark a range: here its beginning, again its end", offWhen: Off.model),
    Bound("*", action: .own(.markAll), help: "mark all layers that are listed", offWhen: Off.model),
    Bound(
      "M", action: .own(.unmark), help: "clear the marks",
      offWhen: { $0.session.marks.isEmpty ? "nothing is marked" : nil }),
  ]

  private static let working: [Bound] = [
    Bound(
      "/", action: .own(.filter), help: "filter: name, type:Conv, state:F, bits>8, chain<.99, mac>2", footer: "filter"),
    running,
    Bound(
      "S", .function(2), action: .shared(.save), help: "save the config", footer: "save",
      offWhen: {
        Off.save($0) ?? ($0.session.hasUnsaved ? nil : "everything is saved")
      }),
    Bound("5", action: .own(.compare), help: "compare", footer: "compare"),
    Bound("u", action: .shared(.undo), help: "take back the last edit", footer: "undo", offWhen: Off.undo),
  ]

  private static let looking: [Bound] = [
    Bound("v", action: .own(.view), help: "view: rails, flat, neighbourhood, tree", footer: "view", offWhen: Off.model),
    Bound(
      "s", .character("o"), action: .own(.sort), help: "order: network, name, MAC, params, bits, metric",
      footer: "sort", offWhen: Off.model),
    Bound("n", action: .own(.nextMatch), help: "next layer that the filter finds", offWhen: noFilter),
    Bound("N", action: .own(.previousMatch), help: "the one before", offWhen: noFilter),
    Bound("J", action: .own(.nextBad), help: "next layer under the threshold", offWhen: Off.run),
    Bound("K", action: .own(.previousBad), help: "previous layer under the threshold", offWhen: Off.run),
    Bound(
      "[", action: .own(.branchStart), help: "first layer of the branch, then where it forks off", offWhen: Off.model),
    Bound(
      "]", action: .own(.branchEnd), help: "last layer of the branch, then where branches meet", offWhen: Off.model),
    Bound("t", action: .own(.threshold), help: "threshold", offWhen: Off.model),
    Bound(.tab, .function(6), .backTab, action: .own(.pane), help: "other pane", offWhen: Off.model),
    Bound(
      "y", action: .shared(.copy), help: "copy the row, or the field; p pastes a layer's settings", offWhen: Off.model),
  ]

  private static let fields: [Bound] = [
    Bound(
      "D", action: .own(.reset), help: "default of the field, or of the whole layer",
      // The line of the whole net has fields, though it is no layer.
      offWhen: { noField($0) == nil ? nil : Off.layer($0) }),
    Bound("I", action: .own(.inherit), help: "inherit with_offset", offWhen: noField),
    Bound("+", action: .own(.more), help: "step up", offWhen: noField),
    Bound("-", action: .own(.less), help: "step down", offWhen: noField),
    Bound(
      ".", action: .own(.again), help: "repeat the last change here, or on the marked layers",
      offWhen: { Off.layer($0) ?? ($0.session.lastChange == nil ? "no layer was changed yet" : nil) }),
    Bound("p", action: .own(.paste), help: "paste the settings of another layer", offWhen: Off.layer),
    Bound("d", action: .own(.diff), help: "what differs from the file, the last run, the default", offWhen: noSettings),
  ]

  private static func noField(_ scene: Scene<LayersScreen>) -> String? {
    Off.model(scene)
      ?? (scene.screen.detail.selectedField(scene.session) == nil ? "Enter opens the layer; then choose a field" : nil)
  }

  private static func noSettings(_ scene: Scene<LayersScreen>) -> String? {
    Off.model(scene) ?? (scene.session.cursor == nil ? nil : scene.session.ownLayerOff)
  }

  private static func noFilter(_ scene: Scene<LayersScreen>) -> String? {
    scene.screen.lastFilter.isEmpty ? "no filter yet: / types one" : nil
  }

  var rows = LayerRows()
  var list = ListState()
  var detail = DetailPane()
  /// The filter that n and N go by, cleared or not.
  private(set) var lastFilter = FilterExpression.everything
  /// Place in the list where a range of marks begins.
  var rangeStart: Int?
  /// Which details were asked for; what they tell is in the workspace.
  private var store = DetailsStore()

  var filter: FilterExpression { rows.filter }
  var isEmptyByFilter: Bool { rows.shown.isEmpty }
  var nearNames: [String] { rows.near }

  /// The detail takes the whole width.
  func isDetailOverList(_ session: Session) -> Bool { detail.hasFocus && !session.layout.isWide }

  mutating func move(_ move: ListState.Move, _ session: inout Session) {
    if detail.hasFocus { return detail.move(move, session) }
    list.move(move)
    takeCursor(&session)
  }

  /// The layer of the selected row is that of all screens.
  mutating func takeCursor(_ session: inout Session) {
    guard rows.shown.indices.contains(list.selection) else { return }
    switch rows.shown[list.selection] {
    case .net: session.cursor = nil
    case .layer(let row): session.cursor = row
    case .group(let number):
      guard let group = session.workspace?.tree.groups[number] else { return }
      session.cursor = group.rows.first
      session.group = group
    }
  }

  /// A filter works while it is typed; the cursor stays on a row that is shown.
  mutating func show(only filter: FilterExpression, _ session: inout Session) {
    rows.filter = filter
    refresh(session)
    guard !rows.shown.isEmpty, rows.index(of: session) == nil else { return }
    list.move(.to(min(list.selection, rows.shown.count - 1)))
    takeCursor(&session)
  }

  mutating func keepFilter() { if !filter.isEmpty { lastFilter = filter } }

  mutating func refresh(_ session: Session) {
    guard let workspace = session.workspace else { return }
    if rows.refresh(session, workspace) { rangeStart = nil }
    let inside = max(1, session.layout.list.rows - 2)
    list.fit(count: rows.shown.count, height: max(1, inside - 1 - Self.legendRows(inside)))
    if let at = rows.index(of: session) { list.move(.to(at)) }
    detail.refresh(session)
  }

  /// The details of the layer under the cursor.
  mutating func wants(_ session: Session) -> [AppEffect] {
    guard let workspace = session.workspace, let row = session.selectedRow, let run = workspace.last else { return [] }
    let name = row.fusedInto ?? row.name
    guard workspace.metrics[name] != nil else { return [] }
    let layers = store.take([name], run: run.number)
    return layers.isEmpty ? [] : [.details(run: run.number, layers: layers)]
  }

  mutating func hear(_ news: AppNews, _ session: inout Session, at time: Duration) -> [Request<AppEffect>] {
    if case .details(let run, let answers) = news { store.hear(answers, run: run) }
    return []
  }

  /// Where Esc leads from the settings.
  private(set) var cameFrom: ScreenID?

  mutating func appear(_ session: inout Session) { cameFrom = nil }

  /// Shows the settings of the layer under the cursor; Esc leads back to the screen that asked for them.
  mutating func showSettings(for screen: any Screen.Type) {
    detail.hasFocus = true
    cameFrom = ScreenID(screen)
  }

  mutating func type(_ key: Key, _ session: inout Session, at time: Duration) -> [Request<AppEffect>]? {
    detail.type(key, &session, at: time)
  }

  mutating func paste(_ text: String) { detail.paste(text) }

  var isTyping: Bool { detail.editor != nil }

  mutating func close(_ session: Session) -> Bool {
    guard isDetailOverList(session) else { return false }
    detail.hasFocus = false
    return true
  }

  func place(_ session: Session) -> String {
    let place = session.cursor.map { "\($0 + 1)/\(session.workspace?.rows.count ?? 0)" } ?? "net"
    return rangeStart == nil ? place : "range  \(place)"
  }

  func copyText(_ session: Session) -> String? {
    detail.selectedField(session).map { "\($0.path) = \($0.text)" } ?? session.selectedRow?.name
  }

  func view(_ session: Session, on canvas: inout Canvas, at time: Duration) {
    if let workspace = session.workspace { canvas.drawLayers(self, session, workspace) }
  }
}
