import QuantEngine

/// Screen 5: how close each layer of a run is to the original, where similarity is lost, and what changed since another
/// run.
struct CompareScreen: Screen {
  enum Action: String, ActionName, CaseIterable {
    case open, back, pane, order, metric, threshold, reset, mark, image, flip, more, less, report
    case chooseRun = "choose-run"
    case nextBad = "next-bad"
    case previousBad = "previous-bad"
    case nextTab = "next-tab"
    case previousTab = "previous-tab"
    case nextChoice = "next-choice"
    case previousChoice = "previous-choice"
  }

  enum Order: String, CaseIterable, Sendable { case network, worst, delta }

  static let tab = Chrome.Tab(key: "5", name: "Compare", short: "Cmp")
  static let command = (name: "compare", help: "how close each layer is to the original")

  /// Rows of the net in the order of the screen.
  private(set) var rows: [Int] = []
  private(set) var list = ListState()
  private(set) var detail = CompareDetail()
  private(set) var order = Order.network
  private(set) var metric = CompareMetric.chain
  /// What is shown; `nil` without a run that was compared.
  private(set) var runs: ComparedRuns?
  private(set) var summary = CompareSummary()
  private(set) var store = DetailsStore()

  /// `nil`: the latest.
  private var chosen: Int?
  private(set) var reference = ComparedRuns.Reference.previous
  /// Runs that were read because they were chosen.
  private var loaded: [Int: FinishedRun] = [:]
  private var asked: Set<Int> = []
  private var sorting: Sorting?

  /// What the order of `rows` came from.
  private struct Sorting: Equatable {
    var order: Order
    var metric: CompareMetric
    var run: Int
    var before: Int?
  }

  // MARK: keys

  mutating func perform(_ action: Action, _ session: inout Session, at time: Duration) -> [Request<AppEffect>] {
    switch action {
    case .open: open(&session, at: time)
    case .back: if detail.hasFocus { detail.hasFocus = false } else { session.go(to: LayersScreen.self) }
    case .pane: detail.hasFocus.toggle()
    case .order: sort(by: Self.next(order), &session)
    case .metric:
      metric = Self.next(metric)
      if order == .network { refresh(session) } else { sort(by: order, &session) }
    case .threshold: session.ask(.threshold(session))
    case .reset:
      if detail.settings.selectedField(session) != nil {
        detail.settings.reset(&session, at: time)
      } else {
        session.resetLayer(at: time)
      }
    case .mark: toggleMark(&session)
    case .chooseRun:
      session.open(CompareRunsSheet(shown: runs?.run.number, before: runs?.before?.number))
      return [.effect(.comparedRuns)]
    case .nextBad: moveToBad(1, &session, at: time)
    case .previousBad: moveToBad(-1, &session, at: time)
    case .nextTab: detail.turn(by: 1)
    case .previousTab: detail.turn(by: -1)
    case .nextChoice: detail.choose(1)
    case .previousChoice: detail.choose(-1)
    case .image: if case .found(let shown) = detailsState(session) { detail.pickImage(shown) }
    case .report: if let run = runs?.run.number { session.ask(.report(run: run, session)) }
    case .flip: detail.settings.flip(&session, at: time)
    case .more: detail.settings.step(1, &session, at: time)
    case .less: detail.settings.step(-1, &session, at: time)
    }
    return []
  }

  private static func next<C: CaseIterable & Equatable>(_ now: C) -> C where C.AllCases == [C] {
    let all = C.allCases
    return all[((all.firstIndex(of: now) ?? 0) + 1) % all.count]
  }

  /// First to the pane; there it edits the field, or does what is suggested.
  private mutating func open(_ session: inout Session, at time: Duration) {
    guard detail.hasFocus else { return detail.hasFocus = true }
    if detail.tab == .settings { return detail.settings.edit(&session, at: time) }
    guard let suggestion = detail.suggestion, let layer = session.selectedRow?.name else {
      let reason = "nothing is suggested for this layer: x makes it float, b changes its bits"
      return session.say(.info, reason, at: time)
    }
    session.follow(suggestion, for: layer, at: time)
  }

  private func toggleMark(_ session: inout Session) {
    guard let name = session.selectedRow?.name else { return }
    if session.marks.remove(name) == nil { session.marks.insert(name) }
  }

  /// A ranking is asked for its head, so the cursor goes there; network order keeps the layer.
  mutating func sort(by new: Order, _ session: inout Session) {
    order = new
    refresh(session)
    if new != .network, let first = rows.first { session.cursor = first }
  }

  /// Bad by the metric that is shown; by the chain cosine where it has no threshold.
  private func moveToBad(_ step: Int, _ session: inout Session, at time: Duration) {
    guard let workspace = session.workspace, let runs else { return }
    let now = session.cursor.flatMap { rows.firstIndex(of: $0) } ?? -1
    let bad = rows.filter { runs.isBad(workspace.rows[$0].name, by: metric, threshold: session.threshold) }
    // Where a quantised layer is bad there is something to do; float ones only pass on what they get.
    let quantized = bad.filter { runs.metrics[workspace.rows[$0].name]?.state != "float" }
    let wanted = Set(quantized.isEmpty ? bad : quantized)
    func isBad(_ row: Int) -> Bool { wanted.contains(row) }
    let next = step > 0 ? rows[(now + 1)...].first(where: isBad) : rows[..<max(0, now)].last(where: isBad)
    if let next { return session.cursor = next }
    let limit = "\(metric == .local ? "local " : "")\(PlotNumber.text(session.threshold))"
    session.say(
      .info, rows.contains(where: isBad) ? "no more in this direction" : "no layer is under \(limit)", at: time)
  }

