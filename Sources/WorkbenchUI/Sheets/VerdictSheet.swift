import QuantEngine
import Quantization

/// After the run of applied proposals: whether the goal is met, what got better, and what to do with the changes.
struct VerdictSheet: Sheet {
  struct Row: Sendable {
    let item: TuneTrial.Item
    let chain: Double?
    let local: Double?

    /// Its own chain cosine rose by what five decimals show.
    var helped: Bool {
      guard let before = item.chain, let chain else { return false }
      return before.isNaN ? !chain.isNaN : chain - before >= 0.000005
    }
  }

  private let trial: TuneTrial
  private let run: Int
  private let output: Double
  private let goal: TuningGoal
  private let judgement: TuningGoal.Judgement
  private let footprint: PrecisionFootprint
  private(set) var rows: [Row]
  /// Layers besides the applied ones that lost more than .001, the worst last.
  private let worse: [(layer: String, delta: Double)]
  private(set) var list = ListState()

  init(_ trial: TuneTrial, run: Int, _ comparison: ComparisonReport, _ session: Session, footprint: PrecisionFootprint?)
  {
    self.trial = trial
    self.run = run
    goal = session.goal
    output = comparison.outputCosine
    self.footprint = footprint ?? PrecisionFootprint(totalMacs: 0)
    judgement = goal.judge(output: output, self.footprint)
    let table = Dictionary(comparison.layers.map { ($0.layer, $0) }) { first, _ in first }
    rows = trial.items.map { Row(item: $0, chain: table[$0.layer]?.cosine, local: table[$0.layer]?.local) }
    let own = Set(trial.items.map(\.layer))
    let workspace = session.workspace
    worse = comparison.layers.compactMap { metric in
      guard !own.contains(metric.layer), let delta = workspace?.delta(of: metric), delta < -0.001 else { return nil }
      return (metric.layer, delta)
    }.sorted { $0.delta > $1.delta }
    refresh(session)
  }

  /// Whether what was applied still is.
  func isOf(_ session: Session) -> Bool { session.workspace?.history.isApplied(trial.state) ?? false }

  var isMet: Bool { judgement.isMet }
  /// Applied layers whose own chain cosine did not rise.
  var useless: [Row] { rows.filter { !$0.helped } }
  private var canDrop: Bool { !useless.isEmpty && useless.count < rows.count }

  mutating func press(_ key: Key, _ session: inout Session, at time: Duration) -> SheetOutcome {
    switch key {
    case .down, .character("j"): list.move(.by(1))
    case .up: list.move(.by(-1))
    case .pageDown: list.move(.pageDown)
    case .pageUp: list.move(.pageUp)
    case .character("u"):
      undoAll(&session, at: time)
      return .close
    case .character("d") where canDrop:
      drop(&session, at: time)
      return .close
    case .character("k"), .enter, .escape, .control("c"), .character("q"), .function(10):
      session.say(
        .info, isMet ? "kept; the goal is met: w writes the models" : "kept: u takes it back, 6 goes on", at: time)
      return .close
    default: break
    }
    return .stay
  }

  /// The config as it was before, if nothing was edited since; otherwise what was applied goes back in one more edit.
  private func undoAll(_ session: inout Session, at time: Duration) {
    guard let history = session.workspace?.history else { return }
    if history.current == trial.state { return session.undo(at: time) }
    takeBack(trial.items.map(\.layer), withGlobals: true, "back from \(trial.label)", &session, at: time)
  }

  private func drop(_ session: inout Session, at time: Duration) {
    let names = useless.map(\.item.layer)
    let words = names.count == 1 ? names[0] : Digits.plural(names.count, "layer")
    takeBack(names, withGlobals: false, "tune: dropped \(words), no better", &session, at: time)
  }

  private func takeBack(
    _ layers: [String], withGlobals: Bool, _ label: String, _ session: inout Session, at time: Duration
  ) {
    guard let history = session.workspace?.history, history.entries.indices.contains(trial.state - 1) else { return }
    let applied = history.entries[trial.state - 1].change
    session.edit(label, at: time) { config in
      for layer in layers { if let entry = applied.layers[layer] { config.layers[layer] = entry.old } }
      if withGlobals, let globals = applied.globals { config.globals = globals.old }
    }
  }

  // MARK: Drawing

  private static func rect(_ size: Size, rows: Int) -> Rect {
    Rect(size).centered(columns: min(96, size.columns - 2), rows: min(size.rows - 2, rows))
  }

  mutating func refresh(_ session: Session) {
    let rect = Self.rect(session.size, rows: facts(session).count + rows.count + 6)
    list.fit(count: rows.count, height: max(1, rect.rows - 6 - facts(session).count))
  }

