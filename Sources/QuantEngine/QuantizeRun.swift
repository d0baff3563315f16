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

/// One execution of a `QuantizeJob`: its stages in order, each a value from the one before.
struct QuantizeRun {
  let job: QuantizeJob
  let model: LoadedModel
  let config: QuantConfig
  let feed: DataFeed
  let folder: RunFolder
  let prefix: OutputPrefix
  let journal: RunJournal
  let origin: RunOrigin

  var output: ModelOutput { ModelOutput(model: model) }
  /// True when BatchNorm is refreshed between the weights and the rest of the run.
  var updatesBN: Bool { config.updatesBN(in: model.graph) }
  /// The record that gets the activation factors.
  private var record: String { updatesBN ? folder.updatedRecord : folder.record }

  func execute(parseSeconds: Double) throws(QuantError) -> QuantizeResult {
    let targetsTotal = CalibrationTarget.all(in: model.graph, config).count
    var started = JobEvent(.started)
    started.total = targetsTotal
    started.images = config.batchNum * feed.batchSize
    if updatesBN { started.iterations = config.bnUpdateSettings.iterations }
    started.text = job.label
    journal.tell(started)
    try keepInputs()

    journal.begin(.fuse)
    var prepared = try attempting(.badInput) { try PreparedModel(model.graph, config, fuses: !updatesBN) }
    for line in prepared.summaries { journal.log.write(.info, "Optimizer", line) }
    if !updatesBN { noteFusedEntries(prepared) }

    journal.begin(.weights)
    var weights = try attempting(.runFailed) {
      try WeightQuantizer.run(prepared.graph, prepared.config, later: updatesBN ? prepared.plan : nil) {
        layer, done, total in
        journal.progress(done, of: total)
        journal.log.write(.info, "WeightQuantizer", "Do layer:\"\(layer)\" weights quantize success!")
      }
    }
    if updatesBN {
      guard let refreshed = try refreshBatchNorm(prepared, weights) else {
        return try report(prepared, FactorRecord(), [], [], nil, parseSeconds)
      }
      (prepared, weights) = refreshed
      noteFusedEntries(prepared)
    }
    let targets = CalibrationTarget.all(in: weights.graph, prepared.config)
    try attempting(.runFailed) { try writeModified(weights.graph, targets) }
    try Interrupt.check()
    if let stop = job.stopAfter, stop != .calibration {
      try attempting(.runFailed) {
        try writeRecord(FactorRecord(weights.graph, weights: weights.factors, results: [], complete: false))
      }
      return try report(prepared, FactorRecord(), [], [], nil, parseSeconds)
    }

    journal.begin(.calibrate)
    let results = try calibrate(weights, targets)
    journal.begin(.factors)
    let record = try attempting(.runFailed) {
      let record = try FactorRecord(weights.graph, weights: weights.factors, results: results)
      try writeRecord(record)
      return record
    }
    if job.stopAfter == .calibration { return try report(prepared, record, results, [], nil, parseSeconds) }

    journal.begin(.save)
    let quantized = try attempting(.runFailed) {
      try QuantizedModel(
        weights.graph, record: record, weightCodes: weights.codes,
        codebooks: weights.factors.compactMapValues(\.codebook), absorbed: prepared.absorbed,
        accelerated: prepared.accelerated, name: prefix.name
      ) { layer, input in
        // Joint inputs have what they were searched with.
        results.first { $0.layer == layer && $0.search.indices.contains(input) }?.search.withOffset
          ?? config.activationOffset
      }
    }
    let files = try attempting(.runFailed) {
      try output.save(quantized, prefix, job.type) { journal.tell($0) }
    }
    journal.log.noteSaved(files)
    let comparison = job.type == .deploy ? nil : try compare()
    return try report(prepared, record, results, files, comparison, parseSeconds)
  }

  // MARK: stages

  /// What the run was given goes into its folder first.
  private func keepInputs() throws(QuantError) {
    try attempting(.runFailed) {
      try AtomicFile.write(path: folder.config, text: config.text + "\n")
      journal.log.noteConfig(folder.config)
      if !model.files.part.isWhole {
        try AtomicFile.write(path: folder.part, text: JSONText.encode(model.files.part, pretty: true) + "\n")
      }
      if !model.files.passThrough.isEmpty {
        try AtomicFile.write(
          path: folder.passThrough, text: JSONText.encode(model.files.passThrough, pretty: true) + "\n")
      }
      if let recipe = job.recipe { try AtomicFile.write(path: folder.recipe, bytes: ConfigSource.bytes(recipe)) }
    }
  }

  private func noteFusedEntries(_ prepared: PreparedModel) {
    for (host, layers) in prepared.absorbed.sorted(by: { $0.key < $1.key }) {
      for layer in layers where config.isEnabled(layer) {
        journal.tell(.note("layer '\(layer)' is fused into '\(host)'; its entry in the config is ignored"))
      }
    }
    for (name, layers) in prepared.accelerated.sorted(by: { $0.key < $1.key }) {
      let list = layers.map { "'\($0)'" }.joined(separator: ", ")
      journal.tell(.note("\(list) \(layers.count > 1 ? "become" : "becomes") the DepthwiseConv '\(name)'"))
    }
  }

  /// The calibration model: quantized weights and IFMR layers.
  private func writeModified(_ graph: Graph, _ targets: [CalibrationTarget]) throws {
    let calibration =
      job.stopAfter == .weights
      ? graph : try PassPipeline.run([InsertIFMR(targets, recordPath: record)], on: graph).graph
    try output.write(
      calibration, blobs: calibration.paramsByLayer.mapValues { $0.map(BlobPayload.float) },
      prototxt: updatesBN ? folder.activationModel : folder.modifiedModel,
      weights: updatesBN ? folder.activationWeights : folder.modifiedWeights)
  }

