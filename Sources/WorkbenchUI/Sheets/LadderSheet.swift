import QuantEngine

/// The manual's ladder for one layer: steps done, open and closed, with their reasons; Enter takes an open one as the
/// layer's proposal.
struct LadderSheet: Sheet {
  private let layer: String
  private let ladder: TuningLadder
  private let rates: [TuningCost?]
  private(set) var list = ListState()

  /// `nil` without a candidate.
  init?(_ screen: TuneScreen, _ session: Session) {
    guard let name = screen.selected?.name, let ladder = screen.ladders[name], let workspace = session.workspace else {
      return nil
    }
    layer = name
    self.ladder = ladder
    let map = PrecisionMap(workspace.graph, workspace.config)
    let precisions = map.precisions(workspace.config)
    rates = ladder.rungs.map { rung in
      guard let change = rung.proposal?.change,
        let effect = TuningEffect(change, of: name, workspace.config, graph: workspace.graph, map: map)
      else { return nil }
      return TuningCost(of: [effect], map: map, precisions: precisions)
    }
    list.fit(count: ladder.rungs.count, height: ladder.rungs.count)
    let now = screen.proposal(for: name)?.step
    list.move(.to(ladder.rungs.firstIndex { $0.step == now } ?? 0))
  }

  mutating func press(_ key: Key, _ session: inout Session, at time: Duration) -> SheetOutcome {
    switch key {
    case .down, .character("j"): list.move(.by(1))
    case .up, .character("k"): list.move(.by(-1))
    case .home, .character("g"): list.move(.first)
    case .end, .character("G"): list.move(.last)
    case .enter:
      let rung = ladder.rungs[list.selection]
      guard let proposal = rung.proposal else {
        session.say(.info, "\(TuningLadder.word(rung.step)): \(rung.reason)", at: time)
        return .stay
      }
      session.tell(TuneScreen.self) { [layer] screen, _ in screen.choose(proposal.step, for: layer) }
      return .close
    case .escape, .control("c"), .character("q"), .function(10), .character("l"): return .close
    default: break
    }
    return .stay
  }

  // MARK: Drawing

  func draw(on canvas: inout Canvas, _ session: Session, at time: Duration) {
    let look = session.look
    let columns = min(100, canvas.size.columns - 2)
    let reason = ladder.rungs[list.selection].reason
    let whole = TextClip.wrap(look.strings[reason], to: columns - 4)
    let rect = canvas.bounds.centered(columns: columns, rows: min(canvas.size.rows - 2, ladder.rungs.count + 7))
    canvas.fill(rect, role: .dialog)
    let inner = canvas.drawFrame(rect, title: "Ladder of \(layer)", isFocused: true, look: look).inset(columns: 1)
    let (body, foot) = inner.splitRows(inner.rows - 1)
    let (rows, below) = body.splitRows(ladder.rungs.count + 1)
    let table = Table(
      [.init("", 1), .init("step", 11), .init("", 5), .init("proposal", 19), .init("cost", 16), .init("why", nil)],
      width: rows.columns)
    canvas.drawHead(table, in: rows.line(0))
    canvas.draw(list, in: rows.splitRows(1).rest, look: look) { index, canvas, line in
      let rung = ladder.rungs[index]
      let role: Role = rung.state == .open ? .text : .textDim
      canvas.put("\(rung.step.rawValue)", 0, of: table, in: line, role: role)
      canvas.put(Words(TuningLadder.word(rung.step)), 1, of: table, in: line, role: role)
      canvas.put(
        Words(rung.state.word, as: rung.state == .open ? "open rung" : rung.state.word), 2, of: table, in: line,
        role: rung.state == .done ? .jobDone : role)
      canvas.put(Words(rung.proposal?.text ?? ""), 3, of: table, in: line, role: role)
      canvas.put("\(look.strings.sentences.each(rates[index]?.words(16) ?? ""))", 4, of: table, in: line, role: role)
      canvas.put(Words(rung.reason), 5, of: table, in: line, role: .textDim)
    }
    canvas.drawRule("why", in: below.line(0), look: look)
    for (index, text) in whole.prefix(below.rows - 1).enumerated() { canvas.put(text, in: below, line: index + 1) }
    canvas.put(
      [Span("Enter", .key), Span(" take this step", .dialog), Span("  Esc", .key), Span(" close", .dialog)], in: foot)
  }
}

extension TuningCost {
  /// As many of the parts as fit, `none` when there are none.
  func words(_ width: Int) -> String {
    if isFree { return "none" }
    var text = ""
    for part in parts {
      let longer = text.isEmpty ? part : text + ", " + part
      if CellWidth.of(longer) > width { break }
      text = longer
    }
    return text.isEmpty ? parts.first ?? "less int8" : text
  }
}
