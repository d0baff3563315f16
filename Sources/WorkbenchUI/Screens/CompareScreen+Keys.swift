extension CompareScreen {
  static let bindings: [Bound] = moving + looking + choosing + working + fields

  private static let looking: [Bound] = [
    Bound(
      .enter, action: .own(.open), help: "look closer; there: do what is suggested, edit the field", footer: "detail",
      offWhen: Off.run),
    Bound(
      "o", action: .own(.order), help: "order: network, worst first, delta", footer: "order, metric", offWhen: Off.run),
    Bound(
      "m", action: .own(.metric), help: "metric: chain, local, SQNR, relative L2, MSE, max, bias, saturated",
      footer: "order, metric", offWhen: Off.run),
    Bound("J", action: .own(.nextBad), help: "next layer under the threshold", footer: "next bad", offWhen: Off.run),
    Bound(
      "K", action: .own(.previousBad), help: "previous layer under the threshold", footer: "next bad",
      offWhen: Off.run),
    Bound("]", action: .own(.nextTab), help: "next tab of the detail", footer: "tab", offWhen: Off.run),
    Bound("[", action: .own(.previousTab), help: "tab before", footer: "tab", offWhen: Off.run),
  ]

  private static let choosing: [Bound] =
    editing + [
      running,
      Bound("c", action: .own(.chooseRun), help: "choose the runs: shown, and differences to", offWhen: Off.run),
      Bound("t", action: .own(.threshold), help: "threshold of the cosines", offWhen: Off.run),
      Bound(
        .right, action: .own(.nextChoice), help: "next of what is suggested",
        offWhen: { noChoice($0) }),
      Bound(
        .left, action: .own(.previousChoice), help: "the suggestion before", offWhen: { noChoice($0) }),
      Bound(
        "i", action: .own(.image), help: "follow an image: the one under the cursor, or the worst; again: none",
        offWhen: { scene in
          if let reason = Off.run(scene) { return reason }
          if case .found = scene.screen.detailsState(scene.session) { return nil }
          return "there are no images to choose from: the run kept no details of this layer"
        }),
    ]

  private static let working: [Bound] = [
    Bound(
      "D", action: .own(.reset), help: "default of the field, or of the whole layer",
      offWhen: { noField($0) == nil ? nil : Off.layer($0) }),
    Bound(.tab, .function(6), .backTab, action: .own(.pane), help: "other pane", offWhen: Off.run),
    Bound("E", action: .own(.report), help: "write a report of the run: .html, .md or .csv", offWhen: Off.run),
    Bound(.escape, action: .own(.back), help: "back to the list; to the layers"),
    Bound("y", action: .shared(.copy), help: "copy the row", offWhen: Off.run),
  ]

  private static let fields: [Bound] = [
    Bound(
      .space, action: .own(.mark), help: "mark the layer",
      offWhen: { Off.model($0) ?? ($0.session.selectedRow == nil ? "choose a layer" : nil) }),
    Bound("f", action: .own(.flip), help: "flip the flag", offWhen: noField),
    Bound("+", action: .own(.more), help: "step up", offWhen: noField),
    Bound("-", action: .own(.less), help: "step down", offWhen: noField),
  ]

  private static func noField(_ scene: Scene<CompareScreen>) -> String? {
    if let reason = Off.model(scene) { return reason }
    return scene.screen.detail.settings.selectedField(scene.session) == nil
      ? "this changes a field: ] to the settings, Enter, then choose one" : nil
  }

  private static func noChoice(_ scene: Scene<CompareScreen>) -> String? {
    Off.run(scene) ?? (scene.screen.detail.advice.suggestions.isEmpty ? "nothing is suggested for this layer" : nil)
  }
}
