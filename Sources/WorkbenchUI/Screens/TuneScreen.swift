import QuantEngine
import Quantization

/// Screen 6: which layers hurt, what to try for each and what it costs, and whether it helped.
struct TuneScreen: Screen {
  enum Action: String, ActionName, CaseIterable {
    case open, mark, apply, ladder, goal
    case clearMarks = "clear-marks"
    case markUnder = "mark-under-threshold"
    case markTop = "mark-top"
    case markFilter = "mark-filter"
    case propose = "change-proposal"
    case metric = "rank-metric"
    case askBeforeRun = "ask-before-run"
  }

  static let tab = Chrome.Tab(key: "6", name: "Tune", short: "Tun")
  static let command = (name: "tune", help: "which layers hurt, and what to do about them")

  private(set) var list = ListState()
  private(set) var ranking = TuneRanking.empty
  private(set) var ladders: [String: TuningLadder] = [:]
  /// Costs of the proposals of the rows that are shown.
  private(set) var costs: [String: TuningCost] = [:]
  private(set) var plan: TunePlan?
  private(set) var footprint: PrecisionFootprint?
  /// The start sheet comes before a run of applied proposals.
  private(set) var asksBeforeRun = true
  /// Waits for its run.
  private(set) var trial: TuneTrial?
  /// Waits to be looked at.
  private var verdict: VerdictSheet?

  private var wanted: TuneRanking.Metric?
  /// Which proposal of a layer's is taken, where it is not the first.
  private var choices: [String: Int] = [:]
  private var precision = PrecisionCache()
  private var known: Known?
  private var chosen: Chosen?

  /// What the last run's details speak for.
  private var details: [String: LayerDetails] = [:]
  /// The run whose details were asked for.
  private var asked: Int?

  /// What the proposals that were looked at do, by layer.
  private var effects: [String: TuningEffect] = [:]

  /// What the ranking was made from.
  private struct Known: Equatable {
    var run: Int?
    var state: Int
    var threshold: Double
    var wanted: TuneRanking.Metric?
  }

  /// What the plan was made from.
  private struct Chosen: Equatable {
    var choices: [String: Int]
    var marks: Set<String>
  }

  // MARK: Candidates

  var selected: TuneRanking.Candidate? {
    ranking.candidates.indices.contains(list.selection) ? ranking.candidates[list.selection] : nil
  }

  func proposal(for name: String) -> TuningProposal? {
    guard let all = ladders[name]?.proposals, !all.isEmpty else { return nil }
    return all[(choices[name] ?? 0) % all.count]
  }

  // MARK: Actions

  mutating func perform(_ action: Action, _ session: inout Session, at time: Duration) -> [Request<AppEffect>] {
    switch action {
    case .open: session.go(to: LayersScreen.self) { screen, _ in screen.showSettings(for: TuneScreen.self) }
    case .mark:
      guard let name = selected?.name else { break }
      if session.marks.remove(name) == nil { session.marks.insert(name) }
      move(.by(1), &session)
    case .clearMarks:
      session.say(.info, "\(Digits.plural(session.marks.count, "mark")) cleared", at: time)
      session.marks = []
    case .markUnder: session.ask(.markUnder(session, ranking.metric))
    case .markTop: session.ask(.markTop(ranking.candidates.count))
    case .markFilter: session.ask(.markFilter())
    case .propose: propose(&session, at: time)
    case .ladder: if let sheet = LadderSheet(self, session) { session.open(sheet) }
    case .goal: session.ask(.goal(session.goal))
    case .metric: nextMetric(&session)
    case .askBeforeRun:
      asksBeforeRun.toggle()
      session.say(.info, asksBeforeRun ? "a shows the start sheet first" : "a starts the run at once", at: time)
    case .apply: return apply(&session, at: time)
    }
    return []
  }

  private func propose(_ session: inout Session, at time: Duration) {
    guard let name = selected?.name else { return }
    let count = ladders[name]?.proposals.count ?? 0
    guard count > 1 else {
      let reason = count == 0 ? "nothing is left to try for \(name)" : "there is one proposal only for \(name)"
      return session.say(.info, "\(reason): l shows the ladder", at: time)
    }
    let next = ((choices[name] ?? 0) + 1) % count
    session.tell(TuneScreen.self) { screen, _ in screen.choices[name] = next }
  }

  /// Takes the proposal of one step of the ladder.
  mutating func choose(_ step: TuningProposal.Step, for name: String) {
    if let index = ladders[name]?.proposals.firstIndex(where: { $0.step == step }) { choices[name] = index }
  }

