/// The keys of the screen Tune, and why they are off.
extension TuneScreen {
  static let bindings: [Bound] = moving + marking + proposing + rest + editing

  private static let marking: [Bound] = [
    Bound(.space, action: .own(.mark), help: "mark or unmark the layer", footer: "mark", offWhen: noCandidate),
    Bound(
      "t", action: .own(.markUnder), help: "threshold: mark the layers under it", footer: "mark under",
      offWhen: noCandidate),
    Bound("T", action: .own(.markTop), help: "mark the first so many", offWhen: noCandidate),
    Bound("/", action: .own(.markFilter), help: "mark what a filter finds", offWhen: noCandidate),
    Bound("M", action: .own(.clearMarks), help: "clear the marks", offWhen: noMark),
  ]

  private static let proposing: [Bound] = [
    Bound("P", action: .own(.propose), help: "next proposal for the layer", footer: "proposal", offWhen: noCandidate),
    Bound(
      "l", action: .own(.ladder), help: "the ladder: steps done, open, and why", footer: "ladder", offWhen: noCandidate),
    Bound(
      "a", action: .own(.apply), help: "apply the marked proposals as one edit, and run", footer: "apply",
      offWhen: noApply),
    Bound("e", action: .own(.goal), help: "goal and limits", footer: "goal", offWhen: Off.model),
    Bound("m", action: .own(.metric), help: "rank by local error, own step or chain", offWhen: noCandidate),
    Bound(
      "s", action: .own(.askBeforeRun), help: "start sheet before the run: yes or no", offWhen: Off.model),
    Bound(.enter, action: .own(.open), help: "the layer and its settings", offWhen: noCandidate),
  ]

  private static let rest: [Bound] = [
    running,
    Bound(
      "w", action: .shared(.write), help: "write the models of the last run", footer: "write",
      offWhen: Off.run),
    backToLayers,
    Bound("y", action: .shared(.copy), help: "copy the row", offWhen: noCandidate),
  ]

  private static func noCandidate(_ scene: Scene<TuneScreen>) -> String? {
    Off.run(scene) ?? (scene.screen.ranking.candidates.isEmpty ? "the last run has no quantised layer" : nil)
  }

  private static func noMark(_ scene: Scene<TuneScreen>) -> String? {
    scene.session.marks.isEmpty ? "nothing is marked" : nil
  }

  private static func noApply(_ scene: Scene<TuneScreen>) -> String? {
    if let reason = noCandidate(scene) ?? Off.start(scene) { return reason }
    guard let plan = scene.screen.plan, plan.items.isEmpty else { return nil }
    return plan.without > 0
      ? "nothing is left to try for the marked layers: l says why" : "nothing is marked: Space or t marks layers"
  }
}
