import Diagnostics
import QuantEngine
import Quantization

/// What all screens share: the project, the layer under the cursor, the run under way, messages, and what lies over the
/// screen.
///
/// Screens, sheets and prompts get it to change. They reach each other through it too: `go`, `tell`, `open`, `ask`.
struct Session: Sendable {
  /// The model's way from file to screen.
  enum Opening: Sendable {
    case reading
    /// Nothing was asked for: Home shows what was open before.
    case nothing
    case refused([Diagnostic])
    case open

    var isReading: Bool { if case .reading = self { true } else { false } }
  }

  struct Job: Sendable {
    var run: Int
    var progress = JobProgress()
    var isRunning = true
    var isCancelling = false
    var isPaused = false
    /// An earlier session, or somebody else, began it.
    var isAttached = false
    /// Bytes of memory of its process.
    var bytes = 0
    /// What was measured before it began.
    var forecast: RunForecast?
    /// It failed, and nobody has seen the sheet that says what can be done.
    var asksWhatToDo = false
    /// The end of what it printed, when it failed.
    var output: [String] = []
    var status: Int32?
    /// When it began, in the program's time.
    var began: Duration
    var ended: Duration?
  }

  var look: Look
  /// What the terminal can do, for the status line.
  let terminal: [String]
  /// Seconds since 1970 at the start of the program.
  let epoch: Double
  /// File name of the model, known before it is read.
  let verbs: [String]
  /// The frame line between the panes is held by the mouse.
  var isDraggingSplit = false
  /// What the net is called on the screens.
  var title: String

  var size = Size(columns: 80, rows: 24)
  var opening = Opening.reading
  var workspace: Workspace?
  var job: Job?
  var isStarting = false
  /// What the next run would cost, for the config it was measured with.
  var forecast: (config: QuantConfig, result: RunForecast)?

  /// Who else works on the project; everything is read-only then.
  var hold: ProjectHold?
  /// A config.json that somebody else wrote, until it is decided what to do with it.
  var outside: QuantConfig?
  /// The question about it has not been shown yet.
  var isOutsideNew = false
  /// The run whose config was restored, and the edit that did so.
  var restored: (run: Int, entry: Int)?

  /// Row of the net under the cursor of all screens; `nil` is the line of the whole net.
  var cursor: Int? { didSet { group = nil } }
  /// The group of layers that the cursor is on in the tree; `cursor` is its first layer then.
  var group: LayerTree.Group?
  /// Names of the layers that are marked.
  var marks: Set<String> = []
  /// The last change of a layer, to be made on others too.
  var lastChange: LayerEdit?
  /// The layer whose settings were copied last.
  var copiedLayer: String?
  /// Similarity under which a layer is bad.
  var threshold = 0.99
  /// What tuning is to reach.
  var goal = TuningGoal()

  private(set) var log: [LogLine] = []
  /// Lines that were dropped because there were too many.
  private(set) var logDropped = 0
  var toasts = Toasts()
  var lastInterrupt: Duration?
  var lastTick = Duration.zero
  /// A terminal below the smallest size shows its keys.
  var showsKeysOfSmall = false
  var quitsAfterSave = false
  var quitsAfterJob = false

  /// What is opened next when the program quits now.
  mutating func follow(with project: RecentProject?) { successor = project }

  /// The screen that is shown.
  private(set) var screen = ScreenID(ScreenCatalog.start)
  /// A screen was gone to and does not know it yet.
  private(set) var hasArrived = false
  /// What lies over the screen, the last on top; only that one gets keys.
  var sheets: [any Sheet] = []
  /// The line that is being typed below the screen.
  var prompt: Prompt?
  private var errands: [Errand] = []

  /// Something to be done to other parts of the model as soon as the present event is handled.
  typealias Errand = @Sendable (inout AppModel, Duration) -> [Request<AppEffect>]

  /// The config file.
  let settings: Settings
  /// What outlives the session.
  var memory: WorkbenchState
  var themes: ThemeLibrary
  /// The theme in use; empty where nobody asks.
  var theme: String
  let defaultTheme: String
  /// The project that is open, as it is remembered.
  var project: RecentProject?
  /// Bytes of net and weights, known before they are read.
  let modelBytes: Int
  /// What is opened when the program has quit.
  private(set) var successor: RecentProject?

  init(
    title: String, look: Look, terminal: [String] = [], epoch: Double = 0, around: Surroundings = Surroundings()
  ) {
    settings = around.settings
    memory = around.state
    themes = around.themes
    theme = around.theme
    defaultTheme = around.defaultTheme
    project = around.project
    verbs = around.verbs
    modelBytes = around.modelBytes
    self.title = title
    self.look = look
    self.terminal = terminal
    self.epoch = epoch
  }

  // MARK: Going about

