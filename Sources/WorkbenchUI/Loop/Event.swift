/// What happens to a model: input, time, the terminal, and news from running effects.
package enum Event<News: Sendable>: Sendable {
  case key(Key)
  /// Pasted text as one piece: never taken for keys.
  case paste(String)
  case mouse(Mouse)
  /// The first event of all, and again whenever the terminal changes its size.
  case resize(Size)
  /// The time the model asked for by `nextDeadline` has come.
  case tick
  case news(News)
  /// Back after Ctrl-Z.
  case resumed
  /// The process is told to end, or its terminal is gone: the last event. Effects returned are still started.
  case terminate(Termination)
}

extension Event {
  var isLast: Bool { if case .terminate = self { true } else { false } }
}

package struct Mouse: Equatable, Sendable {
  package enum Action: Equatable, Sendable { case press, release, drag, wheelUp, wheelDown }
  package var action: Action
  package var at: Point

  package init(_ action: Action, at point: Point) {
    self.action = action
    at = point
  }
}

package enum Termination: Equatable, Sendable {
  case interrupt, terminate, hangup
}
