/// Everything a key can do.
package enum AppAction: String, ActionName, CaseIterable {
  case down, up, first, last
  case pageDown = "page-down"
  case pageUp = "page-up"
  case halfPageDown = "half-page-down"
  case halfPageUp = "half-page-up"
  case open, back, pane, filter
  case nextBad = "next-bad"
  case previousBad = "previous-bad"
  case toggle, bits, reset, inherit, more, less
  case flip = "flip-flag"
  case undo, redo, save, run, cancel
  case layers, runScreen = "run-screen", compare, log
  case compareResult = "compare-result"
  case order, threshold, write, copy
  case follow, failedOnly = "failed-only"
  case help, quit, redraw, suspend, interrupt
}

/// The screens there are, with the digits that lead to them.
package enum AppScreen: String, CaseIterable, Sendable {
  case layers, run, compare, log

  var tab: Chrome.Tab {
    switch self {
    case .layers: .init(key: "2", name: "Layers", short: "Lay")
    case .run: .init(key: "4", name: "Run", short: "Run")
    case .compare: .init(key: "5", name: "Compare", short: "Cmp")
    case .log: .init(key: "8", name: "Log", short: "Log")
    }
  }

  var name: String { tab.name }
}

/// What decides whether a key works now.
package struct AppContext: Sendable {
  var hasModel = false
  var hasImages = false
  var hasRun = false
  var isRunning = false
  /// Why the selected row has no settings of its own.
  var layerOff: String?
  var isUnsaved = false
  var undo: String?
  var redo: String?
  /// A field of the form is selected.
  var hasField = false
}
