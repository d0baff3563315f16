import Diagnostics
import QuantEngine

/// Where the parts of Home go: side by side, or the projects below.
struct HomeLayout {
  let model: Rect
  let recent: Rect

  init(_ size: Size, _ session: Session) {
    let body = Chrome.body(of: size)
    if case .nothing = session.opening {
      model = Rect(column: body.column, row: body.row, columns: body.columns, rows: 0)
      recent = body.inset(columns: 1, rows: 1)
      return
    }
    if body.columns >= SplitLayout.wideColumns {
      let (left, right) = body.splitColumns(body.columns * 6 / 10)
      model = left.inset(columns: 1, rows: 1)
      recent = Rect(column: right.column - 1, row: right.row, columns: right.columns + 1, rows: right.rows).inset(
        columns: 1, rows: 1)
      return
    }
    let inner = body.inset(columns: 1, rows: 1)
    let projects = session.memory.projects.count
    // A rule and at least a line of projects, if there are any; what the model says comes first.
    let wanted = projects == 0 ? 0 : min(projects + 1, max(2, inner.rows - 14))
    let (top, below) = inner.splitRows(inner.rows - wanted)
    model = top
    recent = below
  }
}

extension Canvas {
  mutating func drawHome(_ screen: HomeScreen, _ session: Session, at time: Duration) {
    let (body, look) = (Chrome.body(of: size), session.look)
    let layout = HomeLayout(size, session)
    if layout.model.rows > 0, body.columns >= SplitLayout.wideColumns {
      let split = SplitLayout(body: body)
      _ = drawPanes(split, titles: ("\(session.title)", "Recent projects"), look: look)
    } else {
      drawFrame(
        body, title: layout.model.rows > 0 ? "\(session.title)" : "Recent projects", isFocused: true, look: look)
    }
    if layout.model.rows > 0 { drawModel(screen, session, in: layout.model, at: time) }
    drawRecent(screen, session, in: layout, at: time)
  }

  // MARK: The model

  private mutating func drawModel(_ screen: HomeScreen, _ session: Session, in rect: Rect, at time: Duration) {
    let look = session.look
    let inner = rect.inset(columns: 1)
    let isShort = rect.rows < 16
    var line = 0
    func room() -> Bool { line < inner.rows }
    let facts = Self.facts(session)
    for spans in isShort ? Array(facts.prefix(rect.rows < 10 ? 1 : 3)) : facts where room() {
      put(spans, in: inner, line: line)
      line += 1
    }
    if !facts.isEmpty, !isShort { line += 1 }
    if rect.rows >= 12 {
      drawRule("checks", in: rect.line(line), look: look)
      line += 1
    }
    for check in Self.checks(screen, session, at: time) where room() {
      put(
        [Span(check.mark.text, check.mark.role), Span(" " + TextClip.fit(look.strings[check.name], to: 16), .text)]
          + [Span(look.strings[check.detail], check.mark == .bad ? .logError : .textDim)], in: inner, line: line)
      line += 1
    }
    if case .refused(let diagnostics) = session.opening {
      line += isShort ? 0 : 1
      for text in diagnostics.flatMap(\.lines).flatMap({ TextClip.wrap($0, to: inner.columns) }) where room() {
        put(text, in: inner, line: line, role: .ofDiagnosticLine(text))
        line += 1
      }
      return
    }
    guard let next = NextStep(session) else { return }
    if rect.rows >= 12 {
      line += isShort ? 0 : 1
      drawRule("next", in: rect.line(line), look: look)
      line += 1
    }
    put(
      [Span(next.key, .key), Span(" " + look.strings[next.words], .textStrong)], in: inner,
      line: min(line, inner.rows - 1))
  }

