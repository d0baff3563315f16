/// What outlives the session: recent projects, what the screens showed, choices of the palette.
extension Session {
  /// Takes up what is remembered of the project, as far as it is still there.
  ///
  /// A cursor that the person has moved meanwhile stays.
  mutating func recall(_ view: SavedView) {
    guard let workspace else { return }
    if let layer = view.layer, let row = workspace.index(of: layer) { cursor = row }
    marks = Set(view.marks.filter { workspace.index(of: $0) != nil })
    if let threshold = view.threshold, threshold > 0, threshold < 1 { self.threshold = threshold }
  }

  /// The project with what is worth remembering of it now; `screens`: what the screens keep.
  func remembered(_ screens: [String: [String: String]]) -> RecentProject? {
    guard var project = project else { return nil }
    guard workspace != nil else { return project }
    var view = SavedView(screen: screen.type.command.name)
    view.layer = selectedRow?.name
    view.marks = marks.sorted()
    view.threshold = threshold
    view.screens = screens
    project.view = view
    if let figures = lastFigures { project.note = figures }
    return project
  }

  /// The last run in few words; `nil` when there is none.
  var lastFigures: String? {
    guard let last = workspace?.last, let comparison = last.comparison else { return nil }
    return "run \(last.number), chain out \(Digits.cosine(comparison.outputCosine)), "
      + "\(badCount) under \(PlotNumber.text(threshold))"
  }
}
