import QuantEngine

extension TuneScreen {
  /// Goal, ranking, head.
  private static func rowsAbove(_ rows: Int) -> Int { rows >= 12 ? 3 : 2 }
  /// The selected layer, its ladder, what is marked, what the next run does; rules between them where there is room.
  private static func rowsBelow(_ rows: Int) -> Int { rows >= 24 ? 6 : rows >= 12 ? 4 : 2 }

  /// Rows of the list in a frame.
  static func listRows(_ rows: Int) -> Int { max(1, rows - rowsAbove(rows) - rowsBelow(rows)) }

  /// The column of the ranking metric has brackets.
  static func table(width: Int, _ ranking: TuneRanking) -> Table {
    func head(_ metric: TuneRanking.Metric) -> Table.Column {
      let word = metric == .own ? "own est" : metric.rawValue
      return .init(metric == ranking.metric ? "[\(word)]" : word, 9, .trailing)
    }
    var columns: [Table.Column] = [
      .init("", 3), .init("rank", 4, .trailing), .init("S", 1), .init("layer", nil, keep: .tail),
    ]
    if width >= 100 {
      columns.append(.init("", 5))
      columns += [head(.chain), head(.local), head(.own)]
    } else {
      columns.append(head(ranking.metric))
    }
    if width >= 70 { columns.append(.init("MAC%", 5, .trailing)) }
    columns.append(.init("proposal", width >= 100 ? 19 : 15, keep: .tail))
    if width >= 70 { columns.append(.init("cost", width >= 100 ? 26 : 16)) }
    return Table(columns, width: width)
  }
}

extension Canvas {
  mutating func drawTune(_ screen: TuneScreen, _ session: Session, _ workspace: Workspace) {
    let run: Words = workspace.last.map { "Tune: after run \($0.number)" } ?? "Tune"
    let inner = drawFrame(session.body, title: run, isFocused: true, look: session.look).inset(columns: 1)
    guard let report = workspace.last?.comparison else { return drawNothingToTune(screen, session, in: inner) }
    let rows = TuneScreen.listRows(inner.rows)
    put(Self.goalLine(session, report, screen.footprint), in: inner)
    let isTight = inner.rows < 12
    if !isTight { put(Self.rankLine(screen, session, report, columns: inner.columns), in: inner, line: 1) }
    let table = TuneScreen.table(width: inner.columns - 1, screen.ranking)
    let (_, rest) = inner.splitRows(isTight ? 1 : 2)
    drawHead(table, in: rest.line(0))
    let (body, below) = rest.splitRows(1).rest.splitRows(rows)
    if screen.ranking.candidates.isEmpty {
      put("Run \(report.images > 0 ? "has" : "had") no quantised layer: 2 and x quantise layers.", in: body, indent: 1)
    }
    draw(screen.list, in: body, look: session.look) { index, canvas, line in
      canvas.drawCandidate(screen, index, session, workspace, table, in: line)
    }
    drawBelow(screen, session, workspace, in: below)
  }

  private mutating func drawNothingToTune(_ screen: TuneScreen, _ session: Session, in inner: Rect) {
    let lines: [Words] = [
      "\(said: session.noRunYet) After one, this screen ranks the layers by the error each adds,",
      "proposes for each what the manual's ladder advises, with its cost,",
      "and shows after the next run whether it helped.",
    ]
    for (index, line) in lines.enumerated() { put(line, in: inner, line: index + 1, indent: 1) }
    put(session.runHint, in: inner, line: lines.count + 2, indent: 1)
    put(
      [Span("e", .key), Span(" sets the goal, now output cos >= \(session.goal.text)", .textDim)], in: inner,
      line: lines.count + 3, indent: 1)
  }

  // MARK: Above the list

  private static func goalLine(_ session: Session, _ report: ComparisonReport, _ footprint: PrecisionFootprint?)
    -> [Span]
  {
    let (goal, now) = (session.goal, report.outputCosine)
    let isMet = now >= goal.outputCosine
    var spans = [
      Span("goal ", .textDim), Span("output chain cos >= \(goal.outputCosine)  "),
      Span("now \(Digits.cosine(now)) \(isMet ? "met" : "not met")", isMet ? .metricGood : .metricBad),
      Span("   limits ", .textDim),
    ]
    guard let footprint, goal.maxLayers != nil || goal.maxMacShare != nil else {
      return spans + [Span("none", .textDim)]
    }
    let judgement = goal.judge(output: now, footprint)
    if let most = goal.maxLayers {
      spans.append(
        Span("\(footprint.outOfInt8) of \(most) layers  ", judgement.hasTooManyLayers ? .metricBad : .text))
    }
    if let most = goal.maxMacShare {
      let share = Digits.fixed((1 - footprint.int8Share) * 100, 1)
      spans.append(
        Span("\(share) of \(TuningGoal.percent(most))% MAC", judgement.leavesTooManyMacs ? .metricBad : .text))
    }
    return spans + [Span(" out of int8", .textDim)]
  }

