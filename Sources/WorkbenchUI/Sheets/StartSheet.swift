import QuantEngine
import Quantization

/// Before a run: what it will use and do, and whether it can.
struct StartSheet: QuestionSheet {
  enum Answer: Sendable { case start, moreBatches, fewerBatches }

  private(set) var question: ChoiceSheet<Answer>

  /// `nil` without a model or images.
  init?(_ session: Session) {
    guard let workspace = session.workspace, let images = workspace.images else { return nil }
    question = Self.question(workspace, images)
  }

  private static func question(_ workspace: Workspace, _ images: ImageSupply) -> ChoiceSheet<Answer> {
    let batches = workspace.config.batchNum
    let used = batches.multipliedReportingOverflow(by: images.batchSize)
    let enough = !used.overflow && used.partialValue <= images.count
    var lines = [
      Span(
        "images   \(used.overflow ? "too many" : "\(used.partialValue)") of \(images.count) found"
          + "  (batch_num \(batches) x batch size \(images.batchSize))", enough ? .text : .inputBad)
    ]
    if !enough { lines.append(Span("         too few images: lower batch_num with -", .inputBad)) }
    let count = workspace.enabledCount
    lines.append(Span("layers   \(count) to calibrate of \(workspace.quantizableCount) that can be"))
    if let last = workspace.last {
      let edits = workspace.editCount
      lines.append(
        Span("changed  \(edits == 0 ? "nothing" : Digits.plural(edits, "setting")) since run \(last.number)"))
    }
    lines.append(Span("then     models, factors and comparison go to a folder of their own below .cortado/runs"))
    if workspace.isUnsaved { lines.append(Span("config   not saved: the run uses what the screen shows")) }
    if count == 0 { lines.append(Span("no layer is quantised: x turns one on", .inputBad)) }
    var choices: [ChoiceSheet<Answer>.Choice] = []
    if enough, count > 0 { choices.append(.init(.enter, "start", .start)) }
    choices.append(.init(.character("+"), "more batches", .moreBatches))
    if batches > 1 { choices.append(.init(.character("-"), "fewer", .fewerBatches)) }
    return ChoiceSheet(title: "Start a run", lines: lines, choices: choices, stay: "not now")
  }

  mutating func take(_ answer: Answer, _ session: inout Session, at time: Duration) -> SheetOutcome {
    guard let workspace = session.workspace else { return .close }
    let batches = workspace.config.batchNum
    switch answer {
    case .start: return .done(session.startRun())
    case .moreBatches: set(batches, to: batches.addingReportingOverflow(1).partialValue, &session, at: time)
    case .fewerBatches: set(batches, to: batches - 1, &session, at: time)
    }
    return .stay
  }

  private func set(_ batches: Int, to wanted: Int, _ session: inout Session, at time: Duration) {
    guard let graph = session.workspace?.graph else { return }
    let next = max(1, wanted)
    session.edit("batch_num \(batches) -> \(next)", at: time) {
      try $0.set(ConfigPath(.batchNum), text: "\(next)", graph: graph)
    }
  }

  mutating func refresh(_ session: Session) {
    if let workspace = session.workspace, let images = workspace.images {
      question = Self.question(workspace, images)
    }
  }
}
