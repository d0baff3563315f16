/// Before files are overwritten that were there already.
struct OverwriteSheet: QuestionSheet {
  enum Answer: Sendable { case overwrite }

  let question: ChoiceSheet<Answer>
  private let effect: AppEffect

  /// - Parameter effect: what overwrites them.
  init(files: [String], then effect: AppEffect) {
    self.effect = effect
    let names =
      files.prefix(4).map { Span("  \($0)") } + (files.count > 4 ? [Span("  and \(files.count - 4) more")] : [])
    question = ChoiceSheet(
      title: "Overwrite \(Digits.plural(files.count, "file"))?", lines: names,
      choices: [.init(.character("y"), "overwrite", .overwrite, isDangerous: true)], stay: "keep them")
  }

  func take(_ answer: Answer, _ session: inout Session, at time: Duration) -> SheetOutcome {
    .done([.effect(effect)])
  }
}