  private static func rankLine(_ screen: TuneScreen, _ session: Session, _ report: ComparisonReport, columns: Int)
    -> [Span]
  {
    let ranking = screen.ranking
    let under = ranking.candidates.count { ranking.isUnder($0, session.threshold) }
    if under == 0, session.isGoalMet {
      let limit: Words = "\(said: ranking.metric.rawValue) is under \(PlotNumber.text(session.threshold))"
      return [
        Span("goal met, and no layer's \(limit): ", .metricGood), Span("w", .key),
        Span(" writes the models"),
      ]
    }
    let isWide = columns >= 100
    var words: Words
    switch ranking.metric {
    case .local: words = isWide ? "measured: each layer alone, fed the original's values" : "measured, layer alone"
    case .own:
      words =
        isWide
        ? "estimate: best chain of the inputs less its own; first those behind good inputs"
        : "estimate: loss behind good inputs first"
      if isWide, !ranking.available.contains(.local) { words = words + "; this run has no local errors" }
    case .chain: words = isWide ? "accumulated: later layers inherit what earlier ones lose" : "accumulated, inherited"
    }
    return [
      Span("rank ", .textDim), Span("by \(said: ranking.metric.rawValue)", .textStrong), Span(" (\(words))"),
      Span("  \(under) under \(PlotNumber.text(session.threshold))", .textDim),
      Span(isWide ? "  \(report.images) images" : "", .textDim),
    ]
  }

  // MARK: Rows

  private mutating func drawCandidate(
    _ screen: TuneScreen, _ index: Int, _ session: Session, _ workspace: Workspace, _ table: Table, in line: Rect
  ) {
    let (candidate, ranking) = (screen.ranking.candidates[index], screen.ranking)
    let isMarked = session.marks.contains(candidate.name)
    let state = workspace.state(of: workspace.rows[candidate.row], threshold: session.threshold)
    put(isMarked ? "[x]" : "[ ]", 0, of: table, in: line, role: isMarked ? .mark : .textDim)
    put("\(index + 1)", 1, of: table, in: line, role: .textDim)
    put(String(state.letter), 2, of: table, in: line, role: state.role)
    put(candidate.name, 3, of: table, in: line)
    let isBad = ranking.isUnder(candidate, session.threshold)
    func figure(_ metric: TuneRanking.Metric) -> (text: String, role: Role) {
      switch metric {
      case .chain: (Digits.cosine(candidate.chain), MetricRole.of(candidate.chain, threshold: session.threshold))
      case .local:
        candidate.local.map { (Digits.cosine($0), MetricRole.of($0, threshold: session.threshold)) } ?? ("-", .textDim)
      case .own: (Digits.fixed(candidate.ownStep, 5), metric == ranking.metric && isBad ? .metricBad : .text)
      }
    }
    var column = 4
    if table.columns[column].title.isEmpty {
      put(Words(candidate.hint), column, of: table, in: line, role: .textDim)
      for metric in [TuneRanking.Metric.chain, .local, .own] {
        column += 1
        let (text, role) = figure(metric)
        put(text, column, of: table, in: line, role: role)
      }
    } else {
      let (text, role) = figure(ranking.metric)
      put(text, column, of: table, in: line, role: role)
    }
    column += 1
    if table.columns[column].title == "MAC%" {
      let macs = workspace.rows[candidate.row].macs
      if workspace.totalMacs > 0, macs > 0 {
        put(Digits.fixed(Double(macs) / Double(workspace.totalMacs) * 100, 1), column, of: table, in: line)
      }
      column += 1
    }
    let proposal = screen.proposal(for: candidate.name)
    put(Words(proposal?.text ?? "none left"), column, of: table, in: line, role: proposal == nil ? .textDim : .text)
    guard column + 1 < table.columns.count, let cost = screen.costs[candidate.name] else { return }
    put(
      "\(sentences.each(cost.words(table.widths[column + 1])))", column + 1, of: table, in: line,
      role: cost.isFree ? .textDim : .text)
  }

  // MARK: Below the list

