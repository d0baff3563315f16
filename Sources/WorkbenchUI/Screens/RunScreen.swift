import QuantEngine

/// Screen 4: the run under way, layer by layer, or the last one.
struct RunScreen: Screen {
  enum Action: String, ActionName, CaseIterable {
    case cancel, follow
    case compare = "compare-result"
    case failedOnly = "failed-only"
  }

  static let tab = Chrome.Tab(key: "4", name: "Run", short: "Run")
  static let command = (name: "run-screen", help: "the run under way, or the last one")
  static let needsModel = false

  static let bindings: [Bound] = moving + [running] + own

  private static let own: [Bound] = [
    Bound("K", action: .own(.cancel), help: "cancel the run", footer: "cancel", offWhen: Off.noJob),
    Bound(
      .enter, action: .own(.compare), help: "compare what the run found", footer: "compare",
      offWhen: { Off.isBusy($0) ? "the run is under way: 2 shows the layer" : Off.run($0) }),
    Bound("f", action: .own(.follow), help: "follow the active layer", footer: "follow", offWhen: Off.noJob),
    Bound("F", action: .own(.failedOnly), help: "failed layers only"),
    backToLayers,
    Bound("y", action: .shared(.copy), help: "copy the row"),
  ]

  private(set) var list = ListState()
  /// The cursor goes with the layer that is searched.
  var isFollowing = true
  private(set) var failedOnly = false

  func searches(_ session: Session) -> [JobProgress.Search] {
    let all = session.shownProgress?.searches ?? []
    return failedOnly ? all.filter { $0.state == .failed } : all
  }

  mutating func perform(_ action: Action, _ session: inout Session, at time: Duration) -> [Request<AppEffect>] {
    switch action {
    case .cancel: if let sheet = CancelSheet(session) { session.open(sheet) }
    case .compare: session.go(to: CompareScreen.self) { screen, session in screen.sort(by: .worst, &session) }
    case .follow: isFollowing.toggle()
    case .failedOnly: failedOnly.toggle()
    }
    return []
  }

  mutating func move(_ move: ListState.Move, _ session: inout Session) {
    isFollowing = false
    list.move(move)
    let searches = searches(session)
    if searches.indices.contains(list.selection) {
      session.cursor = session.workspace?.index(of: searches[list.selection].layer) ?? session.cursor
    }
  }

  mutating func refresh(_ session: Session) {
    let searches = searches(session)
    list.fit(count: searches.count, height: max(1, session.body.rows - 2 - Self.rowsAbove - 1))
    if !isFollowing {
      // An Eltwise has a row for each input: any of them is the layer's.
      guard let name = session.selectedRow?.name,
        !(searches.indices.contains(list.selection) && searches[list.selection].layer == name)
      else { return }
      if let at = searches.firstIndex(where: { $0.layer == name }) { list.move(.to(at)) }
    } else if session.isRunning, let at = searches.lastIndex(where: { $0.state != .waiting }) {
      list.move(.to(at))
    }
  }

  /// The end of a run is shown where its last layer was, also to those who come later.
  mutating func hear(_ news: AppNews, _ session: inout Session, at time: Duration) -> [Request<AppEffect>] {
    if case .events = news { refresh(session) }
    return []
  }

  func place(_ session: Session) -> String {
    let count = searches(session).count
    return count == 0 ? "" : "\(list.selection + 1)/\(count)"
  }

  func copyText(_ session: Session) -> String? {
    let searches = searches(session)
    return searches.indices.contains(list.selection) ? searches[list.selection].layer : nil
  }

  func view(_ session: Session, on canvas: inout Canvas, at time: Duration) {
    canvas.drawRun(self, session, at: time)
  }
}
