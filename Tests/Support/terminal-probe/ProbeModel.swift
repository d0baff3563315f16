import Glibc
import Terminal
import WorkbenchUI

enum ProbeEffect: Sendable { case count }

/// 5,000 rows, the last event and what the terminal can do.
struct ProbeModel: WorkbenchModel {
  let facts: TerminalFacts
  let theme: String
  var list = ListState(count: 5000)
  var said = "ready"
  var toasts = Toasts()

  init(facts: TerminalFacts, theme: String) {
    self.facts = facts
    self.theme = theme
  }

  var nextDeadline: Duration? { toasts.nextDeadline }

  mutating func update(_ event: Event<String>, at time: Duration) -> [Request<ProbeEffect>] {
    switch event {
    case .key(let key): return press(key, at: time)
    case .paste(let text): said = "pasted \(text.count): \(text.map { $0 == "\n" ? "/" : String($0) }.joined())"
    case .mouse(let mouse): said = "mouse \(mouse.action) \(mouse.at.column),\(mouse.at.row)"
    case .resize(let size): list.fit(height: max(1, size.rows - 4))
    case .tick: toasts.expire(at: time)
    case .news(let text): said = text
    case .resumed: said = "resumed"
    case .terminate: break
    }
    return []
  }

  private mutating func press(_ key: Key, at time: Duration) -> [Request<ProbeEffect>] {
    said = "key \(key.name)"
    switch key {
    case .character("q"): return [.quit(status: 0)]
    case .character("j"), .down: list.move(.by(1))
    case .character("k"), .up: list.move(.by(-1))
    case .character("G"): list.move(.last)
    case .character("n"): return [.effect(.count)]
    case .character("t"): toasts.show(.info, "a toast", at: time)
    case .character("y"): return [.copy("row \(list.selection)")]
    case .character("!"): fatalError("the probe was told to crash")
    case .character("e"): _ = "a warning of some library\n".withCString { write(STDERR_FILENO, $0, strlen($0)) }
    case .control("z"): return [.suspend]
    default: break
    }
    return []
  }

  func view(_ size: Size, at time: Duration) -> Canvas {
    if SplitLayout.isTooSmall(size) { return .tooSmall(size, look: Look()) }
    let look = Look(glyphs: .named(facts.glyphs))
    var canvas = Canvas(size)
    let inner = canvas.drawFrame(Rect(columns: size.columns, rows: size.rows - 2), title: "probe", look: look)
    canvas.draw(list, in: inner, look: look) { index, canvas, line in
      canvas.put("layer \(index)", in: line, role: index % 2 == 0 ? .metricGood : .metricBad)
      canvas.put("卷积\(index)", in: line, indent: 20, role: .textDim)
    }
    let last = Rect(row: size.rows - 2, columns: size.columns, rows: 2)
    canvas.put(said, in: last)
    canvas.put(toasts.latest(at: time)?.text ?? "", in: last, indent: 40, role: .toastInfo)
    canvas.put(
      "\(facts.depth.label) \(facts.glyphs.rawValue) ground \(facts.ground?.rawValue ?? "unknown") theme \(theme)",
      in: last, line: 1, role: .textDim)
    return canvas
  }
}