  private func facts(_ session: Session) -> [Span] {
    let delta = output - trial.baseOutput
    var lines = [
      Span(
        "goal     output cos >= \(goal.outputCosine): \(judgement.isAccurate ? "met" : "not met")",
        judgement.isAccurate ? .metricGood : .metricBad),
      Span(
        "output   \(Digits.cosine(trial.baseOutput)) (run \(trial.base)) -> \(Digits.cosine(output))"
          + "   \(Digits.delta(delta))", MetricRole.delta(delta)),
    ]
    if rows.count > 1 {
      lines.append(Span("         by all of them together: one run cannot tell their shares apart", .textDim))
    }
    lines += goal.excess(footprint).map { Span("limits   \(said: $0)", .metricBad) }
    if trial.otherEdits > 0 {
      lines.append(Span("also     \(Digits.plural(trial.otherEdits, "other setting")) differed from run \(trial.base)"))
    }
    if let most = worse.last {
      lines.append(
        Span(
          "worse    \(Digits.plural(worse.count, "other layer")) lost over 0.001, most \(most.layer) "
            + Digits.delta(most.delta), .deltaWorse))
    }
    return lines
  }

  func draw(on canvas: inout Canvas, _ session: Session, at time: Duration) {
    let (facts, look) = (facts(session), session.look)
    let rect = Self.rect(canvas.size, rows: facts.count + rows.count + 6)
    canvas.fill(rect, role: .dialog)
    let title: Words = "Run \(run): goal \(isMet ? "met" : "not met")"
    let inner = canvas.drawFrame(rect, title: title, isFocused: true, look: look).inset(columns: 1)
    for (index, span) in facts.enumerated() { canvas.put([span], in: inner, line: index) }
    let (body, foot) = inner.splitRows(inner.rows - 1)
    let below = body.splitRows(facts.count).rest
    canvas.drawRule("applied", in: below.line(0), look: look)
    let hasLocal = rows.contains { $0.local != nil || $0.item.local != nil }
    var columns: [Table.Column] = [
      .init("layer", nil, keep: .tail), .init("proposal", 16), .init("chain was", 9, .trailing),
      .init("now", 8, .trailing), .init("", 8, .trailing),
    ]
    if hasLocal, inner.columns >= 84 {
      columns += [.init("local was", 9, .trailing), .init("now", 8, .trailing)]
    }
    columns.append(.init("", 9))
    let table = Table(columns, width: below.columns)
    canvas.drawHead(table, in: below.line(1))
    canvas.draw(list, in: below.splitRows(2).rest, isActive: rows.count > 1, look: look) { index, canvas, line in
      Self.draw(rows[index], table, on: &canvas, in: line)
    }
    canvas.put(choices, in: foot)
  }

  private static func draw(_ row: Row, _ table: Table, on canvas: inout Canvas, in line: Rect) {
    canvas.put(row.item.layer, 0, of: table, in: line)
    canvas.put(Words(row.item.proposal.text), 1, of: table, in: line)
    canvas.put(row.item.chain.map(Digits.cosine) ?? "-", 2, of: table, in: line)
    canvas.put(row.chain.map(Digits.cosine) ?? "-", 3, of: table, in: line)
    if let before = row.item.chain, let now = row.chain {
      canvas.put(Digits.delta(now - before), 4, of: table, in: line, role: MetricRole.delta(now - before))
    }
    let last = table.columns.count - 1
    if last > 5 {
      canvas.put(row.item.local.map(Digits.cosine) ?? "-", 5, of: table, in: line)
      canvas.put(row.local.map(Digits.cosine) ?? "float", 6, of: table, in: line)
    }
    canvas.put(
      row.helped ? "better" : "no better", last, of: table, in: line, role: row.helped ? .deltaBetter : .deltaWorse)
  }

  private var choices: [Span] {
    var spans = [Span("k", .key), Span(" keep all  ", .dialog), Span("u", .key), Span(" undo all  ", .dialog)]
    if canDrop {
      let count: Words = useless.count == 1 ? "the one" : "the \(useless.count)"
      spans += [Span("d", .key), Span(" drop \(count) no better  ", .dialog)]
    }
    return spans + [Span("Esc", .key), Span(" keep", .dialog)]
  }
}

extension TuningGoal {
  /// The limits that are passed, in words.
  func excess(_ footprint: PrecisionFootprint) -> [String] {
    let judgement = judge(output: 1, footprint)
    var lines: [String] = []
    if judgement.hasTooManyLayers, let maxLayers {
      lines.append("\(footprint.outOfInt8) layers out of int8, at most \(maxLayers)")
    }
    if judgement.leavesTooManyMacs, let maxMacShare {
      lines.append(
        "\(Digits.fixed((1 - footprint.int8Share) * 100, 1))% MAC out of int8, at most "
          + "\(TuningGoal.percent(maxMacShare))%")
    }
    return lines
  }
}