  mutating func move(_ move: ListState.Move, _ session: inout Session) {
    if detail.hasFocus { return detail.move(move, session) }
    list.move(move)
    if rows.indices.contains(list.selection) { session.cursor = rows[list.selection] }
  }

  // MARK: which runs

  /// Shows a run, and takes differences to another one.
  mutating func show(_ number: Int, against reference: ComparedRuns.Reference, _ session: Session) {
    chosen = number == session.workspace?.last?.number ? nil : number
    take(reference, session)
  }

  mutating func take(_ reference: ComparedRuns.Reference, _ session: Session) {
    self.reference = reference
    refresh(session)
  }

  private func run(_ number: Int, _ workspace: Workspace) -> FinishedRun? {
    [workspace.last, workspace.previous].compactMap { $0 }.first { $0.number == number } ?? loaded[number]
  }

  private func numberBefore(_ workspace: Workspace) -> Int? {
    switch reference {
    case .original: nil
    case .run(let number): number
    case .previous: workspace.previous.flatMap { $0.number < (chosen ?? .max) ? $0.number : nil }
    }
  }

  mutating func appear(_ session: inout Session) {
    refresh(session)
    // The line of the whole net has no metric.
    if session.cursor == nil, rows.indices.contains(list.selection) { session.cursor = rows[list.selection] }
  }

  mutating func hear(_ news: AppNews, _ session: inout Session, at time: Duration) -> [Request<AppEffect>] {
    switch news {
    case .comparedRun(let run):
      loaded[run.number] = run
      guard run.comparison == nil else { break }
      session.say(.warning, "run \(run.number) has no comparison that can be read", at: time)
      if chosen == run.number { chosen = nil }
      if reference == .run(run.number) { reference = .previous }
    case .details(let number, let answers): store.hear(answers, run: number)
    default: break
    }
    return []
  }

  /// Runs that are not at hand, and the details of the layer under the cursor and of its neighbours.
  mutating func wants(_ session: Session) -> [AppEffect] {
    guard let workspace = session.workspace, let runs else { return [] }
    let wanted = [chosen, numberBefore(workspace)].compactMap { $0 }.filter { run($0, workspace) == nil }
    let missing = wanted.filter { asked.insert($0).inserted }
    var effects = missing.map { AppEffect.comparedRun($0) }
    var names: [String] = []
    if let name = measured(session)?.name { names.append(name) }
    for near in [1, -1] where rows.indices.contains(list.selection + near) {
      names.append(workspace.rows[rows[list.selection + near]].name)
    }
    let layers = store.take(names.filter { runs.metrics[$0] != nil }, run: runs.run.number)
    if !layers.isEmpty { effects.append(.details(run: runs.run.number, layers: layers)) }
    return effects
  }

  /// The row that is measured for the layer under the cursor: a fused one is measured with its host.
  func measured(_ session: Session) -> LayerRow? {
    guard let row = session.selectedRow, let host = row.fusedInto, let workspace = session.workspace else {
      return session.selectedRow
    }
    return workspace.index(of: host).map { workspace.rows[$0] } ?? row
  }

  func detailsState(_ session: Session) -> DetailsStore.State {
    guard let row = measured(session) else { return .none("the whole net has no values of its own") }
    guard let runs, runs.metrics[row.name] != nil else {
      return .none("\(row.name) was not compared: a \(row.type) layer that the quantised net does not have")
    }
    return store.run == runs.run.number ? store.state(of: row.name) : .reading
  }

  // MARK: state

  mutating func refresh(_ session: Session) {
    guard let workspace = session.workspace else { return }
    let shown = chosen.flatMap { run($0, workspace) } ?? workspace.last
    let before = numberBefore(workspace).flatMap { run($0, workspace) }
    if runs?.run.number != shown?.number || runs?.before?.number != before?.number {
      runs = shown.flatMap { ComparedRuns($0, before: before, workspace) }
    }
    let now = runs.map { Sorting(order: order, metric: metric, run: $0.run.number, before: $0.before?.number) }
    if sorting != now {
      sorting = now
      rows = runs?.rows(order, by: metric, workspace) ?? []
    }
    if let runs { summary.refresh(runs, metric, session.threshold, workspace) }
    let layout = CompareListLayout(session.layout.list.inset(columns: 1, rows: 1), isWide: session.layout.isWide)
    list.fit(count: rows.count, height: max(1, layout.rows.rows))
    if let at = measured(session).flatMap({ rows.firstIndex(of: $0.index) }) { list.move(.to(at)) }
    detail.refresh(session, workspace, runs, detailsState(session), row: measured(session))
  }

  /// The detail takes the whole width.
  func isDetailOverList(_ session: Session) -> Bool { detail.hasFocus && !session.layout.isWide }

  mutating func type(_ key: Key, _ session: inout Session, at time: Duration) -> [Request<AppEffect>]? {
    detail.isEditingSettings ? detail.settings.type(key, &session, at: time) : nil
  }

  mutating func paste(_ text: String) { detail.settings.paste(text) }

  var isTyping: Bool { detail.settings.editor != nil }

  mutating func close(_ session: Session) -> Bool {
    guard isDetailOverList(session) else { return false }
    detail.hasFocus = false
    return true
  }

  func place(_ session: Session) -> String { rows.isEmpty ? "" : "\(list.selection + 1)/\(rows.count)" }

  func copyText(_ session: Session) -> String? {
    if let field = detail.settings.selectedField(session) { return "\(field.path) = \(field.text)" }
    return measured(session).map { row in
      guard let m = runs?.metrics[row.name] else { return row.name }
      return "\(row.name) \(metric.label) \(metric.text(metric.value(m)))"
    }
  }

  func view(_ session: Session, on canvas: inout Canvas, at time: Duration) {
    if let workspace = session.workspace { canvas.drawCompare(self, session, workspace) }
  }
}