  /// Shows another screen; `change`: what it shall know when it appears.
  mutating func go<S: Screen>(to type: S.Type, _ change: (@Sendable (inout S, inout Session) -> Void)? = nil) {
    show(ScreenID(type))
    if let change { tell(type, change) }
  }

  mutating func show(_ id: ScreenID) {
    screen = id
    hasArrived = true
  }

  /// Changes a screen, shown or not.
  mutating func tell<S: Screen>(_ type: S.Type, _ change: @escaping @Sendable (inout S, inout Session) -> Void) {
    errands.append { model, _ in
      var screen = model[type]
      change(&screen, &model.session)
      model[type] = screen
      return []
    }
  }

  /// Does what a key of the shown screen would do: an action by its name in the key table.
  mutating func perform(_ action: String) {
    errands.append { model, time in model.perform(action, at: time) }
  }

  /// Asks for work from where no requests are returned.
  mutating func want(_ effect: AppEffect) { errands.append { _, _ in [.effect(effect)] } }

  mutating func open(_ sheet: any Sheet) { sheets.append(sheet) }

  mutating func ask(_ prompt: Prompt) { self.prompt = prompt }

  mutating func takeErrands() -> [Errand] {
    defer { errands = [] }
    return errands
  }

  /// Something is still to be done before the event is over.
  var hasWork: Bool { hasArrived || !errands.isEmpty }

  mutating func takeArrival() -> Bool {
    defer { hasArrived = false }
    return hasArrived
  }

  // MARK: The layer under the cursor

  var selectedRow: LayerRow? {
    guard let workspace, let cursor, workspace.rows.indices.contains(cursor) else { return nil }
    return workspace.rows[cursor]
  }

  /// Why the layer under the cursor has no settings of its own; `nil` when it has.
  ///
  /// With marks set, changes go to the marked layers, wherever the cursor is.
  var layerOff: String? { marks.isEmpty ? ownLayerOff : nil }

  /// The same whatever is marked.
  var ownLayerOff: String? {
    if let group {
      return "\(group.prefix) is a group of \(group.rows.count) layers: Space marks them, l unfolds it"
    }
    guard let row = selectedRow else { return "this line is the whole net: choose a layer" }
    if let host = row.fusedInto { return "\(row.name) is fused into \(host): change that one" }
    return row.isQuantizable ? nil : "a \(row.type) layer is never quantised: it has no settings"
  }

  /// Layers of the last run under the threshold.
  var badCount: Int {
    (workspace?.last?.comparison?.layers ?? []).count { !($0.cosine >= threshold) }
  }

  /// Puts the cursor on the next bad layer of a list of rows, or on the one before.
  mutating func moveToBad(_ step: Int, among rows: [Int], at time: Duration) {
    guard let workspace else { return }
    var bad = rows.enumerated().filter { _, row in
      guard let metric = workspace.metrics[workspace.rows[row].name] else { return false }
      return !(metric.cosine >= threshold)
    }
    // Where a quantised layer is bad there is something to do; float ones only pass on what they get.
    let quantized = bad.filter { workspace.metrics[workspace.rows[$0.element].name]?.state != "float" }
    if !quantized.isEmpty { bad = quantized }
    let now = cursor.flatMap { rows.firstIndex(of: $0) } ?? -1
    let next = step > 0 ? bad.first { $0.offset > now } : bad.last { $0.offset < now }
    guard let next else {
      say(
        .info, bad.isEmpty ? "no layer is under \(PlotNumber.text(threshold))" : "no more in this direction", at: time)
      return
    }
    cursor = next.element
  }

  // MARK: Space

  /// What the status lines leave.
  var body: Rect { Chrome.body(of: size) }
  var layout: SplitLayout { SplitLayout(body: body, share: memory.split ?? 60) }

  // MARK: Runs

  var isRunning: Bool { job?.isRunning == true }
  /// The run under way, or the last one.
  var shownProgress: JobProgress? { job?.progress ?? workspace?.last?.progress }
  var shownRun: Int? { job?.run ?? workspace?.last?.number }

  // MARK: Messages

  mutating func say(_ kind: Toasts.Kind, _ text: String, at time: Duration, toast: Bool = true) {
    if toast { toasts.show(kind, text, at: time) }
    note(LogLevel(kind), text, at: time)
  }

  /// A line for the log only.
  mutating func note(_ level: LogLevel, _ text: String, at time: Duration) {
    log.append(LogLine(time: time, level: level, text: text))
    if log.count > LogLine.limit {
      log.removeFirst(LogLine.limit / 10)
      logDropped += LogLine.limit / 10
    }
  }

  /// A diagnostic, line by line; the first is a toast too.
  mutating func say(_ d: Diagnostic, at time: Duration) {
    let kind: Toasts.Kind = d.severity == .error ? .error : d.severity == .warning ? .warning : .info
    for (index, line) in d.lines.enumerated() { say(index == 0 ? kind : .info, line, at: time, toast: index == 0) }
  }
}
