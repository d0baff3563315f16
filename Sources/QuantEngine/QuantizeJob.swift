import CaffeFormat
import Diagnostics
import Engine
import Foundation
import Kernels
import LayerGraph
import Passes
import Quantization
import Tensors
import Writers

/// `cortado quantize`: from a float model and images to quantized models, record and report.
package struct QuantizeJob {
  /// Where a run may be told to end early.
  package enum StopAfter: String, Sendable, CaseIterable {
    case weights
    case bnUpdate = "bn-update"
    case activations, calibration
  }

  package var files: ModelFiles
  package var data: DataOptions
  package var config: String?
  package var recipe: String?
  package var batchNum: Int?
  /// Prefix of the final files; in the run folder when `nil`.
  package var out: String?
  package var type = SaveType.both
  /// One run folder, or a project, or the project beside the model.
  package var work: String?
  package var project: String?
  package var label: String?
  package var stopAfter: StopAfter?
  /// Labelled images for the accuracy of both nets, and labels where they carry none.
  package var evaluate: String?
  package var labels: String?
  package var threads: Int
  /// Bytes of activations to hold in memory; 70 % of what is free when `nil`.
  package var memory: Int?
  /// Bytes that activations kept for later runs may take on disk; 0 keeps none.
  package var sampleCache = SampleCache.defaultLimit
  /// Where they are kept; in the user's cache when `nil`.
  package var sampleFolder: String?
  /// No lines of the log on the console, whatever `AMCT_LOG_LEVEL` says.
  package var isQuiet = false
  /// Goes on with the interrupted run in `work`.
  package var resume = false

  package init(files: ModelFiles, data: DataOptions, threads: Int) {
    self.files = files
    self.data = data
    self.threads = threads
  }

  /// - Parameter listener: gets every event of the run, on the calling thread.
  package func run(_ listener: @escaping (JobEvent) -> Void) throws(QuantError) -> QuantizeResult {
    let levels = try AMCTLog.Levels.fromEnvironment(isQuiet: isQuiet)
    let given: OutputPrefix? = if let out { try OutputPrefix(out) } else { nil }
    let start = monotonicSeconds()
    let checked = try checked()
    if let given {
      try given.refuseInputs([files.prototxt, files.weights, config, recipe].compactMap { $0 }, type)
    }
    let folder = try makeFolder()
    // For others that want to see, pause or cancel this run.
    RunProcess.own?.note(for: folder)
    defer { folder.forgetProcess() }
    let origin = RunOrigin(of: folder, config: config)
    let journal = try RunJournal(folder, levels: levels, listener: listener)
    let prefix: OutputPrefix = if let given { given } else { try OutputPrefix(folder.path + "/" + files.stem) }
    let run = QuantizeRun(
      job: self, model: checked.model, config: checked.config, feed: checked.feed, folder: folder, prefix: prefix,
      journal: journal, origin: origin)
    do throws(QuantError) {
      checked.warnings.forEach { journal.tell($0) }
      let result = try run.execute(parseSeconds: monotonicSeconds() - start)
      finish(journal, .done)
      return result
    } catch {
      for d in error.diagnostics { journal.tell(d) }
      finish(journal, error.status)
      throw error
    }
  }

  var samples: SampleCache {
    sampleFolder.map { SampleCache(folder: $0, limit: sampleCache) } ?? SampleCache(limit: sampleCache)
  }

  /// The run's inputs, with everything refused that can be before a run folder exists.
  func checked() throws(QuantError) -> (
    model: LoadedModel, config: QuantConfig, feed: DataFeed, warnings: [Diagnostic]
  ) {
    let model = try LoadedModel(filesOfRun())
    try attempting(.badInput) { try model.graph.refuseUnknownTypes() }
    var warnings = model.warnings
    let config = try makeConfig(model, &warnings)
    // The labels are those of the images to evaluate.
    var calibration = data
    calibration.labels = nil
    let feed = try DataFeed(calibration, for: model)
    warnings += feed.warnings
    try check(feed, config)
    // A mistake in what comes last is not to cost the run.
    if let evaluate { _ = try EvaluateJob.feed(model, evaluate, labels, evaluationData) }
    let reshaped = try model.reshaped(feed.shapes(ofBatch: 0))
    if config.updatesBN(in: reshaped.graph) { try attempting(.badInput) { try BatchNormUpdate.check(reshaped.graph) } }
    return (reshaped, config, feed, warnings)
  }

  /// How images become input where accuracy is measured: limit and images left out are those of calibration.
  var evaluationData: DataOptions {
    var options = data
    options.limit = nil
    options.leftOut = []
    return options
  }

  /// Starts the run as a process of its own, after the checks that `run` begins with.
  /// - Parameter arguments: the command line's words without `--detach`.
  package func detach(_ arguments: [String]) throws(QuantError) -> DetachedRun {
    _ = try AMCTLog.Levels.fromEnvironment()
    if let out { _ = try OutputPrefix(out) }
    _ = try checked()
    let folder = try makeFolder()
    var words: [String] = []
    var skipsNext = false
    for word in arguments {
      // The child gets the folder that was made for it.
      if skipsNext {
        skipsNext = false
      } else if word == "--work" {
        skipsNext = true
      } else if !word.hasPrefix("--work=") {
        words.append(word)
      }
    }
    let child = try ChildJob(arguments: words + ["--work", folder.path], output: folder.output)
    child.note(for: folder)
    return DetachedRun(
      run: folder.id, work: folder.path, pid: child.pid, output: folder.output)
  }

  /// The model's files; a run that goes on does so with its own part of the net.
  private func filesOfRun() throws(QuantError) -> ModelFiles {
    guard resume, let work else { return files }
    let folder = RunFolder(path: work)
    let kept =
      FileManager.default.fileExists(atPath: folder.part)
      ? JSONText.decode(NetPart.self, file: folder.part) : NetPart()
    guard let kept else { throw QuantError(.badInput, "\(folder.part) is damaged: it names no part of a net") }
    guard files.part.isWhole || files.part == kept else {
      throw QuantError(
        .badInput, "the run in \(work) is of \(kept.text), not of \(files.part.text)",
        help: ["leave --inputs and --outputs out to go on with it"])
    }
    var files = files
    files.part = kept
    if files.passThrough.isEmpty {
      files.passThrough = JSONText.decode([String].self, file: folder.passThrough) ?? []
    }
    return files
  }

  private func finish(_ journal: RunJournal, _ status: ExitStatus) {
    var event = JobEvent(.finished)
    event.status = status.rawValue
    event.seconds = monotonicSeconds() - journal.start
    event.peakBytes = peakResidentBytes()
    journal.tell(event)
  }

  private func makeConfig(_ model: LoadedModel, _ warnings: inout [Diagnostic]) throws(QuantError) -> QuantConfig {
    // A run that goes on follows its own config, unless another is given.
    let own = resume && config == nil && recipe == nil ? work.map { RunFolder(path: $0).config } : nil
    return try ConfigSource(config: config ?? own, recipe: recipe, batchNum: batchNum).config(for: model, &warnings)
  }

  private func check(_ feed: DataFeed, _ config: QuantConfig) throws(QuantError) {
    if stopAfter == .bnUpdate, !config.updateBN {
      throw QuantError(
        .usage, "--stop-after bn-update: the config doesn't say update_bn: true, so there is no such stage",
        help: ["set update_bn to true, or stop after weights"])
    }
    let full = feed.itemCount / max(1, feed.batchSize)
    guard config.batchNum <= full else {
      throw QuantError(
        .badInput,
        "batch_num \(config.batchNum) x batch size \(feed.batchSize) = \(config.batchNum * feed.batchSize) images are needed, "
          + "there are \(feed.itemCount)", help: ["add images, or lower batch_num (\(full) fits) or --batch-size"])
    }
  }

  private func makeFolder() throws(QuantError) -> RunFolder {
    if let work { return resume ? try .interrupted(work) : try .fresh(work) }
    return try .next(in: project.map(ProjectFolder.init(path:)) ?? ProjectFolder(model: files.prototxt))
  }
}