  private static func facts(_ session: Session) -> [[Span]] {
    guard let workspace = session.workspace else { return [] }
    let (rows, graph) = (workspace.rows, workspace.graph)
    func fact(_ name: String, _ text: String, _ role: Role = .text) -> [Span] {
      [Span(TextClip.fit(session.look.strings[name], to: 12), .textDim), Span("\(text)", role)]
    }
    let count = workspace.enabledCount
    var types: [String: Int] = [:]
    for row in rows { types[row.type, default: 0] += 1 }
    let most = types.sorted { $0.value != $1.value ? $0.value > $1.value : $0.key < $1.key }
    let listed = most.prefix(6).map { "\($0.key) \($0.value)" }.joined(separator: ", ")
    func blobs(_ ids: [BlobName]) -> String {
      ids.map { "\($0.name) \($0.shape)" }.joined(separator: ", ")
    }
    let passed = Set(rows.filter(\.isPassed).map(\.type)).sorted().map { $0 + " " + "(--pass-through)" }
    let unknown = Set(rows.filter { !$0.isKnown }.map(\.type)).sorted() + passed
    return [
      fact(
        "layers",
        "\(rows.count), \(count) of \(workspace.quantizableCount) quantised  "
          + "\(Digits.count(workspace.totalParams)) params  \(Digits.count(workspace.totalMacs)) MAC"),
      fact("inputs", blobs(graph.inputs.map { BlobName(graph[$0].name, graph.shape($0)?.dims) })),
      fact(
        "unknown", unknown.isEmpty ? session.look.strings["none"] : unknown.joined(separator: ", "),
        unknown.isEmpty ? .text : .stateUnknown),
      fact("types", listed + (most.count > 6 ? ", \(most.count - 6) more" : "")),
      fact("outputs", blobs(graph.outputs.map { BlobName(graph[$0].name, graph.shape($0)?.dims) })),
      fact("config", workspace.isUnsaved ? "edits are not saved: S saves them" : workspace.configPath),
    ]
  }

  private struct BlobName {
    let name: String
    let shape: String

    init(_ name: String, _ dims: [Int]?) {
      self.name = name
      shape = Digits.shape(dims)
    }
  }

  // MARK: Checks

  private enum Mark {
    case good, bad, waiting, unknown

    var text: String {
      switch self {
      case .good: "[ok]"
      case .bad: "[ !]"
      case .waiting: "[..]"
      case .unknown: "[ -]"
      }
    }
    var role: Role {
      switch self {
      case .good: .jobDone
      case .bad: .jobFailed
      case .waiting: .jobActive
      case .unknown: .jobWait
      }
    }
  }

  private struct CheckLine {
    let mark: Mark
    let name: String
    let detail: String

    init(_ mark: Mark, _ name: String, _ detail: String) {
      self.mark = mark
      self.name = name
      self.detail = detail
    }
  }

  private static func checks(_ screen: HomeScreen, _ session: Session, at time: Duration) -> [CheckLine] {
    [
      loads(screen, session, at: time), images(screen, session), forward(screen, session), lastRun(session),
      saved(session),
    ]
  }

  private static func loads(_ screen: HomeScreen, _ session: Session, at time: Duration) -> CheckLine {
    let name = "model loads"
    switch session.opening {
    case .reading, .nothing:
      let size = session.modelBytes > 0 ? ", \(Digits.bytes(session.modelBytes))" : ""
      let seconds = session.opening.isReading ? "\(time.components.seconds) s" : ""
      return CheckLine(.waiting, name, "reading \(session.title)\(size), \(seconds)")
    case .refused: return CheckLine(.bad, name, "the model cannot be opened")
    case .open:
      let seconds = screen.opened.map { Double($0.components.seconds) + Double($0.components.attoseconds) / 1e18 } ?? 0
      let note = screen.warnings.isEmpty ? "" : ", \(Digits.plural(screen.warnings.count, "warning")): 8"
      return CheckLine(.good, name, "\(Digits.fixed(seconds, 1)) s\(note)")
    }
  }

  private static func images(_ screen: HomeScreen, _ session: Session) -> CheckLine {
    let name = "image list"
    guard let workspace = session.workspace else { return CheckLine(.unknown, name, "") }
    if let images = workspace.images {
      let left = images.leftOut == 0 ? "" : ", \(images.leftOut) left out"
      return CheckLine(.good, name, "\(Digits.plural(images.count, "image")), \(images.batchSize) a batch\(left)")
    }
    if let problem = screen.warnings.first(where: { $0.severity == .error }) {
      return CheckLine(.bad, name, problem.text)
    }
    return CheckLine(.unknown, name, "none given: start with --images FOLDER, LIST, LMDB, HDF5 or .npy")
  }

