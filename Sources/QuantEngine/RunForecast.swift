import Diagnostics
import Engine
import Foundation
import Kernels
import LayerGraph
import Passes
import Quantization
import Tensors

/// What a run will cost before it is started: images, memory, time, and what earlier runs have done already.
package struct RunForecast: Codable, Sendable, Hashable {
  /// One search of the run to come.
  package struct Search: Codable, Sendable, Hashable {
    package enum Reason: String, Codable, Sendable {
      /// No run beside this one has calibrated the layer.
      case first
      /// The layer's settings, its data or weights before it are other ones than in the runs there are.
      case changed
    }

    package var layer: String
    package var input: Int
    package var tries: Int
    /// The run whose factors are taken, "run 12"; `nil` when it must be searched.
    package var reused: String?
    /// Why it must be searched.
    package var reason: Reason?
  }

  package var images: Int
  package var imagesFound: Int
  package var searches: [Search]
  /// Seconds until the last factor, and until the comparison is done; measured on one batch.
  package var calibrateSeconds: Double
  package var compareSeconds: Double
  /// Seconds to refresh BatchNorm; `nil` without update_bn.
  package var updateSeconds: Double?
  /// Bytes of activations, weights and kernels while it calibrates.
  package var memoryBytes: Int
  /// Bytes that may be held in memory; more activations go to a file.
  package var memoryLimit: Int
  /// The layer behind which calibration goes on from kept activations; `nil` from the start.
  package var startsBehind: String?

  package var newCount: Int { searches.count { $0.reused == nil } }
  package var isSpilled: Bool { memoryBytes > memoryLimit }
}

extension QuantizeJob {
  /// Works out what `run` would cost, with the same checks, without writing anything.
  /// - Throws: what `run` would throw before its first search.
  package func forecast() throws(QuantError) -> RunForecast {
    let (model, config, feed, _) = try self.checked()
    let (calibrated, netConfig, live, isKnown) = try netToCalibrate(model, config, feed)
    let targets = CalibrationTarget.all(in: calibrated, netConfig)
    let graph = try attempting(.runFailed) { try PassPipeline.run([ShowState(targets)], on: calibrated).graph }
    let keys = try attempting(.badInput) { try CalibrationKeys(graph, feed, batches: config.batchNum) }
    let store = FactorStore(folderToCome)
    var forecast = RunForecast(
      images: config.batchNum * feed.batchSize, imagesFound: feed.itemCount, searches: [], calibrateSeconds: 0,
      compareSeconds: 0, memoryBytes: 0, memoryLimit: memory ?? QuantizeRun.defaultMemory())
    var wanted: Set<BlobID> = []
    /// Errors to compute: values times tries.
    var work = 0.0
    for target in targets {
      for search in target.searches {
        let blobs = graph.node(named: target.layer).map(search.blobs) ?? []
        // Before BatchNorm is refreshed, nobody can say what the searches will see.
        let origin =
          isKnown ? keys.key(of: search, layer: target.layer).flatMap { store.result(for: $0)?.origin } : nil
        let tries = (try? search.parameters.candidateCount()) ?? 0
        forecast.searches.append(
          .init(
            layer: target.layer, input: search.indices[0], tries: tries, reused: origin,
            reason: origin != nil ? nil : store.knows(layer: target.layer) ? .changed : .first))
        guard origin == nil else { continue }
        wanted.formUnion(blobs)
        for blob in blobs { work += Double((graph.shape(blob)?.count ?? 0) * config.batchNum * tries) }
      }
    }
    let observed = Calibrator(graph, targets, threads: threads) { _ in }.observed
    let plan = try attempting(.badInput) {
      try Plan(graph, PlanOptions(threads: threads, observed: .only(observed), exactFusionsOnly: true))
    }
    let learned = graph.nodes.flatMap(\.params).reduce(0) { $0 + $1.count * 4 }
    // The blobs as read, and once more as the kernels want them.
    forecast.memoryBytes = plan.laneBytes * config.batchNum + plan.scratchBytes + 2 * learned
    let batchSeconds = try measure(&forecast, plan, keys, wanted, work, feed, config.batchNum)
    if let live {
      let lane = try attempting(.badInput) { try Plan(live, PlanOptions(threads: threads)).laneBytes }
      forecast.memoryBytes = max(forecast.memoryBytes, lane + 2 * learned)
      let batches = BatchNormStage.batches(config.bnUpdateSettings, feed)
      // A live BatchNorm goes over its data twice more than one with stored statistics.
      forecast.updateSeconds = isKnown ? 0 : 1.5 * batchSeconds * Double(batches)
    }
    return forecast
  }

