import QuantEngine

/// The runs of the project: which one Compare shows, and which one differences are taken to.
struct CompareRunsSheet: Sheet {
  /// `nil` until they are read.
  private var runs: [RunSummary]?
  /// Row 0 is the original, then the runs, the latest first.
  private(set) var list = ListState(count: 1)
  private var shown: Int?
  private var before: Int?

  /// - Parameters:
  ///   - shown: the run that is shown.
  ///   - before: the one that differences are taken to.
  init(shown: Int?, before: Int?) {
    self.shown = shown
    self.before = before
  }

  private var selected: RunSummary? {
    guard let runs, list.selection > 0, runs.indices.contains(list.selection - 1) else { return nil }
    return runs[list.selection - 1]
  }

  mutating func press(_ key: Key, _ session: inout Session, at time: Duration) -> SheetOutcome {
    switch key {
    case .down, .character("j"): list.move(.by(1))
    case .up, .character("k"): list.move(.by(-1))
    case .pageDown, .control("d"): list.move(.pageDown)
    case .pageUp, .control("u"): list.move(.pageUp)
    case .home, .character("g"): list.move(.first)
    case .end, .character("G"): list.move(.last)
    case .character("a"): return show(&session, at: time)
    case .enter, .character("b"): return takeDifferences(&session, at: time)
    case .escape, .control("c"), .character("q"), .function(10), .character("c"): return .close
    default: break
    }
    return .stay
  }

  private mutating func show(_ session: inout Session, at time: Duration) -> SheetOutcome {
    guard let number = compared(&session, at: time) else { return .stay }
    shown = number
    // What the run before it was is known here.
    let older = (runs ?? []).first { ($0.number ?? .max) < number && $0.below != nil }?.number
    if before == number || before == nil { before = older }
    let reference = before.map(ComparedRuns.Reference.run) ?? .original
    session.tell(CompareScreen.self) { screen, session in screen.show(number, against: reference, session) }
    return .stay
  }

  private mutating func takeDifferences(_ session: inout Session, at time: Duration) -> SheetOutcome {
    guard list.selection > 0 else {
      session.tell(CompareScreen.self) { screen, session in screen.take(.original, session) }
      return .close
    }
    guard let number = compared(&session, at: time) else { return .stay }
    guard number != shown else {
      session.say(.warning, "run \(number) is the one that is shown: choose another one, or a on another one", at: time)
      return .stay
    }
    session.tell(CompareScreen.self) { screen, session in screen.take(.run(number), session) }
    return .close
  }

  /// The number of the selected run, if it can be compared; else says why not.
  private func compared(_ session: inout Session, at time: Duration) -> Int? {
    guard let run = selected, let number = run.number else {
      if list.selection == 0 { session.say(.info, "every run is compared with the original", at: time) }
      return nil
    }
    guard run.below != nil else {
      session.say(.warning, "run \(number) (\(run.stateText)) has no comparison: it did not come that far", at: time)
      return nil
    }
    return number
  }

  mutating func hear(_ news: AppNews, _ session: inout Session, at time: Duration) -> SheetOutcome {
    guard case .comparedRuns(let runs) = news else { return .stay }
    self.runs = runs
    refresh(session)
    if let at = runs.firstIndex(where: { $0.number == before }) { list.move(.to(at + 1)) }
    return .stay
  }

  mutating func refresh(_ session: Session) {
    list.fit(count: (runs?.count ?? 0) + 1, height: max(1, Self.rect(session.size).rows - 4))
  }

  // MARK: Drawing

  private static func rect(_ size: Size) -> Rect {
    Rect(size).centered(columns: min(90, size.columns - 2), rows: max(10, size.rows - 6))
  }

  func draw(on canvas: inout Canvas, _ session: Session, at time: Duration) {
    let (rect, look) = (Self.rect(session.size), session.look)
    canvas.fill(rect, role: .dialog)
    let inner = canvas.drawFrame(rect, title: "Compare which runs", isFocused: true, look: look)
    let (body, foot) = inner.splitRows(inner.rows - 1)
    let (head, rows) = body.splitRows(1)
    let table = Table(
      [
        .init("", 9), .init("run", 5, .trailing), .init("age", 5, .trailing), .init("label", nil),
        .init("out cos", 8, .trailing), .init("below", 5, .trailing), .init("state", 9),
      ], width: inner.columns - 2)
    canvas.drawHead(table, in: head)
    let now = session.epoch + Double(time.components.seconds)
    canvas.draw(list, in: rows, look: look) { index, canvas, line in
      guard index > 0, let run = runs?[index - 1] else {
        canvas.put(before == nil ? "  against" : "", 0, of: table, in: line, role: .textStrong)
        canvas.put("the original: no run to take differences to", in: line, indent: 10)
        return
      }
      let mark: Words = run.number == shown ? "* shown" : run.number == before ? "  against" : ""
      canvas.put(mark, 0, of: table, in: line, role: .textStrong)
      let dim: Role = run.below == nil ? .textDim : .text
      canvas.put(run.number.map(String.init) ?? run.run, 1, of: table, in: line, role: dim)
      canvas.put(run.started.map { Digits.age(now - $0) } ?? "", 2, of: table, in: line, role: .textDim)
      canvas.put(RunLabel.words(run.labelLine), 3, of: table, in: line, role: dim)
      canvas.put(run.outputCosine.map(Digits.cosine) ?? "-", 4, of: table, in: line, role: dim)
      canvas.put(run.below.map(String.init) ?? "-", 5, of: table, in: line, role: dim)
      canvas.put(Words(run.stateText), 6, of: table, in: line, role: dim)
    }
    if runs == nil { canvas.put("reading the runs ..", in: rows, line: 1, indent: 10, role: .textDim) }
    canvas.put(
      [
        Span("Enter", .key), Span(" differences to it  ", .dialog), Span("a", .key), Span(" show it  ", .dialog),
        Span("Esc", .key), Span(" close", .dialog),
      ], in: foot, indent: 1)
  }
}
