import Diagnostics
import QuantEngine
import Quantization

/// Before a run: what it will use, cost and do again, and whether it can.
///
/// It opens with what is known; what must be measured comes later (`AppNews.forecast`).
struct StartSheet: QuestionSheet {
  enum Answer: Sendable { case start, moreBatches, fewerBatches }

  private(set) var question: ChoiceSheet<Answer>
  private var measured = Measured.pending

  /// What is known of the cost, for one config.
  private enum Measured: Sendable {
    case pending
    case done(QuantConfig, RunForecast)
    /// A run would not start.
    case refused(QuantConfig, [Diagnostic])
  }

  /// What `+` and `-` made of the config's batches; it becomes an edit when the run starts.
  private var batches: Int

  /// `nil` without a model or images.
  init?(_ session: Session) {
    guard let workspace = session.workspace, let images = workspace.images else { return nil }
    batches = workspace.config.batchNum
    if let known = session.forecast, known.config == workspace.config { measured = .done(known.config, known.result) }
    question = Self.question(workspace, workspace.config, images, measured, rows: Self.rows(session))
  }

  /// Lines that fit on the screen.
  private static func rows(_ session: Session) -> Int { max(4, session.size.rows - 6) }

  mutating func refresh(_ session: Session) {
    if let workspace = session.workspace, let images = workspace.images {
      question = Self.question(workspace, config(workspace), images, measured, rows: Self.rows(session))
    }
  }

  /// The config that would run.
  private func config(_ workspace: Workspace) -> QuantConfig {
    var config = workspace.config
    if batches != config.batchNum {
      // In range by construction.
      try? config.set(ConfigPath(.batchNum), text: "\(batches)", graph: workspace.graph)
    }
    return config
  }

  mutating func hear(_ news: AppNews, _ session: inout Session, at time: Duration) -> SheetOutcome {
    if case .forecast(let config, let result, let diagnostics) = news {
      measured = result.map { .done(config, $0) } ?? .refused(config, diagnostics)
    }
    return .stay
  }

  mutating func press(_ key: Key, _ session: inout Session, at time: Duration) -> SheetOutcome {
    switch question.handle(key) {
    case .answer(let answer): return take(answer, &session, at: time)
    case .closed:
      session.want(.stopForecast)
      return .close
    case .undecided: return .stay
    }
  }

  mutating func take(_ answer: Answer, _ session: inout Session, at time: Duration) -> SheetOutcome {
    guard let workspace = session.workspace else { return .close }
    switch answer {
    case .start:
      let before = workspace.config.batchNum
      if batches != before {
        session.edit("batch_num \(before) -> \(batches)", at: time) { [batches] in
          try $0.set(ConfigPath(.batchNum), text: "\(batches)", graph: workspace.graph)
        }
      }
      return .done([.effect(.stopForecast)] + session.startRun())
    case .moreBatches: batches += 1
    case .fewerBatches: batches = max(1, batches - 1)
    }
    session.want(.forecast(config(workspace)))
    return .stay
  }

  // MARK: What it says

  private static func question(
    _ workspace: Workspace, _ config: QuantConfig, _ images: ImageSupply, _ measured: Measured, rows: Int
  ) -> ChoiceSheet<Answer> {
    let wanted = config
    let batches = config.batchNum
    let used = batches.multipliedReportingOverflow(by: images.batchSize)
    let enough = !used.overflow && used.partialValue <= images.count
    let count = workspace.enabledCount
    let source: Words = "  (batch_num \(batches) x batch size \(images.batchSize))"
    var lines = [
      Span(
        "images   \(used.overflow ? "too many" : "\(used.partialValue)") of \(images.count) found\(source)",
        enough ? .text : .inputBad)
    ]
    if !enough { lines.append(Span("         too few images: lower batch_num with -, or add images", .inputBad)) }
    lines.append(Span("layers   \(count) to calibrate of \(workspace.quantizableCount) that can be"))
    if let last = workspace.last {
      let edits = QuantConfig.diff(last.config ?? workspace.baseline, wanted).count
      lines.append(
        Span("changed  \(edits == 0 ? "nothing" : "\(Digits.plural(edits, "setting"))") since run \(last.number)"))
    }
    if let last = workspace.last, RunData.areSame(last.data, images.data) == false {
      lines.append(
        Span("data     not that of run \(last.number): its figures cannot be compared with the new ones", .toastWarn))
    }
    var canStart = enough && count > 0
    var last: [Span] = []
    if count == 0 {
      last.append(Span("no layer is quantised: x turns one on", .inputBad))
    } else if enough {
      switch measured {
      case .done(let config, let forecast) where config == wanted:
        last += cost(forecast)
        lines += factors(forecast, workspace, rows: rows - lines.count - last.count - (workspace.isUnsaved ? 2 : 1))
      case .refused(let config, let diagnostics) where config == wanted:
        canStart = false
        let text = diagnostics.flatMap(\.lines)
        last.append(Span("It would not start:", .inputBad))
        last += (text.isEmpty ? ["it ended without saying why"] : Array(text.prefix(8))).map {
          Span(Words($0), .inputBad)
        }
      default:
        lines.append(Span("factors  being looked up in earlier runs", .textDim))
        last += [Span("memory   being measured on one batch", .textDim), Span("time     being measured", .textDim)]
      }
    }
    lines += last
    lines.append(Span("results  a folder of its own in \(runsFolder(workspace))"))
    if workspace.isUnsaved { lines.append(Span("config   not saved: the run uses what the screen shows")) }
    var choices: [ChoiceSheet<Answer>.Choice] = []
    if canStart { choices.append(.init(.enter, "start", .start)) }
    // One more must still fit.
    let next = (batches + 1).multipliedReportingOverflow(by: images.batchSize)
    if enough, !next.overflow, next.partialValue <= images.count {
      choices.append(.init(.character("+"), "more batches", .moreBatches))
    }
    if batches > 1 { choices.append(.init(.character("-"), "fewer", .fewerBatches)) }
    return ChoiceSheet(title: "Start a run", lines: lines, choices: choices, stay: "not now")
  }