  private mutating func nextMetric(_ session: inout Session) {
    let all = ranking.available
    guard let now = all.firstIndex(of: ranking.metric) else { return }
    wanted = all[(now + 1) % all.count]
    refresh(session)
    list.move(.first)
    if let first = selected { session.cursor = first.row }
  }

  /// Marks the candidates that fit, and says how many.
  mutating func mark(_ what: String, _ session: inout Session, at time: Duration, _ fits: (Int) -> Bool) {
    refresh(session)
    let names = ranking.candidates.indices.filter(fits).map { ranking.candidates[$0].name }
    session.marks.formUnion(names)
    session.say(
      names.isEmpty ? .warning : .info,
      names.isEmpty ? "nothing to mark: \(what)" : "\(Digits.plural(names.count, "layer")) marked: \(what)", at: time)
  }

  private mutating func apply(_ session: inout Session, at time: Duration) -> [Request<AppEffect>] {
    guard let plan, !plan.items.isEmpty, let workspace = session.workspace, let last = workspace.last else { return [] }
    let before = workspace.history.current
    session.edit(plan.label, at: time) { config in
      for item in plan.items {
        try config.apply(item.proposal.change, to: item.candidate.name, workspace.graph)
      }
    }
    guard let state = session.workspace?.history.current, state != before else { return [] }
    trial = TuneTrial(
      items: plan.items.map {
        .init(
          layer: $0.candidate.name, proposal: $0.proposal, chain: workspace.metrics[$0.candidate.name]?.cosine,
          local: workspace.metrics[$0.candidate.name]?.local)
      }, label: plan.label, state: state, base: last.number, baseOutput: last.comparison?.outputCosine ?? .nan)
    for item in plan.items {
      choices[item.candidate.name] = nil
      session.marks.remove(item.candidate.name)
    }
    guard asksBeforeRun else { return session.startRun() }
    session.perform(SharedAction.run.rawValue)
    return []
  }

  // MARK: The run of a trial

  mutating func appear(_ session: inout Session) {
    askForDetails(&session)
    if let verdict {
      self.verdict = nil
      if verdict.isOf(session) { session.open(verdict) }
    }
  }

  /// They are read once for a run, and only when somebody looks.
  private mutating func askForDetails(_ session: inout Session) {
    guard session.screen == ScreenID(TuneScreen.self), let run = session.workspace?.last, run.comparison != nil,
      run.number != asked
    else { return }
    asked = run.number
    details = [:]
    session.want(.tuningDetails(run: run.number))
  }

  mutating func hear(_ news: AppNews, _ session: inout Session, at time: Duration) -> [Request<AppEffect>] {
    switch news {
    case .opened: askForDetails(&session)
    case .tuningDetails(let run, let found):
      guard run == session.workspace?.last?.number else { break }
      details = found
      known = nil
      refresh(session)
    case .started(let run): follow(run, session)
    case .ended(let run, _, _):
      askForDetails(&session)
      guard let ended = trial, ended.run == run.number else { break }
      guard let comparison = run.comparison else {
        // The next run of these settings may show it.
        trial?.run = nil
        break
      }
      trial = nil
      refresh(session)
      let sheet = VerdictSheet(ended, run: run.number, comparison, session, footprint: footprint)
      // It must not take a key that was meant for something else.
      let watched = [ScreenID(RunScreen.self), ScreenID(TuneScreen.self)]
      if session.sheets.isEmpty, session.prompt == nil, watched.contains(session.screen) {
        session.open(sheet)
      } else {
        verdict = sheet
        session.say(
          .info, "run \(run.number): goal \(sheet.isMet ? "met" : "not met"): 6 shows what the proposals gave", at: time
        )
      }
    default: break
    }
    return []
  }

  /// A run is that of the trial as long as what was applied has not been taken back.
  private mutating func follow(_ run: Int, _ session: Session) {
    guard let pending = trial, pending.run == nil, let workspace = session.workspace else { return }
    guard workspace.history.isApplied(pending.state) else {
      trial = nil
      return
    }
    trial?.run = run
    let applied = workspace.history.entries[pending.state - 1].change
    trial?.otherEdits = max(0, workspace.editCount - Self.settings(of: applied))
  }

  /// Settings that a change set touches.
  private static func settings(of change: EditedConfig.Change) -> Int {
    var (before, after) = (QuantConfig(), QuantConfig())
    if let globals = change.globals { (before.globals, after.globals) = (globals.old, globals.new) }
    for (name, entry) in change.layers { (before.layers[name], after.layers[name]) = (entry.old, entry.new) }
    return QuantConfig.diff(before, after).count
  }

  // MARK: List

  mutating func move(_ move: ListState.Move, _ session: inout Session) {
    list.move(move)
    if let selected { session.cursor = selected.row }
  }

