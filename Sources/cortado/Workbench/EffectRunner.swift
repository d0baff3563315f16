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
  let data: DataOptions
  let project: ProjectFolder
  /// What `--recipe` named.
  let recipe: OfferedRecipe?
  /// Flags of a run after the model's files: data, schema, threads.
  let flags: [String]
  let job = Mutex<ChildJob?>(nil)
  /// Edits reach the disk in their order.
  let historyQueue = DispatchQueue(label: "history")
  let hasHistoryFailed = Mutex(false)
  /// Themes that are looked at for changes; each call of `watch` makes the one before end.
  let themeWatch = Mutex(0)
  let details = DetailsCache()

  init(
    files: ModelFiles, data: DataOptions, project: ProjectFolder, flags: [String], recipe: OfferedRecipe? = nil
  ) {
    self.files = files
    self.data = data
    self.project = project
    self.flags = flags
    self.recipe = recipe
  }

  func start(_ effect: AppEffect, _ news: NewsBox<AppNews>) {
    switch effect {
    case .cancel: return cancel()
    case .record(let lines, let isNew): return record(lines, isNew: isNew, news)
    case .remember(let state, let project): return remember(state, project, news)
    case .watch(let names): return watch(names, news)
    default: break
    }
    Thread.detachNewThread { [self] in
      do throws(QuantError) {
        try perform(effect, news)
      } catch {
        if case .open = effect { news.post(.refused(error.diagnostics)) } else { news.post(.failed(error.diagnostics)) }
      }
    }
  }

  private func perform(_ effect: AppEffect, _ news: NewsBox<AppNews>) throws(QuantError) {
    switch effect {
    case .open: try open(news)
    case .save(let config, let recipe): try save(config, recipe, news)
    case .start(let config, let recipe): try run(config, recipe: recipe, news)
    case .readRecipe(let path): news.post(.recipeRead(try OfferedRecipe(reading: path)))
    case .readConfig(let run): try readConfig(run, news)
    case .check: news.post(.checked(ModelCheck(files, data: data)))
    case .write(let text, let path): try write(text, path, news)
    case .cancel, .record, .remember, .watch: break
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
