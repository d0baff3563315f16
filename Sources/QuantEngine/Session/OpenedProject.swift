import Diagnostics
import Foundation
import LayerGraph
import Quantization

/// The images that calibration can use.
package struct ImageSupply: Sendable, Hashable {
  package var count: Int
  package var batchSize: Int
  /// Images that the project's runs do not use; they are not in `count`.
  package var leftOut: Int
  /// Names them, to tell whether an earlier run saw the same.
  package var data: RunData?

  package init(count: Int, batchSize: Int, leftOut: Int = 0, data: RunData? = nil) {
    self.data = data
    self.count = count
    self.batchSize = batchSize
    self.leftOut = leftOut
  }
}

/// A recipe that the workbench was started with.
package struct OfferedRecipe: Sendable {
  /// The file as it was given.
  package let file: String
  package let bytes: [UInt8]

  package init(file: String, bytes: [UInt8]) {
    self.file = file
    self.bytes = bytes
  }

  /// - Throws: exit 3 for a file that cannot be read; what it says is looked at later.
  package init(reading path: String) throws(QuantError) {
    file = path
    bytes = try attempting(.badInput) { try ConfigSource.bytes(path) }
  }
}

/// A model with its project: all that the workbench shows before the first edit.
package struct OpenedProject: Sendable {
  package let graph: Graph
  package let rows: [LayerRow]
  package let stem: String
  package let config: QuantConfig
  /// False while `.cortado/config.json` does not exist.
  package let isConfigSaved: Bool
  package let configPath: String
  package let recipe: ProjectRecipe
  /// `nil` unless the workbench was started with one.
  package let offeredRecipe: OfferedRecipe?
  /// `nil` when no data was given.
  package let images: ImageSupply?
  /// The latest runs that were compared, newest first, two at most.
  package let runs: [FinishedRun]
  package let warnings: [Diagnostic]
  /// The text of `history.jsonl`.
  package let history: String
  /// What tuning is to reach.
  package let goal: TuningGoal
  /// When it was opened, in seconds since 1970.
  package let time: Double

  package init(
    graph: Graph, rows: [LayerRow], stem: String, config: QuantConfig, isConfigSaved: Bool, configPath: String,
    images: ImageSupply?, runs: [FinishedRun] = [], warnings: [Diagnostic] = [], history: String = "",
    goal: TuningGoal = TuningGoal(), time: Double = 0, recipe: ProjectRecipe = ProjectRecipe(),
    offeredRecipe: OfferedRecipe? = nil
  ) {
    self.graph = graph
    self.rows = rows
    self.stem = stem
    self.config = config
    self.isConfigSaved = isConfigSaved
    self.configPath = configPath
    self.images = images
    self.runs = runs
    self.warnings = warnings
    self.history = history
    self.goal = goal
    self.time = time
    self.recipe = recipe
    self.offeredRecipe = offeredRecipe
  }

  /// Reads the model, the working config beside it (or makes the default one), and the latest runs.
  ///
  /// Images that cannot be used are a warning: layers can be looked at and edited without them.
  /// - Throws: a model or config that cannot be read.
  package init(
    _ files: ModelFiles, data: DataOptions, project: ProjectFolder, recipe offered: OfferedRecipe? = nil
  ) throws(QuantError) {
    let model = try LoadedModel(files)
    graph = model.graph
    stem = files.stem
    configPath = project.config
    var log = DiagnosticLog()
    if let data = FileManager.default.contents(atPath: project.config) {
      config = try attempting(.badInput) {
        try QuantConfig.read(Array(data), file: project.config, for: model.graph, log: &log)
      }
      isConfigSaved = true
    } else {
      config = try attempting(.badInput) { try QuantConfig.initial(graph: model.graph, log: &log) }
      isConfigSaved = false
    }
    rows = LayerRow.rows(of: model.graph, skipFusion: Set(config.skipFusionLayers))
    var warnings = model.warnings + log.diagnostics
    recipe = ProjectRecipe(of: project, warnings: &warnings)
    offeredRecipe = offered
    if !DataFeed.hasData(data, for: model) {
      images = nil
    } else {
      do {
        let feed = try DataFeed(data, for: model)
        images = ImageSupply(
          count: feed.itemCount, batchSize: feed.batchSize, leftOut: data.leftOut.count,
          data: RunData(feed, data))
      } catch {
        images = nil
        warnings += error.diagnostics
      }
    }
    var runs: [FinishedRun] = []
    for number in project.runNumbers.reversed() where runs.count < 2 {
      let run = FinishedRun(reading: number, of: project)
      if run.comparison != nil { runs.append(run) }
    }
    self.runs = runs
    self.warnings = warnings
    history = HistoryFile(project).read()
    goal = TuningGoal(of: project)
    time = Date().timeIntervalSince1970
  }
}