  private static func forward(_ screen: HomeScreen, _ session: Session) -> CheckLine {
    let name = "original net"
    switch screen.check {
    case .none: return CheckLine(.unknown, name, session.workspace?.images == nil ? "" : "not tried: c tries one batch")
    case .running: return CheckLine(.waiting, name, "one batch is run")
    case .done(let found):
      if let problem = found.problem { return CheckLine(.bad, name, problem.text) }
      if let first = found.notFinite.sorted(by: { $0.key < $1.key }).first {
        return CheckLine(.bad, name, "\(first.value) values of '\(first.key)' are not finite")
      }
      return CheckLine(
        .good, name, "\(Digits.plural(found.images, "image")) in \(Digits.fixed(found.seconds, 2)) s, all finite")
    }
  }

  private static func lastRun(_ session: Session) -> CheckLine {
    let name = "last run"
    if let job = session.job, job.isRunning {
      return CheckLine(.waiting, name, "run \(job.run): \(RunScreen.summary(job.progress))")
    }
    guard let last = session.workspace?.last, let comparison = last.comparison else {
      return CheckLine(.unknown, name, session.workspace == nil ? "" : "none yet")
    }
    let bad = session.badCount
    return CheckLine(
      bad == 0 ? .good : .bad, name,
      "run \(last.number), chain out \(Digits.cosine(comparison.outputCosine)), "
        + "\(Digits.plural(bad, "layer")) under \(PlotNumber.text(session.threshold))")
  }

  private static func saved(_ session: Session) -> CheckLine {
    guard session.workspace != nil else { return CheckLine(.unknown, "models written", "") }
    guard let prefix = session.project?.savedTo else { return CheckLine(.unknown, "models written", "not yet: w") }
    guard let last = session.workspace?.last?.number, let run = session.project?.savedRun, run != last else {
      return CheckLine(.good, "models written", "\(prefix)_*")
    }
    return CheckLine(.unknown, "models written", "those of run \(run), \(prefix)_*: w writes run \(last)")
  }

  // MARK: Projects

  private mutating func drawRecent(
    _ screen: HomeScreen, _ session: Session, in layout: HomeLayout, at time: Duration
  ) {
    let (projects, look) = (session.memory.projects, session.look)
    var rect = layout.recent
    guard rect.rows > 0 else { return }
    // Below the model the list has a rule, beside it a title in the frame.
    if layout.model.rows > 0, rect.column == layout.model.column {
      drawRule("recent projects", in: rect.line(0), look: look)
      rect = rect.splitRows(1).rest
    }
    if projects.isEmpty {
      let lines =
        layout.model.rows > 0
        ? ["none: projects come here when they are opened"]
        : [
          "No project yet. This one opens one:", "", "cortado MODEL.prototxt WEIGHTS.caffemodel --images FOLDER", "",
          "Without --images layers can be looked at and edited; a run needs them.",
          "Images may be a folder, a text list, an LMDB, HDF5 or .npy file.",
        ]
      for (index, line) in lines.enumerated() {
        put(look.strings[line], in: rect, line: index + 1, indent: 1, role: index == 2 ? .key : .textDim)
      }
      return
    }
    let now = session.epoch + Double(time.components.seconds)
    let isWide = rect.columns >= 70
    draw(screen.list, in: rect, look: look) { index, canvas, line in
      let project = projects[index]
      let isOpen = project.id == session.project?.id
      let age = isOpen ? look.strings["open"] : Digits.age(now - project.opened)
      let note = isOpen ? session.lastFigures : project.note
      canvas.put(TextClip.cut(project.name, to: 16), in: line, indent: 1, role: isOpen ? .textStrong : .text)
      canvas.put(age, in: Rect(column: line.column + 18, row: line.row, columns: 5, rows: 1), role: .textDim)
      let noteColumns = isWide ? 39 : 0
      let model = project.model.hasSuffix(".prototxt") ? String(project.model.dropLast(9)) : project.model
      let path = project.place ?? model
      let folder = TextClip.cut(path, to: max(10, line.columns - 24 - noteColumns), keep: .tail)
      if isWide {
        canvas.put(TextClip.cut(look.strings[note ?? "no run yet"], to: noteColumns - 1), in: line, indent: 24)
        canvas.put(folder, in: line, indent: 24 + noteColumns, role: .textDim)
      } else {
        canvas.put(note ?? folder, in: line, indent: 24, role: .textDim)
      }
    }
  }
}
