extension Canvas {
  mutating func drawLog(_ screen: LogScreen, _ session: Session) {
    let (log, look) = (session.log, session.look)
    let inner = drawFrame(Chrome.body(of: size), title: Self.title(screen), isFocused: true, look: look)
    if screen.rows.isEmpty {
      let reason =
        log.isEmpty
        ? "no message yet"
        : screen.words.isEmpty ? "no message of this level: l shows others" : "no line has these words: Esc shows all"
      put(look.strings[reason], in: inner, line: 1, indent: 2, role: .textDim)
    }
    let (rows, foot) = inner.splitRows(inner.rows - screen.footRows(session))
    if foot.rows > 0 {
      drawRule("whole message", in: foot.line(0), look: look)
      for (index, line) in screen.whole(session).enumerated() { put(line, in: foot, line: index + 1) }
    }
    draw(screen.list, in: rows, look: look) { index, canvas, line in
      let row = screen.rows[index]
      guard log.indices.contains(row.line) else { return }
      let entry = log[row.line]
      if row.isFirst {
        canvas.put(Digits.clock(Double(entry.time.components.seconds)), in: line, role: .textDim)
        canvas.put(entry.level.letter, in: line, indent: 7, role: entry.level.role)
      }
      canvas.put(TextClip.cutMessage(row.text, to: line.columns - 10), in: line, indent: 10, role: entry.level.role)
    }
  }

  private static func title(_ screen: LogScreen) -> Words {
    var title: Words = "Log"
    if !screen.words.isEmpty { title = title + ", '\(screen.words)'" }
    title = title + ", from \(screen.screenLevel.rawValue) on"
    if screen.isFollowing { title = title + ", following" }
    return title
  }
}
