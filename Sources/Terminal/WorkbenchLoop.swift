import Glibc
import WorkbenchUI

/// One model, one thread: events to the model, its view to the terminal, its effects to the runner.
///
/// The loop blocks the thread it runs on, which sleeps while nothing happens. Effects are started on that thread and
/// must return at once; their news come back through the box, from any thread.
package final class WorkbenchLoop<Model: WorkbenchModel> {
  /// Starts the work of an effect.
  package typealias Runner = (Model.Effect, NewsBox<Model.News>) -> Void

  package enum End: Equatable, Sendable {
    case quit(status: Int32)
    case terminated(Termination)

    /// Exit status by the habits of shells: 128 + signal number.
    package var status: Int32 {
      switch self {
      case .quit(let status): status
      case .terminated(.interrupt): 128 + SIGINT
      case .terminated(.terminate): 128 + SIGTERM
      case .terminated(.hangup): 128 + SIGHUP
      }
    }
  }

  package private(set) var model: Model
  package let news: NewsBox<Model.News>
  private let terminal: Terminal
  private let runner: Runner
  private var styles: StyleTable
  private var pacer: FramePacer
  private var end: End?
  /// Sees every event before the model does.
  private let observer: (Event<Model.News>, Duration) -> Void

  package init(
    terminal: Terminal, theme: Theme, model: Model, pacer: FramePacer = FramePacer(),
    news: NewsBox<Model.News> = NewsBox(), observer: @escaping (Event<Model.News>, Duration) -> Void = { _, _ in },
    runner: @escaping Runner
  ) {
    self.observer = observer
    self.terminal = terminal
    self.model = model
    self.news = news
    self.runner = runner
    self.pacer = pacer
    styles = theme.styles(at: terminal.facts.depth)
  }

  /// Runs until the model quits or the process is told to end; the terminal is closed then.
  package func run() -> End {
    send(.resize(terminal.size), byPerson: true)
    while end == nil {
      paintIfDue()
      if let input = terminal.next(within: timeout) { receive(input) }
      // Input that came together is handled together: one frame answers it.
      while end == nil, let input = terminal.poll() { receive(input) }
      for item in news.take() where end == nil { send(.news(item), byPerson: false) }
      if end == nil, let deadline = model.nextDeadline, deadline <= Clock.now { send(.tick, byPerson: false) }
    }
    terminal.close()
    return end ?? .quit(status: 0)
  }

  /// Until the next frame or deadline; `nil` when only input can change anything.
  private var timeout: Duration? {
    [pacer.due, model.nextDeadline].compactMap { $0 }.min().map { max(.zero, $0 - Clock.now) }
  }

  private func paintIfDue() {
    let now = Clock.now
    guard let due = pacer.due, due <= now else { return }
    terminal.present(model.view(terminal.size, at: now), styles: styles)
    pacer.painted(at: now)
  }

  private func receive(_ input: Terminal.Input) {
    switch input {
    case .key(let key): send(.key(key), byPerson: true)
    case .paste(let text): send(.paste(text), byPerson: true)
    case .mouse(let mouse): send(.mouse(mouse), byPerson: true)
    case .resize(let size): send(.resize(size), byPerson: true)
    case .wake: break
    case .continued: send(.resumed, byPerson: true)
    case .stop: obey(.suspend)
    case .terminate(let reason):
      send(.terminate(reason), byPerson: false)
      end = .terminated(reason)
    }
  }

  private func send(_ event: Event<Model.News>, byPerson: Bool) {
    let now = Clock.now
    observer(event, now)
    let requests = model.update(event, at: now)
    pacer.changed(key: byPerson)
    for request in requests { obey(request) }
  }

  private func obey(_ request: Request<Model.Effect>) {
    switch request {
    case .effect(let effect): runner(effect, news)
    case .quit(let status): end = end ?? .quit(status: status)
    case .suspend:
      terminal.suspend()
      send(.resize(terminal.size), byPerson: true)
      send(.resumed, byPerson: true)
    case .redraw:
      terminal.redraw()
      pacer.changed(key: true)
    case .copy(let text): terminal.copy(text)
    case .bell: terminal.bell()
    case .mouse(let isOn): terminal.setMouse(isOn)
    case .theme(let theme): styles = theme.styles(at: terminal.facts.depth)
    }
  }
}
