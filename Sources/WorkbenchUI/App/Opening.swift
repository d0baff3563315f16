import Diagnostics

extension Canvas {
  /// In place of a screen that needs the model: it is being read, or the reason why it cannot be.
  mutating func drawOpening(_ session: Session) {
    let inner = drawFrame(Chrome.body(of: size), title: Words(session.screen.type.tab.name), look: session.look)
    if case .nothing = session.opening {
      put(session.look.strings["No model is open."], in: inner, line: 1, indent: 2)
      put(
        [Span("1", .key), Span(" " + session.look.strings["lists the projects that were open before"], .textDim)],
        in: inner,
        line: 2, indent: 2)
      return
    }
    guard case .refused(let diagnostics) = session.opening else {
      put("reading \(session.title)", in: inner, line: 1, indent: 2, role: .textDim)
      return
    }
    put("The model cannot be opened.", in: inner, line: 1, indent: 2, role: .textStrong)
    let room = Rect(column: inner.column + 2, row: inner.row + 3, columns: inner.columns - 4, rows: inner.rows - 3)
    let lines = diagnostics.flatMap(\.lines).flatMap { TextClip.wrap($0, to: room.columns) }
    for (index, line) in lines.enumerated() {
      put(line, in: room, line: index, role: .ofDiagnosticLine(line))
    }
    put([Span("q", .key), Span(" quits", .textDim)], in: room, line: lines.count + 1)
  }
}

extension Role {
  /// The colour of a line as terminals show diagnostics: second places and advice stand back.
  static func ofDiagnosticLine(_ line: String) -> Role {
    let roles: [(Diagnostic.Severity, Role)] = [(.error, .logError), (.warning, .logWarn), (.note, .textDim)]
    return roles.first { severity, _ in
      let mark = severity.rawValue + ": "
      return line.hasPrefix(mark) || line.contains(": " + mark)
    }?.1 ?? .text
  }
}