  /// The net that calibration will run, and with BN update the one before it, and whether its statistics are known
  /// from another run.
  private func netToCalibrate(
    _ model: LoadedModel, _ config: QuantConfig, _ feed: DataFeed
  ) throws(QuantError) -> (graph: Graph, config: QuantConfig, live: Graph?, isKnown: Bool) {
    let updates = config.updatesBN(in: model.graph)
    let prepared = try attempting(.badInput) { try PreparedModel(model.graph, config, fuses: !updates) }
    let weights = try attempting(.runFailed) {
      try WeightQuantizer.run(prepared.graph, prepared.config, later: updates ? prepared.plan : nil) { _, _, _ in }
    }
    guard updates else { return (weights.graph, prepared.config, nil, true) }
    return try attempting(.badInput) {
      let live = try QuantizedWeights.live(weights, config)
      let update = try BatchNormUpdate(live)
      let folder = folderToCome
      let store = BatchNormStore(
        folder: folder, directory: folder.bnData(config.bnUpdateSettings.dumpDirectory), layers: update.layers)
      let key = try BatchNormStage.key(live, config.bnUpdateSettings, feed)
      let known = key.flatMap { store.find($0, like: update.statistics)?.statistics }
      let fresh = try QuantizedWeights.refreshed(prepared, weights, known ?? update.statistics)
      return (fresh.weights.graph, fresh.prepared.config, live, known != nil)
    }
  }

  /// A folder that stands where the run's will, for looking at the runs beside it.
  private var folderToCome: RunFolder {
    if let work { return RunFolder(path: work) }
    return RunFolder(
      path: (project.map(ProjectFolder.init(path:)) ?? ProjectFolder(model: files.prototxt)).runs + "/next")
  }

  /// - Returns: seconds for one batch through the net.
  private func measure(
    _ forecast: inout RunForecast, _ plan: Plan, _ keys: CalibrationKeys, _ wanted: Set<BlobID>, _ work: Double,
    _ feed: DataFeed, _ batches: Int
  ) throws(QuantError) -> Double {
    let run = try attempting(.runFailed) { try Run(plan) }
    try attempting(.badInput) {
      for (name, tensor) in try feed.batch(0) {
        guard let blob = plan.graph.inputs.first(where: { plan.graph[$0].name == name }) else { continue }
        try run.setInput(blob, tensor)
      }
    }
    let largest = wanted.max { (plan.graph.shape($0)?.count ?? 0) < (plan.graph.shape($1)?.count ?? 0) }
    let probe = SearchProbe(largest, threads: threads)
    try attempting(.runFailed) { try run.execute(probe) }
    let batchSeconds = run.stepSeconds.reduce(0, +)
    forecast.compareSeconds = 2.5 * batchSeconds * Double(batches)
    guard !wanted.isEmpty else { return batchSeconds }
    let kept = plan.checkpoints.last { place in
      guard plan.reaches(wanted, from: place), let key = plan.key(of: place, blobs: keys.blobs, lanes: batches) else {
        return false
      }
      return samples.has(key)
    }
    let first = (kept?.step ?? -1) + 1
    forecast.startsBehind = kept.flatMap { $0.step >= 0 ? plan.steps[$0.step].name : nil }
    let last = plan.lastStep(making: wanted) ?? -1
    let steps = first <= last ? run.stepSeconds[first...last].reduce(0, +) : 0
    forecast.calibrateSeconds = steps * Double(batches) + work * probe.secondsPerError
    return batchSeconds
  }
}

/// Searches one blob, to know what an error of a candidate costs here.
private final class SearchProbe: RunObserver {
  private let blob: BlobID?
  private let threads: Int
  private(set) var secondsPerError = 0.0

  init(_ blob: BlobID?, threads: Int) {
    self.blob = blob
    self.threads = threads
  }

  func wants(_ blob: BlobID) -> Bool { blob == self.blob }

  func observe(_ blob: BlobID, _ values: LaneValues) {
    let start = monotonicSeconds()
    // Not finite data: the run will say so.
    guard let found = try? IFMR.search(values.lanes, .init(), threads: threads) else { return }
    secondsPerError = (monotonicSeconds() - start) / Double(max(1, found.candidates * values.shape.count))
  }
}
