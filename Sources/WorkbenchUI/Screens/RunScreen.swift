import QuantEngine

/// Screen 4: the run under way, layer by layer, or the last one.
struct RunScreen: Screen {
  enum Action: String, ActionName, CaseIterable {
    case cancel, follow, pause
    case open = "open-layer"
    case failedOnly = "failed-only"
    case answer = "answer-failure"
  }

  static let tab = Chrome.Tab(key: "4", name: "Run", short: "Run")
  static let command = (name: "run-screen", help: "the run under way, or the last one")
  static let needsModel = false

  static let bindings: [Bound] = moving + [running] + own

  private static let own: [Bound] = [
    Bound(
      "p", action: .own(.pause), help: "pause the run, or let it go on", footer: "pause",
      offWhen: { Off.noJob($0) ?? Off.readOnly($0) }),
    Bound(
      "K", action: .own(.cancel), help: "cancel the run; its finished layers are kept", footer: "cancel",
      offWhen: { Off.noJob($0) ?? Off.readOnly($0) }),
    Bound(
      .enter, action: .own(.open), help: "open the layer; right after a run: compare", footer: "open",
      offWhen: {
        $0.screen.searches($0.session).isEmpty && !$0.screen.comparesOnEnter($0.session) ? "no layer yet" : nil
      }),
    Bound("f", action: .own(.follow), help: "follow the active layer", footer: "follow", offWhen: Off.noJob),
    Bound(
      "a", action: .own(.answer), help: "what to do about a run that failed", footer: "answer",
      offWhen: { FailureSheet($0.session) == nil ? "the run shown has not failed" : nil }),
    Bound(
      "F", action: .own(.failedOnly), help: "failed layers only", footer: "failed",
      offWhen: {
        $0.screen.failedOnly || $0.session.shownProgress?.failures.isEmpty == false ? nil : "no layer has failed"
      }),
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
    case .cancel:
      guard let job = session.job else { return [] }
      if time - job.began < CancelSheet.patience { return session.cancelJob(at: time) }
      if let sheet = CancelSheet(session) { session.open(sheet) }
    case .pause:
      guard let job = session.job else { return [] }
      return [.effect(.pause(!job.isPaused))]
    case .open:
      if comparesOnEnter(session) {
        session.go(to: CompareScreen.self) { screen, session in screen.sort(by: .worst, &session) }
      } else {
        pointAtLayer(&session)
        session.go(to: LayersScreen.self) { screen, _ in screen.showSettings(for: RunScreen.self) }
      }
    case .answer: session.showFailure()
    case .follow: isFollowing.toggle()
    case .failedOnly: failedOnly.toggle()
    }
    return []
  }

  mutating func move(_ move: ListState.Move, _ session: inout Session) {
    isFollowing = false
    list.move(move)
    pointAtLayer(&session)
  }

  private func pointAtLayer(_ session: inout Session) {
    let searches = searches(session)
    if searches.indices.contains(list.selection) {
      session.cursor = session.workspace?.index(of: searches[list.selection].layer) ?? session.cursor
    }
  }

  /// The run shown has ended well, and nobody has moved in its list.
  func comparesOnEnter(_ session: Session) -> Bool {
    guard isFollowing, !session.isRunning, let last = session.workspace?.last else { return false }
    return session.job.map { $0.status == ExitStatus.done.rawValue && $0.run == last.number } ?? true
  }

  mutating func appear(_ session: inout Session) {
    if session.job?.asksWhatToDo == true { session.showFailure() }
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
