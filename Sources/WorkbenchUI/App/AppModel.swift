/// The whole state of the workbench.
///
/// Keys, news and time come in as events; work goes out as effects. The screens are drawn from this value alone.
package struct AppModel: WorkbenchModel {
  var session: Session
  /// In the order of `ScreenCatalog`.
  private var screens: [any Screen]
  private var hasAskedForModel = false

  package init(title: String, look: Look, terminal: [String] = [], epoch: Double = 0) {
    session = Session(title: title, look: look, terminal: terminal, epoch: epoch)
    screens = ScreenCatalog.all.map { $0.init() }
  }

  /// A screen by its type, shown or not.
  subscript<S: Screen>(_ type: S.Type) -> S {
    get {
      guard let screen = screens.lazy.compactMap({ $0 as? S }).first else {
        preconditionFailure("\(type) is not in ScreenCatalog")
      }
      return screen
    }
    set { screens[index(of: ScreenID(type))] = newValue }
  }

  private func index(of id: ScreenID) -> Int {
    guard let index = ScreenCatalog.all.firstIndex(where: { ScreenID($0) == id }) else {
      preconditionFailure("\(id.type) is not in ScreenCatalog")
    }
    return index
  }

  private var shown: Int { index(of: session.screen) }

  package var nextDeadline: Duration? {
    // The clock of a run goes on when no event comes.
    let second = session.isRunning ? session.lastTick + .seconds(1) : nil
    return [session.toasts.nextDeadline, second].compactMap { $0 }.min()
  }

  package mutating func update(_ event: Event<AppNews>, at time: Duration) -> [Request<AppEffect>] {
    var requests = take(event, at: time)
    requests += settle(at: time)
    // The history is that of whoever has the project.
    if session.hold == nil, let batch = session.workspace?.takeHistoryLines() {
      // First, so that it is not lost when the program quits.
      requests.insert(.effect(.record(batch.lines, isNew: batch.isNew)), at: 0)
    }
    return requests
  }

  private mutating func take(_ event: Event<AppNews>, at time: Duration) -> [Request<AppEffect>] {
    switch event {
    case .resize(let size):
      session.size = size
      guard !hasAskedForModel else { return [] }
      hasAskedForModel = true
      return [.effect(.open)]
    case .key(let key): return press(key, at: time)
    case .paste(let text): return paste(text, at: time)
    case .mouse, .resumed, .terminate: return []
    case .tick:
      session.toasts.expire(at: time)
      session.lastTick = time
      return []
    case .news(let news):
      var requests = session.hear(news, at: time)
      requests += session.sheetsHear(news, at: time)
      for index in screens.indices { requests += screens[index].hear(news, &session, at: time) }
      return requests
    }
  }

  private mutating func press(_ key: Key, at time: Duration) -> [Request<AppEffect>] {
    if SplitLayout.isTooSmall(session.size) {
      let leaves: [Key] = [.character("q"), .function(10), .control("c")]
      return leaves.contains(key) ? screens[shown].quit(&session) : []
    }
    if !session.sheets.isEmpty { return session.withTopSheet { $0.press(key, &$1, at: time) } }
    if session.prompt != nil { return session.withPrompt { $0.press(key, &$1, at: time) } }
    return screens[shown].press(key, &session, at: time)
  }

  private mutating func paste(_ text: String, at time: Duration) -> [Request<AppEffect>] {
    if !session.sheets.isEmpty {
      return session.withTopSheet { sheet, _ in
        sheet.paste(text)
        return .stay
      }
    }
    if session.prompt != nil { return session.withPrompt { (.stay, $0.paste(text, &$1, at: time)) } }
    screens[shown].paste(text)
    return []
  }

  /// Does an action of the shown screen by its name.
  mutating func perform(_ action: String, at time: Duration) -> [Request<AppEffect>] {
    if let requests = screens[shown].perform(named: action, &session, at: time) { return requests }
    session.say(.warning, "no action is called '\(action)' here", at: time)
    return []
  }

  /// After an event: what screens and sheets asked of each other is done, and what is shown fits what has changed.
  private mutating func settle(at time: Duration) -> [Request<AppEffect>] {
    var requests: [Request<AppEffect>] = []
    repeat {
      if session.takeArrival() { screens[shown].appear(&session) }
      screens[shown].refresh(session)
      for errand in session.takeErrands() { requests += errand(&self, time) }
    } while session.hasWork
    if session.outside != nil, session.isOutsideNew { session.showOutside() }
    screens[shown].refresh(session)
    requests += screens[shown].wants(session).map { .effect($0) }
    for index in session.sheets.indices {
      var sheet = session.sheets[index]
      sheet.refresh(session)
      session.sheets[index] = sheet
    }
    return requests
  }

  // MARK: Drawing

  package func view(_ size: Size, at time: Duration) -> Canvas {
    if SplitLayout.isTooSmall(size) { return .tooSmall(size, look: session.look) }
    var canvas = Canvas(size)
    let screen = screens[shown]
    canvas.draw(chrome(around: screen, at: time), look: session.look)
    if type(of: screen).needsModel, session.workspace == nil {
      canvas.drawOpening(session)
    } else {
      screen.view(session, on: &canvas, at: time)
    }
    if let prompt = session.prompt { canvas.draw(prompt) }
    for sheet in session.sheets { sheet.draw(on: &canvas, session, at: time) }
    return canvas
  }

  private func chrome(around screen: any Screen, at time: Duration) -> Chrome {
    let place = [type(of: screen).tab.name.uppercased(), screen.place(session)].filter { !$0.isEmpty }
    var chrome = Chrome(
      header: session.header, tabs: ScreenCatalog.all.map { $0.tab }, selectedTab: shown,
      message: session.toasts.latest(at: time), hint: session.hint, keys: screen.footerRows(session),
      place: place.joined(separator: "  "), facts: session.facts)
    chrome.hasCommands = false
    return chrome
  }
}
