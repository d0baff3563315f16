import Dispatch
import Foundation
import QuantEngine
import Synchronization
import Terminal
import WorkbenchUI

/// Does the work that the workbench asks for, on threads of its own, and reports news.
///
/// Each effect is one case below and one function in a file by its topic.
final class EffectRunner: Sendable {
  let files: ModelFiles
  /// As the flags said; the project may leave images out.
  private let givenData: DataOptions
  let project: ProjectFolder
  /// What `--recipe` named.
  let recipe: OfferedRecipe?
  /// Flags of a run after the model's files: data, schema, threads.
  private let givenFlags: [String]
  let job = Mutex<ChildJob?>(nil)
  /// Edits reach the disk in their order.
  let historyQueue = DispatchQueue(label: "history")
  let hasHistoryFailed = Mutex(false)
  /// Themes that are looked at for changes; each call of `watch` makes the one before end.
  let themeWatch = Mutex(0)
  /// Stamps of theme files, from just before they were last read.
  let themeStamps = Mutex<[String: String]>([:])
  /// Held while the workbench may change the project.
  let lock = Mutex<ProjectLock?>(nil)
  /// Somebody else has it.
  let isReadOnly = Mutex(false)
  /// The run that is followed: one at a time.
  let followed = Mutex<Int?>(nil)
  /// The highest number of a run that was told.
  let toldRun = Mutex(0)
  /// config.json as it was last read or written here.
  let knownConfig = Mutex(ConfigFileState())
  let forecast = ForecastJob()
  let nextLabel = Mutex("")
  /// The difference that was asked for last.
  let wantedDiff = Mutex(0)
  let details = DetailsCache()

  init(
    files: ModelFiles, data: DataOptions, project: ProjectFolder, flags: [String], recipe: OfferedRecipe? = nil
  ) {
    self.files = files
    givenData = data
    self.project = project
    givenFlags = flags
    self.recipe = recipe
  }

  /// The data, without what the project leaves out.
  var data: DataOptions {
    var data = givenData
    if data.inputs.isEmpty { data.leftOut += LeftOutImages.read(project) }
    return data
  }

  var flags: [String] {
    givenFlags + (!givenData.inputs.isEmpty ? [] : LeftOutImages.read(project).map { "--skip-image=\($0)" })
  }

  /// What the workbench's own images are, in the command line's words; `nil` without any.
  var imagesWord: String? { givenData.images }

  func start(_ effect: AppEffect, _ news: NewsBox<AppNews>) {
    switch effect {
    case .cancel: return cancel()
    case .pause(let isPaused): return pause(isPaused, news)
    case .stopForecast: return forecast.stop()
    // Before the run that follows.
    case .nameNextRun(let label): return nextLabel.withLock { $0 = label }
    case .noteOrigin(let run):
      if !isReadOnly.withLock({ $0 }) { try? RunStore(project).noteOrigin("\(run)") }
      return
    case .record(let batch): return record(batch, news)
    case .remember(let state, let project): return remember(state, project, news)
    case .watch(let names): return watch(names, news)
    case .leaveOut(let images):
      // At once: a run that is asked for next leaves them out already.
      guard noteLeftOut(images, news) else { return }
    default: break
    }
    Thread.detachNewThread { [self] in
      do throws(QuantError) {
        if effect.changesProject { try refuseReadOnly() }
        try perform(effect, news)
      } catch {
        if case .open = effect { news.post(.refused(error.diagnostics)) } else { news.post(.failed(error.diagnostics)) }
      }
    }
  }

  private func refuseReadOnly() throws(QuantError) {
    if isReadOnly.withLock({ $0 }) {
      throw QuantError(.badInput, "another workbench works on this project: nothing is changed here")
    }
  }

  private func perform(_ effect: AppEffect, _ news: NewsBox<AppNews>) throws(QuantError) {
    switch effect {
    case .open: try open(news)
    case .save(let config, let recipe): try save(config, recipe, news)
    case .start(let config, let recipe): try run(config, recipe: recipe, news)
    case .readRecipe(let path): news.post(.recipeRead(try OfferedRecipe(reading: path)))
    case .leaveOut: try tellImages(news)
    case .verb(let words): try runVerb(words, news)
    case .check: news.post(.checked(ModelCheck(files, data: data)))
    case .write(let text, let path, let overwriting): try write(text, path, overwriting: overwriting, news)
    case .cancel, .remember, .watch, .record, .pause, .stopForecast, .noteOrigin, .nameNextRun: break
    case .forecast(let config): measure(config, news)
    case .listRuns: news.post(.runs(RunStore(project).summaries(), done: nil), replacing: "runs")
    case .compareRuns(let a, let b): compare(a, b, news)
    case .changeRun(let run, let change): try self.change(run, change, news)
    case .readConfig(let run): try readConfig(run, news)
    case .report(let run, let path, let overwriting): try report(run, to: path, overwriting: overwriting, news)
    case .export(let run, let prefix, let overwriting): try export(run, to: prefix, overwriting: overwriting, news)
    case .keepGoal(let goal): try goal.write(to: project)
    case .tuningDetails(let run): readTuningDetails(of: run, news)
    case .readLayer(let layer): news.post(.layerRuns(layer: layer, RunStore(project).runs(of: layer)))
    case .details(let run, let layers): readDetails(layers, of: run, news)
    case .comparedRuns: listComparedRuns(news)
    case .comparedRun(let number): readComparedRun(number, news)
    }
  }
}

extension AppEffect {
  /// It writes into the project folder.
  fileprivate var changesProject: Bool {
    switch self {
    case .save, .start, .record, .changeRun, .noteOrigin, .keepGoal, .leaveOut: true
    default: false
    }
  }
}
