/// All state of the workbench, changed by events only.
///
/// No clock, file or thread: effects do that, elsewhere.
package protocol WorkbenchModel {
  /// What running effects report.
  associatedtype News: Sendable
  /// Work to be done outside.
  associatedtype Effect: Sendable

  /// `time`: since the start of the program.
  mutating func update(_ event: Event<News>, at time: Duration) -> [Request<Effect>]
  /// The screen as it is now; pure.
  func view(_ size: Size, at time: Duration) -> Canvas
  /// When the model wants a `.tick`, to take away a toast for instance; `nil` when nothing is due.
  var nextDeadline: Duration? { get }
}

extension WorkbenchModel {
  package var nextDeadline: Duration? { nil }
}

/// What a model asks for.
package enum Request<Effect: Sendable>: Sendable {
  case effect(Effect)
  /// The screen closes and the loop returns this exit status.
  case quit(status: Int32)
  /// As Ctrl-Z does in other programs.
  case suspend
  /// Every cell again: something else has written on the terminal.
  case redraw
  /// To the clipboard of the terminal (OSC 52), also by way of ssh.
  case copy(String)
  case bell
  case mouse(Bool)
  case theme(Theme)
}

extension Request {
  var isQuit: Bool { if case .quit = self { true } else { false } }
}

extension Request: Equatable where Effect: Equatable {
  package static func == (a: Request, b: Request) -> Bool {
    switch (a, b) {
    case (.effect(let x), .effect(let y)): x == y
    case (.quit(let x), .quit(let y)): x == y
    case (.suspend, .suspend), (.redraw, .redraw), (.bell, .bell): true
    case (.copy(let x), .copy(let y)): x == y
    case (.mouse(let x), .mouse(let y)): x == y
    case (.theme(let x), .theme(let y)): x.name == y.name && x.looks == y.looks
    default: false
    }
  }
}
