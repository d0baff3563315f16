/// The key table: one keymap for each screen, and the one that all screens share.
enum AppKeys {
  typealias Map = Keymap<AppAction, AppContext>
  private typealias B = Binding<AppAction, AppContext>

  static let everywhere: Map = Map([
    B("2", action: .layers, help: "layers and their settings"),
    B("4", action: .runScreen, help: "the run under way, or the last one"),
    B("5", action: .compare, help: "how close each layer is to the original"),
    B("8", action: .log, help: "all messages"),
    B("u", action: .undo, help: "take back the last edit", offWhen: { $0.undo == nil ? "nothing to undo" : nil }),
    B(.control("r"), action: .redo, help: "do it again", offWhen: { $0.redo == nil ? "nothing to redo" : nil }),
    B("S", .function(2), action: .save, help: "save the config", offWhen: Off.model),
    B("w", action: .write, help: "write the models of the last run", offWhen: Off.run),
    B(.control("l"), action: .redraw, help: "draw the screen again"),
    B(.control("z"), action: .suspend, help: "suspend"),
    B("q", .function(10), action: .quit, help: "close what is open, then quit"),
    B(.control("c"), action: .interrupt, help: "cancel input; twice: quit"),
    B("?", .function(1), action: .help, help: "help", footer: "help"),
  ])

  private static let moving: [B] = [
    B("j", .down, action: .down, help: "down", footer: "move"),
    B("k", .up, action: .up, help: "up", footer: "move"),
    B("g", .home, action: .first, help: "first"), B("G", .end, action: .last, help: "last"),
    B(.pageDown, action: .pageDown, help: "a page down"), B(.pageUp, action: .pageUp, help: "a page up"),
    B(.control("d"), action: .halfPageDown, help: "half a page down"),
    B(.control("u"), action: .halfPageUp, help: "half a page up"),
  ]

  private static let editing: [B] = [
    B("x", action: .toggle, help: "quantised or float", footer: "float", offWhen: Off.layer),
    B("b", action: .bits, help: "activation bits 8, 12, 16", footer: "bits", offWhen: Off.layer),
  ]

  private static let run = B("r", .function(5), action: .run, help: "start a run", footer: "run", offWhen: Off.start)

  static let layers: Map = Map(
    moving + [
      B(.enter, .right, action: .open, help: "open the layer, edit the field", footer: "edit", offWhen: Off.model),
      B(.escape, .left, action: .back, help: "back to the list; clear the filter")
    ] + editing + [
      B("/", action: .filter, help: "filter: name, type:Conv, state:F, bits>8, chain<.99, mac>2", footer: "filter"),
      run,
      B("5", action: .compare, help: "compare", footer: "compare", offWhen: Off.silent),
      B("u", action: .undo, help: "take back the last edit", footer: "undo",
        offWhen: { $0.undo == nil ? "nothing to undo" : nil }),
      B("S", .function(2), action: .save, help: "save the config", footer: "save",
        offWhen: { $0.isUnsaved ? nil : Off.model($0) ?? "everything is saved" }),
      B("D", action: .reset, help: "default of the field, or of the whole layer", offWhen: Off.layer),
      B(.space, action: .flip, help: "flip the flag", offWhen: Off.field),
      B("+", action: .more, help: "step up", offWhen: Off.field),
      B("-", action: .less, help: "step down", offWhen: Off.field),
      B("I", action: .inherit, help: "inherit with_offset", offWhen: Off.field),
      B("J", action: .nextBad, help: "next layer under the threshold", offWhen: Off.run),
      B("K", action: .previousBad, help: "previous layer under the threshold", offWhen: Off.run),
      B(.tab, .function(6), .backTab, action: .pane, help: "other pane", offWhen: Off.model),
      B("y", action: .copy, help: "copy the row", offWhen: Off.model),
    ])

  static let runScreen: Map = Map(
    moving + [
      run,
      B("K", action: .cancel, help: "cancel the run", footer: "cancel",
        offWhen: { $0.isRunning ? nil : "no run is under way" }),
      B(.enter, action: .compareResult, help: "compare what the run found", footer: "compare",
        offWhen: { $0.isRunning ? "the run is under way: 2 shows the layer" : $0.hasRun ? nil : "no run yet: r starts one" }),
      B("f", action: .follow, help: "follow the active layer", footer: "follow",
        offWhen: { $0.isRunning ? nil : "no run is under way" }),
      B("F", action: .failedOnly, help: "failed layers only"),
      B(.escape, action: .back, help: "back to the layers"),
      B("y", action: .copy, help: "copy the row"),
    ])

  static let compare: Map = Map(
    moving + [
      B(.enter, action: .open, help: "the layer and its settings", footer: "layer", offWhen: Off.run),
      B("o", action: .order, help: "order: network, worst first, delta", footer: "order", offWhen: Off.run),
      B("t", action: .threshold, help: "threshold", footer: "threshold", offWhen: Off.run),
      B("J", action: .nextBad, help: "next layer under the threshold", footer: "next bad", offWhen: Off.run),
      B("K", action: .previousBad, help: "previous layer under the threshold", footer: "next bad", offWhen: Off.run),
    ] + editing + [
      run,
      B(.escape, action: .back, help: "back to the layers"),
      B("D", action: .reset, help: "default of the whole layer", offWhen: Off.layer),
      B("y", action: .copy, help: "copy the row", offWhen: Off.run),
    ])

  static let log: Map = Map(
    moving + [
      B(.escape, action: .back, help: "back to the layers"), B("y", action: .copy, help: "copy the line", footer: "copy"),
    ])

  static func map(_ screen: AppScreen) -> Map {
    switch screen {
    case .layers: layers
    case .run: runScreen
    case .compare: compare
    case .log: log
    }
  }
}

/// Why keys are off.
private enum Off {
  typealias Rule = @Sendable (AppContext) -> String?

  static let model: Rule = { $0.hasModel ? nil : "the model is not open yet" }
  static let run: Rule = { $0.hasRun ? nil : "no run yet: r starts one" }
  /// Left out of the footer, but allowed: the screen itself says what is missing.
  static let silent: Rule = { _ in nil }
  static let layer: Rule = { model($0) ?? $0.layerOff }
  static let field: Rule = { model($0) ?? ($0.hasField ? nil : "Enter opens the layer; then choose a field") }
  static let start: Rule = {
    if $0.isRunning { return "a run is under way: 4 shows it" }
    return model($0) ?? ($0.hasImages ? nil : "no images to calibrate with: start with --images FOLDER (8 has the reason)")
  }
}

extension Binding {
  /// A binding of a letter and more keys.
  fileprivate init(
    _ letter: Character, _ more: Key..., action: Action, help: String, footer: String? = nil,
    offWhen: @escaping @Sendable (Context) -> String? = { _ in nil }
  ) {
    self.init(action: action, help: help, footer: footer, offWhen: offWhen)
    keys = [.character(letter)] + more
  }
}