  mutating func refresh(_ session: Session) {
    guard let workspace = session.workspace else { return }
    let now = Known(
      run: workspace.last?.number, state: workspace.history.current, threshold: session.threshold, wanted: wanted)
    if now != known {
      rank(workspace, session)
      known = now
      chosen = nil
    }
    let choice = Chosen(choices: choices, marks: session.marks)
    if choice != chosen {
      costs = [:]
      makePlan(workspace, session.marks)
      chosen = choice
    }
    list.fit(count: ranking.candidates.count, height: Self.listRows(session.body.rows - 2))
    let host = session.selectedRow?.fusedInto.flatMap { workspace.index(of: $0) } ?? session.cursor
    if selected?.row != host, let at = ranking.candidates.firstIndex(where: { $0.row == host }) { list.move(.to(at)) }
    for index in list.visible {
      let name = ranking.candidates[index].name
      guard costs[name] == nil, let (_, effect) = effect(for: name, workspace) else { continue }
      costs[name] = TuningCost(of: [effect], map: precision.map(workspace), precisions: precision.now)
    }
  }

  /// The proposal of a layer and what it does; worked out once.
  private mutating func effect(for name: String, _ workspace: Workspace) -> (TuningProposal, TuningEffect)? {
    guard let proposal = proposal(for: name) else { return nil }
    if let known = effects[name], known.change == proposal.change { return (proposal, known) }
    guard
      let made = TuningEffect(
        proposal.change, of: name, workspace.config, graph: workspace.graph, map: precision.map(workspace))
    else { return nil }
    effects[name] = made
    return (proposal, made)
  }

  private mutating func rank(_ workspace: Workspace, _ session: Session) {
    let map = precision.map(workspace)
    precision.now = map.precisions(workspace.config)
    footprint = map.footprint(precision.now)
    effects = [:]
    guard let report = workspace.last?.comparison else {
      (ranking, ladders) = (.empty, [:])
      return
    }
    ranking = TuneRanking(report, workspace.rows, map: map, threshold: session.threshold, wanted: wanted)
    ladders = Dictionary(ranking.candidates.map { ($0.name, ladder(of: $0, workspace, session.threshold)) }) {
      first, _ in first
    }
  }

  private mutating func makePlan(_ workspace: Workspace, _ marks: Set<String>) {
    let marked = ranking.candidates.filter { marks.contains($0.name) }
    let items = marked.compactMap { candidate in
      effect(for: candidate.name, workspace).map {
        TunePlan.Item(candidate: candidate, proposal: $0.0, effect: $0.1)
      }
    }
    plan = TunePlan(
      items, without: marked.count - items.count, workspace, map: precision.map(workspace),
      precisions: precision.now)
  }

  private func ladder(
    of candidate: TuneRanking.Candidate, _ workspace: Workspace, _ threshold: Double
  ) -> TuningLadder {
    let node = workspace.graph.nodes[candidate.row]
    var found: [TuningProposal] = []
    if asked == workspace.last?.number, let details = details[candidate.name],
      let situation = TuningSituation(node, workspace.config, images: workspace.images)
    {
      found = TuningProposal.all(
        details, metric: workspace.metrics[candidate.name], situation, threshold: threshold)
    }
    return TuningLadder(node, workspace.config, images: workspace.images, found: found)
  }

  func place(_ session: Session) -> String {
    ranking.candidates.isEmpty ? "" : "\(list.selection + 1)/\(ranking.candidates.count)"
  }

  func copyText(_ session: Session) -> String? {
    selected.map { c in
      ([c.name, "chain \(Digits.cosine(c.chain))"] + [proposal(for: c.name)?.text].compactMap(\.self))
        .joined(separator: "  ")
    }
  }

  func view(_ session: Session, on canvas: inout Canvas, at time: Duration) {
    if let workspace = session.workspace { canvas.drawTune(self, session, workspace) }
  }
}

/// The map of the open net, made anew only when fusion changes.
private struct PrecisionCache: Sendable {
  private var made: (key: [String], map: PrecisionMap)?
  var now: [PrecisionMap.Precision] = []

  mutating func map(_ workspace: Workspace) -> PrecisionMap {
    let key = workspace.config.doFusion ? ["fused"] + workspace.config.skipFusionLayers : ["not fused"]
    if let made, made.key == key { return made.map }
    let map = PrecisionMap(workspace.graph, workspace.config)
    made = (key, map)
    return map
  }
}

extension Session {
  /// Whether the last run reached the goal's accuracy; limits are the screen's to judge.
  var isGoalMet: Bool {
    workspace?.last?.comparison.map { $0.outputCosine >= goal.outputCosine } ?? false
  }
}
