/// Keys that screens share: `everywhere` holds on all of them, the others are for a screen to put into its own table.
extension Screen {
  static var everywhere: [Bound] {
    let screens: [Bound] = ScreenCatalog.all.compactMap { type in
      guard let digit = type.tab.key.first else { return nil }
      return Bound(digit, action: .show(ScreenID(type)), help: type.command.help)
    }
    let shared: [Bound] = [
      Bound("u", action: .shared(.undo), help: "take back the last edit", offWhen: Off.undo),
      Bound(.control("r"), action: .shared(.redo), help: "do it again", offWhen: Off.redo),
      Bound("U", action: .shared(.history), help: "all edits: go to any of them", offWhen: Off.history),
      Bound("S", .function(2), action: .shared(.save), help: "save the config", offWhen: Off.save),
      Bound("w", action: .shared(.write), help: "write the models of the last run", offWhen: Off.run),
      Bound(.control("l"), action: .shared(.redraw), help: "draw the screen again"),
      Bound(.control("z"), action: .shared(.suspend), help: "suspend"),
      Bound("q", .function(10), action: .shared(.quit), help: "close what is open, then quit"),
      Bound(.control("c"), action: .shared(.interrupt), help: "cancel input; twice: quit"),
      Bound(":", .function(8), action: .shared(.palette), help: "command palette: every action, by a few letters"),
      Bound("?", .function(1), action: .shared(.help), help: "help", footer: "help"),
    ]
    return screens + shared
  }

  static var moving: [Bound] {
    [
      Bound("j", .down, action: .move(.down), help: "down", footer: "move"),
      Bound("k", .up, action: .move(.up), help: "up", footer: "move"),
      Bound("g", .home, action: .move(.first), help: "first"),
      Bound("G", .end, action: .move(.last), help: "last"),
      Bound(.pageDown, action: .move(.pageDown), help: "a page down"),
      Bound(.pageUp, action: .move(.pageUp), help: "a page up"),
      Bound(.control("d"), action: .move(.halfPageDown), help: "half a page down"),
      Bound(.control("u"), action: .move(.halfPageUp), help: "half a page up"),
    ]
  }

  /// Changes of the layer under the cursor.
  static var editing: [Bound] {
    [
      Bound("x", action: .shared(.toggle), help: "quantised or float", footer: "float", offWhen: Off.layer),
      Bound("b", action: .shared(.bits), help: "activation bits 8, 12, 16", footer: "bits", offWhen: Off.layer),
      Bound(
        "H", action: .shared(.layerHistory), help: "all settings the layer had, and what runs gave with them: take one",
        offWhen: Off.layerHistory),
    ]
  }

  static var running: Bound {
    Bound("r", .function(5), action: .shared(.run), help: "start a run", footer: "run", offWhen: Off.start)
  }

  static var backToLayers: Bound { Bound(.escape, action: .shared(.back), help: "back to the layers") }
}

/// Why keys are off.
enum Off {
  static func model<S>(_ scene: Scene<S>) -> String? {
    scene.session.workspace == nil ? "the model is not open yet" : nil
  }

  static func run<S>(_ scene: Scene<S>) -> String? {
    scene.session.workspace?.last == nil ? "no run yet: r starts one" : nil
  }

  static func noJob<S>(_ scene: Scene<S>) -> String? { isBusy(scene) ? nil : "no run is under way" }

  static func layer<S>(_ scene: Scene<S>) -> String? {
    model(scene) ?? readOnly(scene) ?? scene.session.layerOff
  }

  /// Another workbench has the project.
  static func readOnly<S>(_ scene: Scene<S>) -> String? { scene.session.readOnlyReason }

  static func save<S>(_ scene: Scene<S>) -> String? { model(scene) ?? readOnly(scene) }

  static func undo<S>(_ scene: Scene<S>) -> String? {
    readOnly(scene) ?? (scene.session.workspace?.history.undoLabel == nil ? "nothing to undo" : nil)
  }

  static func redo<S>(_ scene: Scene<S>) -> String? {
    readOnly(scene) ?? (scene.session.workspace?.history.redoLabel == nil ? "nothing to redo" : nil)
  }

  static func history<S>(_ scene: Scene<S>) -> String? {
    model(scene) ?? (scene.session.workspace?.history.entries.isEmpty == false ? nil : "no edit yet")
  }

  static func layerHistory<S>(_ scene: Scene<S>) -> String? {
    if let reason = model(scene) ?? scene.session.ownLayerOff { return reason }
    guard let workspace = scene.session.workspace, let name = scene.session.selectedRow?.name, workspace.last == nil
    else { return nil }
    let isEdited = workspace.history.entries.contains { $0.change.layers[name] != nil }
    return isEdited ? nil : "this layer has not been edited"
  }

  static func start<S>(_ scene: Scene<S>) -> String? { scene.session.startOff }

  /// A run is starting or under way.
  static func isBusy<S>(_ scene: Scene<S>) -> Bool { scene.session.isStarting || scene.session.isRunning }
}

extension Binding {
  /// A binding of a letter and more keys.
  init(
    _ letter: Character, _ more: Key..., action: Action, help: String, footer: String? = nil,
    offWhen: @escaping @Sendable (Context) -> String? = { _ in nil }
  ) {
    self.init(action: action, help: help, footer: footer, offWhen: offWhen)
    keys = [.character(letter)] + more
  }
}
