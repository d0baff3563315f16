/// What a key of a screen does: something of its own, a move in its list, something shared, or to show a screen.
enum Command<Own: ActionName>: ActionName {
  case own(Own)
  case move(MoveAction)
  case shared(SharedAction)
  case show(ScreenID)

  /// The name in the config file and the command palette.
  var rawValue: String {
    switch self {
    case .own(let action): action.rawValue
    case .move(let action): action.rawValue
    case .shared(let action): action.rawValue
    case .show(let id): id.type.command.name
    }
  }

  init?(rawValue: String) {
    if let action = Own(rawValue: rawValue) {
      self = .own(action)
    } else if let action = MoveAction(rawValue: rawValue) {
      self = .move(action)
    } else if let action = SharedAction(rawValue: rawValue) {
      self = .shared(action)
    } else if let type = ScreenCatalog.all.first(where: { $0.command.name == rawValue }) {
      self = .show(ScreenID(type))
    } else {
      return nil
    }
  }
}

/// Moves in the list of a screen.
enum MoveAction: String, ActionName, CaseIterable {
  case down, up, first, last
  case pageDown = "page-down"
  case pageUp = "page-up"
  case halfPageDown = "half-page-down"
  case halfPageUp = "half-page-up"

  var move: ListState.Move {
    switch self {
    case .down: .by(1)
    case .up: .by(-1)
    case .first: .first
    case .last: .last
    case .pageDown: .pageDown
    case .pageUp: .pageUp
    case .halfPageDown: .halfPageDown
    case .halfPageUp: .halfPageUp
    }
  }
}

/// Actions that mean the same on every screen that binds them.
enum SharedAction: String, ActionName, CaseIterable {
  case undo, redo, history, save, run, write, copy
  /// To the layers.
  case back
  /// Of the layer under the cursor.
  case toggle, bits
  case layerHistory = "layer-history"
  case help, palette, quit, redraw, suspend, interrupt
}

extension Screen {
  mutating func perform(_ action: SharedAction, _ session: inout Session, at time: Duration) -> [Request<AppEffect>] {
    switch action {
    case .undo: session.undo(at: time)
    case .redo: session.redo(at: time)
    case .history: if let sheet = HistorySheet(session) { session.open(sheet) }
    case .save: return session.save()
    case .run:
      guard let sheet = StartSheet(session), let config = session.workspace?.config else { return [] }
      session.open(sheet)
      return [.effect(.forecast(config))]
    case .write: if let prompt = Prompt.write(session) { session.ask(prompt) }
    case .copy:
      guard let text = copyText(session) else { return [] }
      session.copiedLayer = session.selectedRow?.name
      session.say(.info, "copied: \(text)", at: time)
      return [.copy(text)]
    case .back: session.go(to: LayersScreen.self)
    case .toggle: session.toggle(at: time)
    case .bits: session.cycleBits(at: time)
    case .layerHistory:
      guard let sheet = LayerHistorySheet(session) else { return [] }
      session.open(sheet)
      return [.effect(.readLayer(sheet.layer))]
    case .help: session.open(helpSheet(session))
    case .palette: session.open(paletteSheet(session))
    case .quit: return quit(&session)
    case .redraw: return [.redraw]
    case .suspend: return [.suspend]
    case .interrupt:
      if let last = session.lastInterrupt, time - last < .seconds(2) { return quit(&session) }
      session.lastInterrupt = time
      session.say(.info, "Ctrl-C again quits", at: time)
    }
    return []
  }

  /// Closes what lies over the screen, then quits.
  mutating func quit(_ session: inout Session) -> [Request<AppEffect>] { close(session) ? [] : session.quit() }
}
