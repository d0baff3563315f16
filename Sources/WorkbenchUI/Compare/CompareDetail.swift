import QuantEngine

/// The right pane of Compare: what the run tells of the layer under the cursor, on tabs, and what to do about it.
struct CompareDetail: Sendable {
  enum Tab: String, CaseIterable, Sendable {
    case scatter, histogram, channels, images, numbers, settings

    var word: String { self == .histogram ? "hist" : rawValue }
  }

  private(set) var tab = Tab.scatter
  var hasFocus = false
  var settings = DetailPane(resultsFirst: true)
  /// The lines of the tab; in the histogram the inputs.
  private(set) var rows = ListState()
  /// Which suggestion Enter follows.
  private var chosen: Int?
  /// The image whose cosine every layer shows.
  private(set) var image: Int?
  private(set) var advice = LayerAdvice()
  /// The layer that this is about.
  private(set) var layer: String?

  var isEditingSettings: Bool { hasFocus && tab == .settings }

  mutating func turn(by step: Int) {
    let all = Tab.allCases
    tab = all[((all.firstIndex(of: tab) ?? 0) + step + all.count) % all.count]
    rows = ListState()
  }

  mutating func show(_ tab: Tab) {
    self.tab = tab
    rows = ListState()
  }

  /// Until one is chosen, the one that the details speak for.
  var choice: Int { min(chosen ?? advice.preferred, max(0, advice.suggestions.count - 1)) }

  var suggestion: LayerAdvice.Suggestion? {
    advice.suggestions.indices.contains(choice) ? advice.suggestions[choice] : nil
  }

  mutating func choose(_ step: Int) { chosen = max(0, choice + step) }

  /// Moves in the lines of the tab; where it has none, among the suggestions.
  mutating func move(_ move: ListState.Move, _ session: Session) {
    if tab == .settings { return settings.move(move, session) }
    if rows.count > 1 { return rows.move(move) }
    if case .by(let step) = move { choose(step) }
  }

  /// The image under the cursor of the tab `images`, elsewhere the worst one; the same once more: none.
  mutating func pickImage(_ details: ShownDetails) {
    let now = tab == .images && hasFocus ? rows.selection : 0
    guard details.images.indices.contains(now) else { return }
    image = image == details.images[now] ? nil : details.images[now]
  }

  /// Follows the cursor; another layer is shown from its top.
  mutating func refresh(
    _ session: Session, _ workspace: Workspace, _ runs: ComparedRuns?, _ state: DetailsStore.State, row: LayerRow?
  ) {
    settings.hasFocus = isEditingSettings
    settings.refresh(session)
    if layer != row?.name {
      layer = row?.name
      rows = ListState()
      chosen = nil
    }
    guard let runs, let row else {
      advice = LayerAdvice()
      return
    }
    var shown: ShownDetails?
    if case .found(let details) = state { shown = details }
    advice = LayerAdvice(row, runs, details: shown?.details, threshold: session.threshold, workspace)
    let inner = (session.layout.detail ?? session.layout.list).inset(columns: 1, rows: 1)
    rows.fit(count: count(shown, runs, row), height: max(1, CompareDetailLayout(self, session, in: inner).list.rows))
  }

  private func count(_ shown: ShownDetails?, _ runs: ComparedRuns, _ row: LayerRow) -> Int {
    switch tab {
    case .scatter, .settings: 0
    case .histogram: shown?.details.inputs.count ?? 0
    case .channels: shown?.channels.count ?? 0
    case .images: shown?.images.count ?? 0
    case .numbers: CompareNumbers.rows(row.name, runs, shown?.details).count
    }
  }
}

/// How the pane is divided.
struct CompareDetailLayout {
  /// Name, tabs.
  static let headRows = 2

  let head, body, foot: Rect
  /// The lines of a tab that is a list: below its caption and its titles.
  let list: Rect

  init(_ detail: CompareDetail, _ session: Session, in inner: Rect) {
    let below = min(Self.footRows(isTall: inner.rows >= 24), max(0, inner.rows - 8))
    let (head, rest) = inner.splitRows(Self.headRows)
    let (body, foot) = rest.splitRows(rest.rows - below)
    (self.head, self.body, self.foot) = (head, body, foot)
    list = body.splitRows(detail.tab == .numbers ? 1 : 2).rest
  }

  /// Spread over images and channels where there is room; what to look at, what to try, and why.
  static func footRows(isTall: Bool) -> Int { isTall ? 10 : shortFootRows }
  static let shortFootRows = 3
}