  private mutating func drawBelow(_ screen: TuneScreen, _ session: Session, _ workspace: Workspace, in rect: Rect) {
    guard let candidate = screen.selected else { return }
    var line = 0
    func next() -> Rect {
      defer { line += 1 }
      return rect.line(line)
    }
    let hasRules = rect.rows >= 6
    if hasRules { drawRule("\(candidate.name)", in: next(), look: session.look) }
    if rect.rows > 2 {
      put(Self.reasonLine(screen, candidate, session, named: !hasRules), in: next())
      put(Self.ladderLine(screen, candidate), in: next())
    }
    if hasRules {
      drawRule("\(Digits.plural(screen.plan?.items.count ?? 0, "layer")) marked", in: next(), look: session.look)
    }
    guard let plan = screen.plan, !plan.items.isEmpty else {
      put(
        [
          Span("nothing to apply: ", .textDim), Span("Space", .key), Span(" marks, ", .textDim), Span("t", .key),
          Span(" those under the threshold, ", .textDim), Span("T", .key), Span(" the first so many", .textDim),
        ], in: next())
      return
    }
    put(Self.previewLine(plan, session, columns: rect.columns, counts: !hasRules), in: next())
    put(Self.nextLine(plan, screen, workspace, columns: rect.columns), in: next())
  }

  private static func reasonLine(
    _ screen: TuneScreen, _ c: TuneRanking.Candidate, _ session: Session, named: Bool
  ) -> [Span] {
    var spans: [Span] = named ? [Span("\(c.name): ", .textStrong)] : []
    if let proposal = screen.proposal(for: c.name) {
      spans += [Span(Words(proposal.text), .textStrong), Span(" - \(said: proposal.reason)")]
    } else {
      spans.append(Span("nothing on the ladder is left", .textDim))
    }
    if !named, !c.hint.isEmpty {
      let words: Words = c.hint == "small" ? "few weights" : "\(said: "\(c.hint) layer with weights")"
      spans.append(Span("   \(words): such layers often lose most", .metricNear))
    }
    if screen.ranking.metric == .own, c.bestInput < session.threshold {
      spans.append(Span("   its inputs are bad already: partly inherited", .metricNear))
    }
    return spans
  }

  /// `ladder  1 batches  2 float  3 clip range  [4 bits 12]  5 per-channel ok  6 QAT`.
  private static func ladderLine(_ screen: TuneScreen, _ c: TuneRanking.Candidate) -> [Span] {
    guard let ladder = screen.ladders[c.name] else { return [] }
    let now = screen.proposal(for: c.name)?.step
    var spans = [Span("ladder", .textDim)]
    for rung in ladder.rungs {
      let text: Words = "\(rung.step.rawValue) \(said: TuningLadder.word(rung.step))"
      switch rung.state {
      case .open where rung.step == now: spans.append(Span(" [\(text)]", .textStrong))
      case .open: spans.append(Span("  \(text)"))
      case .done: spans += [Span("  \(text)", .textDim), Span(" done", .jobDone)]
      case .closed: spans.append(Span("  \(text) -", .textDim))
      }
    }
    return spans
  }

  private static func previewLine(_ plan: TunePlan, _ session: Session, columns: Int, counts: Bool) -> [Span] {
    let (before, after) = (plan.cost.before, plan.cost.after)
    func percent(_ f: PrecisionFootprint) -> String { Digits.fixed(f.int8Share * 100, 1) }
    var spans = counts ? [Span("\(plan.items.count) marked  ", .textStrong)] : [Span("together ", .textDim)]
    spans.append(Span("MAC int8 \(percent(before)) -> \(percent(after))%"))
    let excess = session.goal.excess(after)
    if let first = excess.first {
      spans.append(Span("  over the limit: \(said: first)", .metricBad))
    } else {
      let room = columns - spans.reduce(2) { $0 + CellWidth.of($1.text) }
      spans.append(Span("  \(plan.cost.isFree ? "no cost" : plan.cost.words(room))"))
    }
    if plan.without > 0 { spans.append(Span("  \(plan.without) without a proposal", .textDim)) }
    return spans
  }

  private static func nextLine(_ plan: TunePlan, _ screen: TuneScreen, _ workspace: Workspace, columns: Int) -> [Span] {
    let redone = plan.redone
    let kept: Words = redone.kept > 0 ? " of \(redone.layers.count + redone.kept)" : ", all"
    var spans = [
      Span("next run ", .textDim), Span("searches \(Digits.plural(redone.layers.count, "layer"))\(kept)"),
    ]
    if redone.kept > 0, let run = workspace.last?.number, columns >= 100 {
      spans.append(Span(", \(redone.kept) as in run \(run)"))
    }
    if let first = redone.first { spans.append(Span(", metrics from \(first) on")) }
    spans += [Span("  a", .key), Span(screen.asksBeforeRun ? " applies, then asks" : " applies and runs", .textDim)]
    return spans
  }
}