/// What `cortado quantize --detach` tells of the run it started.
package struct DetachedRun: Encodable, Sendable {
  package let run: String
  package let work: String
  package let pid: Int32
  /// File that takes what the run prints.
  package let output: String
}

/// Where a configuration comes from: a file, a recipe, or the defaults.
package struct ConfigSource: Sendable {
  package var config: String?
  package var recipe: String?
  package var batchNum: Int?
  package var symmetric = false
  package var skipLayers: [String] = []
  package var skipLayerTypes: [String] = []

  package init(config: String? = nil, recipe: String? = nil, batchNum: Int? = nil) {
    self.config = config
    self.recipe = recipe
    self.batchNum = batchNum
  }

  /// - Throws: exit 3 with every error found in the file.
  package func config(for model: LoadedModel, _ warnings: inout [Diagnostic]) throws(QuantError) -> QuantConfig {
    var log = DiagnosticLog()
    defer { warnings += log.diagnostics }
    return try attempting(.badInput) {
      guard config == nil || recipe == nil else { throw QuantError(.usage, "give --config or --recipe, not both") }
      guard let path = config else {
        var options = InitialConfigOptions()
        options.batchNum = batchNum
        options.symmetric = symmetric
        options.skipLayers = skipLayers
        options.skipLayerTypes = skipLayerTypes
        options.recipe = try recipe.map { try Recipe.read(Self.bytes($0), file: $0) }
        return try QuantConfig.initial(graph: model.graph, options: options, log: &log)
      }
      var config = try QuantConfig.read(Self.bytes(path), file: path, for: model.graph, log: &log)
      if let batchNum { try config.set(path: "batch_num", text: String(batchNum), graph: model.graph) }
      return config
    }
  }

  static func bytes(_ path: String) throws(DiagnosticError) -> [UInt8] {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw DiagnosticError("cannot read this file", at: SourceLocation(file: path))
    }
    return [UInt8](data)
  }
}
