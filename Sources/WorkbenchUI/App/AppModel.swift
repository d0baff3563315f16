import Diagnostics

/// The whole state of the workbench.
///
/// Keys, news and time come in as events; work goes out as effects. The screens are drawn from this value alone.
package struct AppModel: WorkbenchModel {
  var session: Session
  /// In the order of `ScreenCatalog`.
  private var screens: [any Screen]
  private var hasAskedForModel = false
  /// What is to be told at the first event.
  private var problems: [Diagnostic]

  package init(
    title: String, look: Look, terminal: [String] = [], epoch: Double = 0, around: Surroundings = Surroundings()
  ) {
    session = Session(title: title, look: look, terminal: terminal, epoch: epoch, around: around)
    screens = ScreenCatalog.all.map { $0.init() }
    problems = around.problems
    if around.startsAtHome || !around.hasModel { session.show(ScreenID(HomeScreen.self)) }
    if !around.hasModel {
      session.opening = .nothing
      hasAskedForModel = true
    } else if let view = around.project?.view,
      let screen = ScreenCatalog.all.first(where: { $0.command.name == view.screen })
    {
      session.show(ScreenID(screen))
    }
  }

  /// The project to open next, when the program has quit.
  package var successor: RecentProject? { session.successor }

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
    let goesOn = session.isRunning || session.opening.isReading && hasAskedForModel
    let second = goesOn ? session.lastTick + .seconds(1) : nil
    return [session.toasts.nextDeadline, second].compactMap { $0 }.min()
  }

  package mutating func update(_ event: Event<AppNews>, at time: Duration) -> [Request<AppEffect>] {
    for d in problems { session.say(d, at: time) }
    problems = []
    var requests = take(event, at: time)
    requests += settle(at: time)
    if requests.contains(where: \.isQuit) || event.isLast { requests.insert(.effect(remembering()), at: 0) }
    // The history is that of whoever has the project.
    if session.hold == nil, let batch = session.workspace?.takeHistoryLines() {
      // First, so that it is not lost when the program quits.
      requests.insert(.effect(.record(batch)), at: 0)
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
    case .mouse(let mouse): return take(mouse, at: time)
    case .resumed, .terminate: return []
    case .tick:
      session.toasts.expire(at: time)
      session.lastTick = time
      return []
    case .news(let news):
      var requests = session.hear(news, at: time)
      requests += session.sheetsHear(news, at: time)
      for index in screens.indices { requests += screens[index].hear(news, &session, at: time) }
      if case .opened = news { requests += recall() }
      return requests
    }
  }

  // MARK: Between sessions

  /// What is to be kept; it goes to the disk when the program ends.
  private func remembering() -> AppEffect {
    var kept: [String: [String: String]] = [:]
    for screen in screens where !screen.memory.isEmpty { kept[type(of: screen).command.name] = screen.memory }
    // Who only looks on leaves the project's own words and screens to the one who has it.
    return .remember(session.memory, session.hold == nil ? session.remembered(kept) : nil)
  }

  /// Takes up what was left; the project comes first in the list from now on, also after a crash.
  private mutating func recall() -> [Request<AppEffect>] {
    guard let project = session.project else { return [] }
    if let view = project.view {
      for index in screens.indices {
        let words = view.screens[type(of: screens[index]).command.name] ?? [:]
        if !words.isEmpty { screens[index].recall(words, &session) }
      }
      session.recall(view)
    }
    if session.hold != nil { return [] }
    session.memory.note(project)
    return [.effect(.remember(session.memory, project))]
  }

  private mutating func press(_ key: Key, at time: Duration) -> [Request<AppEffect>] {
    if SplitLayout.isTooSmall(session.size) {
      return pressWhileSmall(key, at: time)
    }
    if !session.sheets.isEmpty { return session.withTopSheet { $0.press(key, &$1, at: time) } }
    if session.prompt != nil { return session.withPrompt { $0.press(key, &$1, at: time) } }
    return screens[shown].press(key, &session, at: time)
  }

  /// Below the smallest size only leaving, help and redrawing work.
  private mutating func pressWhileSmall(_ key: Key, at time: Duration) -> [Request<AppEffect>] {
    if session.sheets.last is QuitSheet { return session.withTopSheet { $0.press(key, &$1, at: time) } }
    switch key {
    case .character("q"), .function(10): return session.quit()
    case .control("c"): return screens[shown].perform(named: SharedAction.interrupt.rawValue, &session, at: time) ?? []
    case .control("l"): return [.redraw]
    case .character("?"), .function(1): session.showsKeysOfSmall.toggle()
    default: break
    }
    return []
  }

  private func smallView(_ size: Size, at time: Duration) -> Canvas {
    var canvas = Canvas.tooSmall(size, look: session.look)
    if let sheet = session.sheets.last as? QuitSheet {
      sheet.draw(on: &canvas, session, at: time)
    } else if session.showsKeysOfSmall {
      canvas.putKeysOfSmall(look: session.look)
    }
    return canvas
  }

  // MARK: Mouse

  /// Clicks choose rows and tabs, the wheel moves; over a sheet both go to the sheet.
  private mutating func take(_ mouse: Mouse, at time: Duration) -> [Request<AppEffect>] {
    if SplitLayout.isTooSmall(session.size) { return [] }
    switch mouse.action {
    case .wheelUp: return step(-3, at: time)
    case .wheelDown: return step(3, at: time)
    case .press: break
    case .release, .drag:
      if session.isDraggingSplit { moveSplit(to: mouse.at.column) }
      if mouse.action == .release { session.isDraggingSplit = false }
      return []
    }
    if let detail = session.layout.detail, mouse.at.column == detail.column, mouse.at.row >= detail.row,
      mouse.at.row < detail.endRow, session.sheets.isEmpty, session.prompt == nil
    {
      session.isDraggingSplit = true
      return []
    }
    if mouse.at.row == 1, session.sheets.isEmpty, session.prompt == nil {
      let tabs = ScreenCatalog.all.map { $0.tab }
      if let index = chrome(around: screens[shown], at: time).tab(
        at: mouse.at.column, columns: session.size.columns, look: session.look)
      {
        return press(.character(Character(tabs[index].key)), at: time)
      }
      return []
    }
    guard session.prompt == nil, let hit = view(session.size, at: time).row(at: mouse.at) else { return [] }
    var requests: [Request<AppEffect>] = []
    if !hit.isActive, session.sheets.isEmpty {
      requests += screens[shown].perform(named: "pane", &session, at: time) ?? []
    }
    return requests + step(hit.index - hit.selection, at: time)
  }

  /// Puts the line between the panes into a column.
  private mutating func moveSplit(to column: Int) {
    let columns = max(1, session.body.columns)
    session.memory.split = min(80, max(30, ((column + 1) * 100 + columns - 1) / columns))
  }

  /// Moves in what is on top.
  private mutating func step(_ rows: Int, at time: Duration) -> [Request<AppEffect>] {
    if rows == 0 { return [] }
    if session.sheets.isEmpty {
      if session.prompt == nil { screens[shown].move(.by(rows), &session) }
      return []
    }
    var requests: [Request<AppEffect>] = []
    for _ in 0..<min(abs(rows), 500) where !session.sheets.isEmpty {
      requests += session.withTopSheet { $0.press(rows < 0 ? .up : .down, &$1, at: time) }
    }
    return requests
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
    if SplitLayout.isTooSmall(size) { return smallView(size, at: time) }
    var canvas = Canvas(size, sentences: session.look.strings.sentences)
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

  /// Keys while a text is edited in place.
  private static let typing = [
    KeyRow(keys: [.enter], action: "", help: "", footer: "take"),
    KeyRow(keys: [.escape], action: "", help: "", footer: "as before"),
    KeyRow(keys: [.control("u")], action: "", help: "", footer: "clear"),
  ]

  private func chrome(around screen: any Screen, at time: Duration) -> Chrome {
    let isTyping = screen.isTyping && session.prompt == nil && session.sheets.isEmpty
    let mode = isTyping ? "edit" : ""
    let strings = session.look.strings
    let place = [strings[type(of: screen).tab.name].uppercased(), strings[mode], strings[screen.place(session)]]
      .filter { !$0.isEmpty }
    // What has the keys says itself which they are.
    let keys =
      isTyping ? Self.typing : session.sheets.isEmpty && session.prompt == nil ? screen.footerRows(session) : []
    return Chrome(
      header: session.header, tabs: ScreenCatalog.all.map { $0.tab }, selectedTab: shown,
      message: session.toasts.latest(at: time), hint: session.hint, keys: keys,
      place: place.joined(separator: "  "), facts: session.facts)
  }
}
