import Quantization

/// config.json was changed by somebody else: whose settings count.
struct OutsideSheet: QuestionSheet {
  enum Answer: Sendable { case take, keep, merge }

  let question: ChoiceSheet<Answer>
  private let outside: QuantConfig
  private let merged: QuantConfig

  /// `nil` when nothing was changed outside.
  init?(_ session: Session) {
    guard let outside = session.outside, let workspace = session.workspace else { return nil }
    self.outside = outside
    let (base, mine, graph) = (workspace.saved, workspace.config, workspace.graph)
    let merge = RecipeMerge(present: mine, base: base, generated: outside, graph: graph) { _ in .keep }
    merged = merge.config
    let theirs = QuantConfig.diff(base, outside, graph: graph)
    let own = QuantConfig.diff(base, mine, graph: graph)
    let both = Set(theirs.map(\.path)).intersection(own.map(\.path))
    var lines = [Span("Another program has written \(workspace.configPath).", .dialog)]
    lines.append(Span("on the disk   \(Self.summary(theirs)) changed"))
    lines += theirs.prefix(4).map {
      Span("  \($0.path)  \($0.old?.text ?? inheritWord) -> \($0.new?.text ?? inheritWord)", .diffMod)
    }
    if theirs.count > 4 { lines.append(Span("  and \(theirs.count - 4) more", .textDim)) }
    lines.append(Span("here          \(own.isEmpty ? "nothing" : Self.summary(own)) changed and not saved"))
    if !both.isEmpty {
      lines.append(
        Span("on both sides \(Digits.plural(both.count, "setting")): a merge keeps those of here", .toastWarn))
    }
    lines.append(Span("Each answer can be undone; nothing is written before you save.", .textDim))
    var choices = [ChoiceSheet<Answer>.Choice(.character("t"), "take the disk's", .take)]
    if !own.isEmpty { choices.append(.init(.character("m"), "merge", .merge)) }
    choices.append(.init(.character("o"), "keep own", .keep))
    question = ChoiceSheet(title: "config.json was changed outside", lines: lines, choices: choices, stay: "later")
  }

  private static func summary(_ changes: [ConfigChange]) -> String {
    let layers = Set(changes.compactMap(\.path.layer)).count
    return Digits.plural(changes.count, "setting") + (layers > 0 ? " of \(Digits.plural(layers, "layer"))" : "")
  }

  func take(_ answer: Answer, _ session: inout Session, at time: Duration) -> SheetOutcome {
    guard let mine = session.workspace?.config else { return .close }
    switch answer {
    case .take: session.takeOutside(outside, then: outside, "", at: time)
    case .keep: session.takeOutside(outside, then: mine, "own config kept, not the disk's", at: time)
    case .merge: session.takeOutside(outside, then: merged, "config.json merged with own edits", at: time)
    }
    return .close
  }

  /// It was changed once more: the question is about the newer one.
  mutating func hear(_ news: AppNews, _ session: inout Session, at time: Duration) -> SheetOutcome {
    guard case .changedOutside = news else { return .stay }
    guard let newer = OutsideSheet(session) else { return .close }
    self = newer
    session.isOutsideNew = false
    return .stay
  }
}
