extension Prompt {
  /// Where the models of the last run go; `nil` without a run.
  /// - Parameter run: `nil`: the last one.
  static func write(_ session: Session, run: Int? = nil) -> Prompt? {
    guard let workspace = session.workspace, let run = run ?? workspace.last?.number else { return nil }
    let rule = FieldRule(range: "PREFIX_deploy_model.prototxt and the others") { text, strings in
      text.isEmpty ? strings.empty : text.hasSuffix("/") ? "a name must follow the folder" : nil
    }
    return Prompt("write the models of run \(run) to prefix: ", text: workspace.stem, rule: rule) { text, _, _ in
      [.effect(.export(run: run, prefix: text, overwriting: false))]
    }
  }
}