  private func writeRecord(_ factors: FactorRecord) throws(DiagnosticError) {
    try AtomicFile.write(path: record, text: try model.schema.printText(factors.message))
  }

  private func calibrate(
    _ weights: WeightQuantizer.Outcome, _ targets: [CalibrationTarget]
  ) throws(QuantError) -> [CalibrationResult] {
    let graph = try attempting(.runFailed) { try PassPipeline.run([ShowState(targets)], on: weights.graph).graph }
    let stage = CalibrationStage(
      graph: graph, targets: targets, batches: config.batchNum, feed: feed, folder: folder, journal: journal,
      threads: job.threads, memory: job.memory ?? Self.defaultMemory(), samples: job.samples)
    let outcome = try stage.run()
    if outcome.error == nil, outcome.failures.isEmpty { return outcome.results }
    // Finished layers stay usable: their factors are in the record.
    keepPartial(weights, outcome.results)
    if Interrupt.isRequested { throw QuantError.interrupted }
    throw outcome.error ?? QuantError(.runFailed, CalibrationFailure.diagnostics(outcome.failures, feed))
  }

  private func keepPartial(_ weights: WeightQuantizer.Outcome, _ results: [CalibrationResult]) {
    guard let record = try? FactorRecord(weights.graph, weights: weights.factors, results: results, complete: false)
    else { return }
    try? writeRecord(record)
  }

  private func compare() throws(QuantError) -> ComparisonReport {
    journal.begin(.compare)
    let saved = try prefix.fakeQuantModel(of: model)
    if let layerData = LayerDataLog(journal.log.levels, folder: folder.logs) {
      try layerData.write(saved, try attempting(.badInput) { try feed.batch(0) }, threads: job.threads)
    }
    let outcome = try attempting(.runFailed) {
      let mapping = try LayerMapping(
        original: model.graph, quantized: saved.graph, quantJSON: QuantJSONFile(path: prefix.file("quant.json")))
      return try CompareJob.compare(
        model, saved, mapping, feed, threads: job.threads, limit: config.batchNum
      ) { journal.progress($0, of: $1) }
    }
    let report = outcome.report
    for m in report.layers {
      var e = JobEvent(.metric)
      e.layer = m.layer
      e.type = m.type
      e.cosine = m.cosine
      e.local = m.local
      e.text = m.state
      journal.tell(e)
    }
    try attempting(.runFailed) {
      try AtomicFile.write(path: folder.metrics, text: report.csv)
      try outcome.writeDetails(to: folder.details)
    }
    return report
  }

  private func evaluation() throws(QuantError) -> (one: QuantizeResult.Accuracy, five: QuantizeResult.Accuracy)? {
    guard let spec = job.evaluate else { return nil }
    journal.begin(.evaluate)
    func scores(_ model: LoadedModel) throws(QuantError) -> Evaluation {
      try EvaluateJob.scores(
        model, spec, job.labels, job.evaluationData, threads: job.threads, progress: { journal.progress($0, of: $1) })
    }
    let (before, after) = (try scores(model), try scores(prefix.fakeQuantModel(of: model)))
    return (
      .init(float: before.top1, fakeQuant: after.top1), .init(float: before.top5, fakeQuant: after.top5)
    )
  }

  // MARK: report

  func report(
    _ prepared: PreparedModel, _ record: FactorRecord, _ results: [CalibrationResult], _ files: [String],
    _ comparison: ComparisonReport?, _ parseSeconds: Double
  ) throws(QuantError) -> QuantizeResult {
    let accuracy = files.isEmpty ? nil : try evaluation()
    journal.endStage()
    var seconds = journal.seconds
    seconds["parse"] = parseSeconds
    var searchSeconds: [String: Double] = [:]
    for r in results { searchSeconds[r.layer, default: 0] += r.seconds }
    var hosts: [String: String] = [:]
    for (host, layers) in prepared.absorbed { for l in layers { hosts[l] = host } }
    // The first layer of a chain that became a DepthwiseConv stands for it.
    var made: [String: String] = [:]
    for (name, layers) in prepared.accelerated {
      if let first = layers.first { made[first] = name }
      for l in layers.dropFirst() { hosts[l] = layers.first }
    }
    let layers = model.graph.nodes.map { node in
      let name = made[node.name] ?? node.name
      return QuantizeResult.Layer(
        node, record[name], fusedInto: hosts[node.name], seconds: searchSeconds[name] ?? 0)
    }
    var result = QuantizeResult(
      run: folder.id, label: job.label, work: folder.path, files: files, seconds: seconds,
      peakBytes: peakResidentBytes(), layers: layers,
      images: config.batchNum * feed.batchSize)
    result.part = model.files.part.isWhole ? nil : model.files.part
    result.passThrough = model.files.passThrough.isEmpty ? nil : model.files.passThrough
    result.evaluation = accuracy?.one
    result.topFive = accuracy?.five
    result.net = model.shownName
    result.comparison = comparison
    result.data = RunData(feed, job.data)
    if updatesBN { result.bnUpdate = .init(config.bnUpdateSettings, feed, model.graph) }
    result.add(origin, model.graph)
    try attempting(.runFailed) { try folder.keep(result) }
    return result
  }

  /// 70 % of the memory that the system can give now.
  static func defaultMemory() -> Int {
    let text = (try? String(contentsOfFile: "/proc/meminfo", encoding: .utf8)) ?? ""
    for line in text.split(separator: "\n") where line.hasPrefix("MemAvailable:") {
      let words = line.split(separator: " ")
      if words.count > 1, let kilobytes = Int(words[1]) { return kilobytes * 1024 / 10 * 7 }
    }
    return .max
  }
}
