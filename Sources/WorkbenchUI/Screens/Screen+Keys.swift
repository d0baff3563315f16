/// From a key to what it does, the same way for every screen.
extension Screen {
  /// The screen's own keys, then the shared ones, with the keys of the config file.
  static func keymaps(_ settings: Settings) -> [Keymap<Command<Action>, Scene<Self>>] {
    let (own, shared) = (bindings, everywhere)
    return [
      Keymap(own).remapped(by: settings.keys, besides: shared.map(\.action.rawValue)),
      Keymap(shared).remapped(by: settings.keys, besides: own.map(\.action.rawValue)),
    ]
  }

  mutating func press(_ key: Key, _ session: inout Session, at time: Duration) -> [Request<AppEffect>] {
    if let requests = type(key, &session, at: time) { return requests }
    if key != .control("c") { session.lastInterrupt = nil }
    let scene = Scene(screen: self, session: session)
    for map in Self.keymaps(session.settings) {
      switch map.lookup(key, in: scene) {
      case .action(let command): return perform(command, &session, at: time)
      case .off(_, let reason):
        session.say(.warning, reason, at: time)
        return []
      case .unbound: break
      }
    }
    return []
  }

  /// Does an action by its name, unless it is off now; false when neither the screen nor all of them have it.
  mutating func perform(
    named name: String, _ session: inout Session, at time: Duration
  ) -> [Request<AppEffect>]? {
    let scene = Scene(screen: self, session: session)
    guard let binding = Self.keymaps(session.settings).flatMap(\.bindings).first(where: { $0.action.rawValue == name })
    else {
      return nil
    }
    if let reason = binding.offWhen(scene) {
      session.say(.warning, reason, at: time)
      return []
    }
    return perform(binding.action, &session, at: time)
  }

  private mutating func perform(
    _ command: Command<Action>, _ session: inout Session, at time: Duration
  ) -> [Request<AppEffect>] {
    switch command {
    case .own(let action): return perform(action, &session, at: time)
    case .move(let action): move(action.move, &session)
    case .shared(let action): return perform(action, &session, at: time)
    case .show(let id): session.show(id)
    }
    return []
  }

  /// The key tables as help prints them; a shared row whose keys the screen all uses itself is left out.
  func keyRows(_ session: Session) -> (own: [KeyRow], shared: [KeyRow]) {
    let scene = Scene(screen: self, session: session)
    let maps = Self.keymaps(session.settings)
    let own = maps[0].rows(in: scene)
    let taken = Set(own.flatMap(\.keys))
    // A row without any key is kept: help and palette name the action.
    return (own, maps[1].rows(in: scene).filter { $0.keys.isEmpty || !$0.keys.allSatisfy(taken.contains) })
  }

  /// What the footer chooses from.
  func footerRows(_ session: Session) -> [KeyRow] {
    let rows = keyRows(session)
    return rows.own + rows.shared.filter { $0.footer != nil }
  }
}
