/// Screen 8: all messages.
struct LogScreen: Screen {
  typealias Action = NoAction

  static let tab = Chrome.Tab(key: "8", name: "Log", short: "Log")
  static let command = (name: "log", help: "all messages")
  static let needsModel = false

  static let bindings: [Bound] =
    moving + [
      backToLayers,
      Bound("y", action: .shared(.copy), help: "copy the line", footer: "copy"),
    ]

  var list = ListState()

  mutating func move(_ move: ListState.Move, _ session: inout Session) { list.move(move) }

  mutating func appear(_ session: inout Session) {
    refresh(session)
    list.move(.last)
  }

  /// The end of the log stays in sight while the cursor is there.
  mutating func refresh(_ session: Session) {
    let wasLast = list.selection >= list.count - 1
    list.fit(count: session.log.count, height: max(1, session.body.rows - 2))
    if wasLast { list.move(.last) }
  }

  func place(_ session: Session) -> String {
    session.log.isEmpty ? "" : "\(list.selection + 1)/\(session.log.count)"
  }

  func copyText(_ session: Session) -> String? {
    session.log.indices.contains(list.selection) ? session.log[list.selection].text : nil
  }

  func view(_ session: Session, on canvas: inout Canvas, at time: Duration) {
    let (log, look) = (session.log, session.look)
    let inner = canvas.drawFrame(Chrome.body(of: canvas.size), title: "Log", isFocused: true, look: look)
    if log.isEmpty { canvas.put("no message yet", in: inner, line: 1, indent: 2, role: .textDim) }
    // A message that is longer than its line is shown whole below.
    let selected = copyText(session) ?? ""
    let whole = CellWidth.of(selected) > inner.columns - 11 ? TextClip.wrap(selected, to: inner.columns) : []
    let (rows, foot) = inner.splitRows(inner.rows - (whole.isEmpty ? 0 : min(5, whole.count + 1)))
    if !whole.isEmpty {
      canvas.drawRule("whole message", in: foot.line(0), look: look)
      for (index, line) in whole.enumerated() { canvas.put(line, in: foot, line: index + 1) }
    }
    canvas.draw(list, in: rows, look: look) { index, canvas, line in
      let entry = log[index]
      let role: Role = entry.kind == .error ? .logError : entry.kind == .warning ? .logWarn : .logInfo
      canvas.put(Digits.clock(Double(entry.time.components.seconds)), in: line, role: .textDim)
      canvas.put(entry.kind.letter, in: line, indent: 7, role: role)
      canvas.put(entry.text, in: line, indent: 10, role: role)
    }
  }
}
