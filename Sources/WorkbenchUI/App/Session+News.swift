import Diagnostics
import QuantEngine
import Quantization

/// What the work outside reports, as far as all screens share it; what concerns one screen only is in its own `hear`.
extension Session {
  mutating func hear(_ news: AppNews, at time: Duration) -> [Request<AppEffect>] {
    switch news {
    case .opened(let project): open(project, at: time)
    case .refused(let diagnostics):
      opening = .refused(diagnostics)
      go(to: HomeScreen.self)
      for d in diagnostics { say(d, at: time) }
    case .saved(let config, let recipe):
      workspace?.noteSaved(config, recipe: recipe)
      let beside = recipe.text == nil ? "" : " and recipe.cfg"
      say(.info, "saved: \(workspace?.configPath ?? "config.json")\(beside)", at: time)
      if quitsAfterSave { return [.quit(status: 0)] }
    case .recipeRead(let file): takeRecipe(file, at: time)
    case .started(let run):
      begin(run, at: time)
      say(.info, "run \(run) started", at: time, toast: false)
    case .attached(let run):
      begin(run, at: time)
      job?.isAttached = true
      say(.info, "run \(run) is under way: 4 shows it", at: time)
    case .held(let hold): hear(hold, at: time)
    case .died(let run, let kept):
      say(.warning, Self.diedText(run, kept), at: time)
    case .jobState(let isPaused, let bytes):
      job?.isPaused = isPaused
      job?.bytes = bytes
    case .forecast(let config, let result, _): if let result { forecast = (config, result) }
    case .changedOutside(let config): hearChange(config, at: time)
    case .warned(let diagnostics): for d in diagnostics { say(d, at: time) }
    case .runs(_, let done): if let done { say(.info, done, at: time) }
    case .runsCompared: break
    case .reported(let run, let path): say(.info, "wrote the report of run \(run): \(path)", at: time)
    case .runConfig(let run, let config): restore(run, config, at: time)
    case .events(let events): hear(events, at: time)
    case .ended(let run, let status, let output): return finish(run, status, output, at: time)
    case .checked: break
    case .themes(let library, let problems): return take(library, problems, at: time)
    case .verbEnded(let words, let status, let output):
      open(OutputSheet(words: words, status: status, output: output))
    case .images(let images):
      workspace?.images = images
      let left = images.leftOut == 0 ? "all images are used" : "\(Digits.plural(images.leftOut, "image")) left out"
      say(.info, "\(left): \(Digits.plural(images.count, "image")) for calibration", at: time)
    case .written(let path): say(.info, "wrote \(path)", at: time)
    case .exported(let run, let prefix, let files):
      project?.savedTo = prefix
      project?.savedRun = run
      say(.info, "wrote \(Digits.plural(files.count, "file")): \(prefix)_*", at: time)
      open(WrittenSheet(run: run, files: files))
    case .wouldOverwrite(let files, let effect): open(OverwriteSheet(files: files, then: effect))
    case .layerRuns: break
    case .historyFailed(let diagnostics):
      for d in diagnostics { say(d, at: time) }
      say(.warning, "undo will not reach behind the next start: edits cannot be kept", at: time, toast: false)
    case .tuningDetails: break
    case .failed(let diagnostics):
      isStarting = false
      workspace?.noteRun(nil)
      quitsAfterSave = false
      for d in diagnostics { say(d, at: time) }
    case .details(let run, let answers): take(answers, of: run)
    case .comparedRuns, .comparedRun: break
    }
    return []
  }

  /// Themes that were edited: the one in use is shown as it is now.
  private mutating func take(
    _ library: ThemeLibrary, _ problems: [Diagnostic], at time: Duration
  ) -> [Request<AppEffect>] {
    for d in problems { say(d, at: time) }
    guard problems.isEmpty else { return [] }
    do throws(DiagnosticError) {
      let found = try library.theme(theme)
      themes = library
      say(.info, "theme \(theme) read again", at: time)
      return [.theme(found), .effect(.watch(theme: found.lineage))]
    } catch {
      for d in error.diagnostics { say(d, at: time) }
      // The next change may repair it.
      return [.effect(.watch(theme: [theme]))]
    }
  }

  /// What details of the last run tell belongs to the layers on all screens.
  private mutating func take(_ answers: [String: DetailsAnswer], of run: Int) {
    guard let workspace else { return }
    for (name, answer) in answers {
      guard case .found(let details) = answer, let row = workspace.index(of: name) else { continue }
      self.workspace?.take(
        LayerFindings(details, run: run, of: workspace.rows[row], workspace, threshold: threshold))
    }
  }

  /// Names of files that every second net has: its own name says more.
  private static let namesNoNet: Set<String> = [
    "deploy", "inference", "model", "net", "test", "train", "train_test", "train_val",
  ]

  private mutating func open(_ project: OpenedProject, at time: Duration) {
    let fresh = Workspace(project)
    workspace = fresh
    opening = .open
    goal = project.goal
    cursor = project.rows.first { $0.isQuantizable }?.index
    if Self.namesNoNet.contains(title.lowercased()), !project.graph.name.isEmpty { title = project.graph.name }
    say(
      .info,
      "\(title): \(project.rows.count) layers, \(fresh.enabledCount) quantised, "
        + "\(Digits.count(fresh.totalParams)) parameters, \(Digits.count(fresh.totalMacs)) MAC", at: time,
      toast: false)
    for d in project.warnings { say(d, at: time) }
    for d in RecipeReading.problems(in: fresh) { say(d, at: time) }
    if project.offeredRecipe != nil {
      show(ScreenID(RecipeScreen.self))
    } else if fresh.isUnsaved {
      say(.warning, "edits of the last session are not saved yet: S saves them, u undoes them", at: time)
    }
  }
}
