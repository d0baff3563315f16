/// What a command line printed.
struct OutputSheet: Sheet {
  private let title: String
  private let lines: [String]
  private let isGood: Bool
  private(set) var list = ListState()

  /// - Parameters:
  ///   - words: the command line without the program's name.
  ///   - status: its exit status.
  init(words: [String], status: Int32, output: String) {
    title = "cortado \(words.joined(separator: " "))\(status == 0 ? "" : ": \(status)")"
    isGood = status == 0
    let text = output.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    lines = output.isEmpty ? [] : text.last == "" ? text.dropLast() : text
    list.fit(count: lines.count)
  }

  mutating func press(_ key: Key, _ session: inout Session, at time: Duration) -> SheetOutcome {
    switch key {
    case .down, .character("j"): list.move(.by(1))
    case .up, .character("k"): list.move(.by(-1))
    case .pageDown, .control("d"): list.move(.pageDown)
    case .pageUp, .control("u"): list.move(.pageUp)
    case .home, .character("g"): list.move(.first)
    case .end, .character("G"): list.move(.last)
    case .character("y"): return .ask([.copy(lines.joined(separator: "\n"))])
    case .enter, .escape, .control("c"), .character("q"), .function(10): return .close
    default: break
    }
    return .stay
  }

  mutating func refresh(_ session: Session) {
    list.fit(count: lines.count, height: max(1, Self.rect(session.size, lines.count).rows - 3))
  }

  private static func rect(_ size: Size, _ lines: Int) -> Rect {
    Rect(size).centered(columns: size.columns - 2, rows: min(size.rows - 4, max(5, lines + 3)))
  }

  func draw(on canvas: inout Canvas, _ session: Session, at time: Duration) {
    let rect = Self.rect(session.size, lines.count)
    canvas.fill(rect, role: .dialog)
    let inner = canvas.drawFrame(rect, title: "\(written: title)", isFocused: true, look: session.look).inset(
      columns: 1)
    let (body, foot) = inner.splitRows(inner.rows - 1)
    if lines.isEmpty { canvas.put("it printed nothing", in: body, role: .textDim) }
    let role: Role = isGood ? .text : .toastError
    canvas.draw(list, in: body, look: session.look) { index, canvas, line in
      let text = lines[index]
      canvas.put(text, in: line, role: role)
    }
    canvas.put([Span("y", .key), Span(" copy", .dialog), Span("  Esc", .key), Span(" close", .dialog)], in: foot)
  }
}
