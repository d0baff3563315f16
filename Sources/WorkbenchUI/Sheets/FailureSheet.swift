import QuantEngine
import Quantization

/// A run has failed: what, where and why, and what can be done about it.
struct FailureSheet: QuestionSheet {
  enum Answer: Sendable { case unquantize, leaveOut, lowerBatches, log, copy }

  let question: ChoiceSheet<Answer>
  /// Layers whose input cannot be quantized, in the order of the run.
  private let layers: [String]
  /// Images that the first bad values of the failed searches come from.
  private let images: [String]
  /// Batches that the images there are enough for; `nil` where that is not what failed.
  private let batches: Int?
  private let report: String

  private static let shownLayers = 8

  /// `nil` when the run shown has not failed.
  init?(_ session: Session) {
    guard let job = session.job, !job.isRunning, let status = job.status, status != 0,
      status != ExitStatus.interrupted.rawValue
    else { return nil }
    let failures = job.progress.failures
    var names: [String] = []
    for failure in failures where names.last != failure.layer { names.append(failure.layer) }
    layers = names
    var found: [String] = []
    for image in failures.compactMap(\.result?.image) where !found.contains(image) { found.append(image) }
    images = found
    batches = Self.fittingBatches(session, status)
    var lines: [Span] = []
    var choices: [ChoiceSheet<Answer>.Choice] = []
    let messages = Self.messages(job)
    if failures.isEmpty {
      lines = messages.prefix(12).enumerated().map { Span($1, $0 == 0 ? .toastError : .dialog) }
    } else {
      lines.append(
        Span("\(Digits.plural(names.count, "layer")) could not be calibrated; all others are finished and kept."))
      for failure in failures.prefix(Self.shownLayers) {
        lines.append(Span(RunScreen.name(of: failure), .textStrong))
        lines.append(Span("  \(failure.result?.text ?? "failed")", .jobFailed))
      }
      if failures.count > Self.shownLayers {
        lines.append(Span("and \(failures.count - Self.shownLayers) more", .textDim))
      }
      lines.append(Span("A layer left float needs no factor; or run without the image that the bad values come from."))
      let what = names.count == 1 ? names[0].count > 24 ? "it" : names[0] : "\(names.count) layers"
      choices.append(.init(.character("x"), "un-quantise \(what), run again", .unquantize))
      if !images.isEmpty {
        let what = images.count == 1 ? Self.short(images[0]) : "\(images.count) images"
        choices.append(.init(.character("i"), "leave \(what) out, run again", .leaveOut))
      }
    }
    if let batches { choices.append(.init(.character("-"), "batch_num \(batches), run again", .lowerBatches)) }
    choices.append(.init(.character("8"), "log", .log))
    choices.append(.init(.character("y"), "copy", .copy))
    if session.readOnlyReason != nil {
      choices.removeAll { [.character("x"), .character("i"), .character("-")].contains($0.key) }
    }
    question = ChoiceSheet(title: "Run \(job.run) failed", lines: lines, choices: choices, stay: "stop here")
    report =
      "run \(job.run) failed, status \(status)\n"
      + (failures.map { "\(RunScreen.name(of: $0)): \($0.result?.text ?? "failed")" } + messages).joined(
        separator: "\n")
  }

  /// What the run said was wrong, line by line; the end of its output when it did not get to its events.
  private static func messages(_ job: Session.Job) -> [String] {
    let told = job.progress.messages.filter { $0.kind == .error }.compactMap(\.text)
    let lines = told.flatMap { $0.split(separator: "\n").map(String.init) }
    if !lines.isEmpty { return lines }
    let first = job.output.firstIndex { $0.contains("error:") } ?? job.output.indices.suffix(6).first ?? 0
    return Array(job.output.dropFirst(first))
  }

  /// A file's name, or the end of a longer one.
  private static func short(_ image: String) -> String {
    TextClip.cut(image.split(separator: "/").last.map(String.init) ?? image, to: 24, keep: .tail)
  }

  private static func fittingBatches(_ session: Session, _ status: Int32) -> Int? {
    guard status == ExitStatus.badInput.rawValue, let workspace = session.workspace, let images = workspace.images,
      images.batchSize > 0
    else { return nil }
    let fitting = images.count / images.batchSize
    return fitting > 0 && fitting < workspace.config.batchNum ? fitting : nil
  }

  func take(_ answer: Answer, _ session: inout Session, at time: Duration) -> SheetOutcome {
    guard let graph = session.workspace?.graph else { return .close }
    switch answer {
    case .log:
      session.go(to: LogScreen.self)
      return .close
    case .copy:
      session.say(.info, "copied: the report of the failed run", at: time)
      return .done([.copy(report)])
    case .unquantize:
      session.edit("\(Digits.plural(layers.count, "failed layer")): quantised -> float", at: time) {
        for layer in layers { try $0.set(ConfigPath(.quantEnable, layer: layer), text: "false", graph: graph) }
      }
    case .leaveOut: return .done([.effect(.leaveOut(images))] + session.startRun())
    case .lowerBatches:
      guard let batches else { return .close }
      session.edit("batch_num -> \(batches)", at: time) {
        try $0.set(ConfigPath(.batchNum), text: "\(batches)", graph: graph)
      }
    }
    return .done(session.startRun())
  }

  /// Another run has begun meanwhile.
  func hear(_ news: AppNews, _ session: inout Session, at time: Duration) -> SheetOutcome {
    switch news {
    case .started, .attached: .close
    default: .stay
    }
  }
}
