import CCurses
import Diagnostics

/// Why the screen cannot be opened.
package enum TerminalError: DiagnosticConvertible, Equatable {
  case notATerminal
  case unknownTerminal(String)
  case noCursorMovement(String)
  case system

  init(code: Int32, term: String) {
    switch Int(code) {
    case CUR_NOT_A_TERMINAL: self = .notATerminal
    case CUR_UNKNOWN_TERMINAL: self = .unknownTerminal(term)
    case CUR_NO_CURSOR_MOVEMENT: self = .noCursorMovement(term)
    default: self = .system
    }
  }

  package var diagnostics: [Diagnostic] {
    let verbs = "every verb works without a screen: see --help"
    switch self {
    case .notATerminal:
      return [.error("the workbench needs a terminal on standard input and output", help: [verbs])]
    case .unknownTerminal(let name):
      let what = name.isEmpty ? "TERM is not set, so the terminal is not known" : "unknown terminal '\(name)'"
      return [
        .error(
          "cannot open the screen: \(what)",
          help: ["set TERM to what your terminal is, for example TERM=xterm-256color", verbs])
      ]
    case .noCursorMovement(let name):
      return [.error("cannot open the screen: a terminal of type '\(name)' cannot place its cursor", help: [verbs])]
    case .system:
      return [.error("cannot open the screen: no file descriptors left", help: [verbs])]
    }
  }
}
