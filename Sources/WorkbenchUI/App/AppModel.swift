import Diagnostics
import QuantEngine
import Quantization

/// The whole state of the workbench.
///
/// Keys, news and time come in as events; work goes out as effects. The screens are drawn from this value alone.
package struct AppModel: WorkbenchModel {
  enum Focus: Sendable { case list, detail }
  enum Order: String, CaseIterable, Sendable { case network, worst, delta }

  /// The model's way from file to screen.
  enum Opening: Sendable {
    case reading
    case refused([Diagnostic])
    case open
  }

  struct Job: Sendable {
    var run: Int
    var progress = JobProgress()
    var isRunning = true
    var isCancelling = false
    var status: Int32?
    /// When it began, in the program's time.
    var began: Duration
    var ended: Duration?
  }

  enum Prompt: Sendable { case filter, threshold, prefix }
  enum Answer: Sendable {
    case start, moreBatches, fewerBatches, saveAndQuit, quit, cancelAndQuit, cancel, overwrite(Int, String)
  }

  enum Sheet: Sendable {
    case help(HelpOverlay)
    case choice(ChoiceSheet<Answer>)
  }

  struct LogLine: Sendable {
    var time: Duration
    var kind: Toasts.Kind
    var text: String
  }

  package let look: Look
  /// What the terminal can do, for the status line.
  let terminal: [String]
  /// Seconds since 1970 at the start of the program.
  let epoch: Double
  /// File name of the model, known before it is read.
  let title: String

  var size = Size(columns: 80, rows: 24)
  var screen = AppScreen.layers
  var opening = Opening.reading
  var workspace: Workspace?
  var job: Job?
  var isStarting = false

  /// Row of the net under the cursor of all screens; `nil` is the line of the whole net.
  var cursor: Int?
  var focus = Focus.list
  /// Rows of the layer list; `nil` is the line of the whole net.
  var shown: [Int?] = []
  var list = ListState()
  var detail = ListState()
  var filter = FilterExpression.everything
  var editor: FieldEditor?
  var prompt: (kind: Prompt, editor: FieldEditor)?

  var runList = ListState()
  var isFollowing = true
  var failedOnly = false
  /// Rows of the net in the order of Compare.
  var compared: [Int] = []
  var compareList = ListState()
  var order = Order.network
  var threshold = 0.99

  var log: [LogLine] = []
  var logList = ListState()
  var toasts = Toasts()
  var sheet: Sheet?
  var lastInterrupt: Duration?
  var quitsAfterSave = false
  var quitsAfterJob = false

  package init(title: String, look: Look, terminal: [String] = [], epoch: Double = 0) {
    self.title = title
    self.look = look
    self.terminal = terminal
    self.epoch = epoch
  }

  package var nextDeadline: Duration? {
    // The clock of a run goes on when no event comes.
    let second = job.flatMap { $0.isRunning ? lastTick + .seconds(1) : nil }
    return [toasts.nextDeadline, second].compactMap { $0 }.min()
  }
  var lastTick = Duration.zero

  package mutating func update(_ event: Event<AppNews>, at time: Duration) -> [Request<AppEffect>] {
    switch event {
    case .resize(let size):
      self.size = size
      fitLists()
      if !hasAskedForModel {
        hasAskedForModel = true
        return [.effect(.open)]
      }
    case .key(let key): return press(key, at: time)
    case .paste(let text): paste(text)
    case .mouse, .resumed, .terminate: break
    case .tick:
      toasts.expire(at: time)
      lastTick = time
    case .news(let news): return hear(news, at: time)
    }
    return []
  }
  var hasAskedForModel = false

  private mutating func paste(_ text: String) {
    if prompt != nil {
      prompt?.editor.paste(text)
      promptChanged()
    } else {
      editor?.paste(text)
    }
  }

  // MARK: Rows

  var selectedRow: LayerRow? {
    guard let workspace, let cursor, workspace.rows.indices.contains(cursor) else { return nil }
    return workspace.rows[cursor]
  }

  var layout: SplitLayout { SplitLayout(body: Chrome.body(of: size)) }
  /// The detail takes the whole width.
  var isDetailOverList: Bool { screen == .layers && focus == .detail && !layout.isWide }

  /// Puts every list on the cursor, with the rows that filters and orders leave.
  mutating func refreshLists() {
    guard let workspace else { return }
    let filter = filter
    let threshold = threshold
    let matching = workspace.rows.filter {
      filter.isEmpty || filter.matches(LayerItem(row: $0, workspace: workspace, threshold: threshold))
    }
    shown = (filter.isEmpty ? [nil] : []) + matching.map(\.index)
    compared = comparedRows(workspace)
    fitLists()
    placeCursor()
  }

  /// Selects the cursor's row in each list that has it.
  mutating func placeCursor() {
    if let at = shown.firstIndex(of: cursor) { list.move(.to(at)) }
    let host = selectedRow?.fusedInto.flatMap { workspace?.index(of: $0) } ?? cursor
    if let host, let at = compared.firstIndex(of: host) { compareList.move(.to(at)) }
    if !isFollowing, let row = selectedRow, let at = searches.firstIndex(where: { $0.layer == row.name }) {
      runList.move(.to(at))
    }
    fitDetail()
  }

  mutating func fitLists() {
    let body = Chrome.body(of: size)
    let inside = max(1, layout.list.rows - 2)
    list.fit(count: shown.count, height: max(1, inside - 1 - LayersScreen.legendRows(inside)))
    compareList.fit(count: compared.count, height: max(1, inside - 2 - CompareScreen.rowsBelow(isWide: layout.isWide)))
    runList.fit(count: searches.count, height: max(1, body.rows - 2 - RunScreen.rowsAbove - 1))
    logList.fit(count: log.count, height: max(1, body.rows - 2))
    if case .help(var help) = sheet {
      help.fit(size)
      sheet = .help(help)
    }
    fitDetail()
  }

  private func comparedRows(_ workspace: Workspace) -> [Int] {
    let rows = (workspace.last?.comparison?.layers ?? []).compactMap { metric in
      workspace.index(of: metric.layer).map { (index: $0, cosine: metric.cosine, delta: delta(of: metric) ?? 0) }
    }
    func before(_ a: Double, _ b: Double) -> Bool { a.isNaN ? !b.isNaN : a < b }
    switch order {
    case .network: return rows.map(\.index).sorted()
    case .worst: return rows.sorted { before($0.cosine, $1.cosine) }.map(\.index)
    case .delta: return rows.sorted { before($0.delta, $1.delta) }.map(\.index)
    }
  }

  /// What a layer gained since the run before; `nil` without one.
  func delta(of metric: LayerMetric) -> Double? {
    workspace?.metricsBefore[metric.layer].map { metric.cosine - $0.cosine }
  }

  /// The searches that the Run screen lists.
  var searches: [JobProgress.Search] {
    let all = shownProgress?.searches ?? []
    return failedOnly ? all.filter { $0.state == .failed } : all
  }

  /// The run under way, or the last one.
  var shownProgress: JobProgress? { job?.progress ?? workspace?.last?.progress }
  var shownRun: Int? { job?.run ?? workspace?.last?.number }

  /// Layers of the last run under the threshold.
  var badCount: Int {
    (workspace?.last?.comparison?.layers ?? []).count { !($0.cosine >= threshold) }
  }

  // MARK: Messages

  mutating func say(_ kind: Toasts.Kind, _ text: String, at time: Duration, toast: Bool = true) {
    if toast { toasts.show(kind, text, at: time) }
    log.append(LogLine(time: time, kind: kind, text: text))
    let wasLast = logList.selection >= logList.count - 1
    logList.fit(count: log.count)
    if wasLast { logList.move(.last) }
  }
}