  /// `.cortado/runs`, cut from the left where it is long.
  private static func runsFolder(_ workspace: Workspace) -> String {
    let folder = workspace.configPath.split(separator: "/", omittingEmptySubsequences: false).dropLast()
    return TextClip.cut((folder + ["runs"]).joined(separator: "/"), to: 40, keep: .tail)
  }

  private static func cost(_ f: RunForecast) -> [Span] {
    let limit: Words = f.memoryLimit == .max ? "" : " of \(Digits.count(f.memoryLimit))B that may be used"
    let calibrate: Words =
      f.newCount == 0 ? "nothing to calibrate" : "about \(RunScreen.duration(f.calibrateSeconds)) to calibrate"
    let update = f.updateSeconds.map { Span("update   about \(RunScreen.duration($0)) to refresh BatchNorm") }
    return (update.map { [$0] } ?? []) + [
      Span(
        "memory   \(Digits.count(f.memoryBytes))B\(limit)\(f.isSpilled ? ": part of it goes to a file" : "")",
        f.isSpilled ? .toastWarn : .text),
      Span(
        "time     \(calibrate), about \(RunScreen.duration(f.compareSeconds)) to compare"),
    ]
  }

  /// What is taken over, what is searched and why.
  private static func factors(_ f: RunForecast, _ workspace: Workspace, rows: Int) -> [Span] {
    let new = f.searches.filter { $0.reused == nil }
    var lines = [Span("factors  \(new.count) new\(reused(f))")]
    if let tries = tries(new) { lines.append(Span("search   \(tries)")) }
    lines += why(new, workspace, rows: max(1, rows - lines.count - (f.startsBehind == nil ? 0 : 1)))
    if let layer = f.startsBehind {
      lines.append(Span("start    calibration goes on behind \(layer), from kept activations"))
    }
    return lines
  }

  /// ` + 52 reused of run 12`.
  private static func reused(_ f: RunForecast) -> Words {
    var counts: [(name: String, count: Int)] = []
    for origin in f.searches.compactMap(\.reused) {
      if let at = counts.firstIndex(where: { $0.name == origin }) {
        counts[at].count += 1
      } else {
        counts.append((origin, 1))
      }
    }
    counts.sort { $0.count > $1.count }
    var shown: Words = ""
    for origin in counts.prefix(2) { shown = shown + " + \(origin.count) reused of \(origin.name)" }
    let rest = counts.dropFirst(2).reduce(0) { $0 + $1.count }
    return rest > 0 ? shown + " + \(rest) of earlier runs" : shown
  }

  private static func tries(_ new: [RunForecast.Search]) -> String? {
    guard let low = new.map(\.tries).min(), let high = new.map(\.tries).max() else { return nil }
    let all = new.reduce(0) { $0 + $1.tries }
    return (low == high ? "\(low) tries" : "\(low) to \(high) tries") + " an input, \(Digits.count(all)) in all"
  }

  private static func why(_ new: [RunForecast.Search], _ workspace: Workspace, rows: Int) -> [Span] {
    if new.isEmpty { return [] }
    if new.allSatisfy({ $0.reason == .first }) { return [Span("why      no run has calibrated them yet")] }
    let own = ownSettings(workspace)
    var reasons: [(layer: String, why: String)] = []
    for search in new where reasons.last?.layer != search.layer {
      let why =
        search.reason == .first
        ? "first time" : own.contains(search.layer) ? "own settings" : "weights before it, or images"
      reasons.append((search.layer, why))
    }
    // Layers with settings of their own are why the others follow; many that follow for one reason are one line.
    let following = reasons.filter { $0.why != "own settings" }
    var sorted = reasons.filter { $0.why == "own settings" }
    for (why, all) in Dictionary(grouping: following, by: \.why).sorted(by: { $0.key > $1.key }) {
      sorted += all.count > 2 ? [("\(all.count) layers", why)] : all
    }
    let shown = sorted.count > rows ? max(0, rows - 1) : sorted.count
    var lines = sorted.prefix(shown).enumerated().map {
      let layer = TextClip.cut($1.layer, to: 32, keep: .tail)
      return Span($0 == 0 ? "why      \(layer): \(said: $1.why)" : "         \(layer): \(said: $1.why)")
    }
    if shown < sorted.count {
      lines.append(
        Span(
          shown == 0
            ? "why      and \(Digits.plural(sorted.count - shown, "more layer"))"
            : "         and \(Digits.plural(sorted.count - shown, "more layer"))", .textDim))
    }
    return lines
  }

  /// Layers whose own search is another one than in the last run.
  private static func ownSettings(_ workspace: Workspace) -> Set<String> {
    guard let last = workspace.last?.config else { return [] }
    return Set(
      QuantConfig.diff(last, workspace.config).filter {
        $0.path.field.group == .activation || $0.path.field == .quantEnable
      }.compactMap(\.path.layer))
  }
}
