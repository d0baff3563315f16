import Diagnostics
import QuantEngine
import Quantization

/// Work that the workbench wants done outside of its model.
package enum AppEffect: Sendable, Equatable {
  /// Reads the model, its project and the latest runs.
  case open
  case save(QuantConfig, recipe: ProjectRecipe = ProjectRecipe())
  /// Starts a run of this config; `recipe`: the one that made it, for the run's folder.
  case start(QuantConfig, recipe: [UInt8]? = nil)
  /// Reads a recipe from a file.
  case readRecipe(String)
  case cancel
  /// Holds the run under way, or lets it go on.
  case pause(Bool)
  /// Measures what a run of this config would cost; an earlier measurement is given up.
  case forecast(QuantConfig)
  case stopForecast
  /// Writes lines of the history: behind those that are there, or, when it is new, in place of them.
  case record(HistoryBatch)
  /// Runs the program with a command line.
  case verb([String])
  /// Runs of the project leave these images out, besides those that they leave out already; `nil`: none any more.
  case leaveOut([String]?)
  /// Copies the models of a run to a prefix.
  case export(run: Int, prefix: String, overwriting: Bool)
  /// Runs one batch of the float net.
  case check
  /// Keeps what outlives the session, and the project, first in the list.
  case remember(WorkbenchState, RecentProject?)
  /// Reads the themes again when the file of one of these changes, until other ones are named.
  case watch(theme: [String])
  /// Writes text to a file.
  case write(text: String, path: String, overwriting: Bool)
  case listRuns
  /// Reads what differs between two runs, the earlier one first; of several asked for, only the last counts.
  case compareRuns(Int, Int)
  case changeRun(Int, RunChange)
  /// Reads the config that a run followed, to restore it.
  case readConfig(run: Int)
  /// The next run starts from the config of this one.
  case noteOrigin(run: Int)
  /// The label of the next run.
  case nameNextRun(String)
  /// Writes a run's report; the ending of the path says which kind.
  case report(run: Int, path: String, overwriting: Bool)
  /// Keeps the goal of tuning with the project.
  case keepGoal(TuningGoal)
  /// Reads what a run's details say about its layers, as far as proposals go by it.
  case tuningDetails(run: Int)
  /// Reads what all runs had set for a layer, and what they measured there.
  case readLayer(String)
  /// Reads what a run kept of these layers.
  case details(run: Int, layers: [String])
  /// Lists the runs that Compare may show.
  case comparedRuns
  /// Reads a run that Compare shall show.
  case comparedRun(Int)
}

/// What may change of a run that has ended.
package enum RunChange: Sendable, Equatable {
  case rename(String)
  case pin(Bool)
  case delete
}

/// What the work outside reports.
package enum AppNews: Sendable {
  case opened(OpenedProject)
  /// The model cannot be shown at all.
  case refused([Diagnostic])
  case saved(QuantConfig, recipe: ProjectRecipe = ProjectRecipe())
  case recipeRead(OfferedRecipe)
  case started(run: Int)
  /// Somebody else works on the project: nothing may be changed here. `nil`: nobody does any more.
  case held(ProjectHold?)
  /// The latest run ended without saying so.
  case died(run: Int, kept: Int)
  /// What the process of the run under way does.
  case jobState(isPaused: Bool, bytes: Int)
  /// What a run of this config would cost, or why it would not start.
  case forecast(QuantConfig, RunForecast?, [Diagnostic])
  /// config.json was changed by somebody else.
  case changedOutside(QuantConfig)
  /// Something was seen that nobody asked for.
  case warned([Diagnostic])
  case runs([RunSummary], done: String?)
  case runsCompared(Int, Int, RunDiff)
  case runConfig(run: Int, QuantConfig)
  case reported(run: Int, path: String)
  /// A run that an earlier session left running is followed again.
  case attached(run: Int)
  /// New events of the run under way.
  case events([JobEvent])
  /// The process of the run has ended; `output` is the end of what it printed.
  case ended(FinishedRun, status: Int32, output: String)
  case verbEnded([String], status: Int32, output: String)
  /// The images that there are now.
  case images(ImageSupply)
  case exported(run: Int, prefix: String, files: [WrittenFile])
  /// What runs had set for a layer, the latest first.
  case layerRuns(layer: String, [LayerRun])
  /// Nothing was copied: these files are there already.
  indirect case wouldOverwrite([String], then: AppEffect)
  case checked(ModelCheck)
  /// The user's themes were changed.
  case themes(ThemeLibrary, [Diagnostic])
  case written(path: String)
  /// Edits made from now on will not outlive the session.
  case historyFailed([Diagnostic])
  /// By layer; empty when the run kept no details.
  case tuningDetails(run: Int, [String: LayerDetails])
  case failed([Diagnostic])
  /// What a run kept of layers, by their names.
  case details(run: Int, [String: DetailsAnswer])
  /// The runs of the project, the latest first.
  case comparedRuns([RunSummary])
  case comparedRun(FinishedRun)
}

/// What a run kept of a layer, or a sentence that says why there is nothing.
package enum DetailsAnswer: Sendable {
  case found(LayerDetails)
  case none(String)
}
