import Diagnostics
import Engine
import LayerGraph
import Passes
import Quantization

/// Weights that are quantized, and the net they belong to.
struct QuantizedWeights {
  var prepared: PreparedModel
  var weights: WeightQuantizer.Outcome

  /// Fuses a net whose weights were quantized before, with refreshed BatchNorm layers, and quantizes them again.
  ///
  /// - Parameters:
  ///   - prepared: un-inplaced, not fused, its weights float.
  ///   - before: the quantized weights with which BatchNorm was refreshed.
  static func refreshed(
    _ prepared: PreparedModel, _ before: WeightQuantizer.Outcome, _ statistics: [String: BatchNormStatistics]
  ) throws(DiagnosticError) -> QuantizedWeights {
    let live = BatchNormUpdate.graph(prepared.graph, with: statistics)
    var chains: [String: FoldedChain] = [:]
    if let plan = prepared.plan {
      for node in live.nodes { chains[node.name] = try plan.chain(behind: node, in: live) }
    }
    let fused = try prepared.fused(with: statistics)
    return QuantizedWeights(
      prepared: fused,
      weights: try WeightQuantizer.refreshed(fused.graph, fused.config, before: before, chains: chains))
  }

  /// The net that is run to refresh its BatchNorm layers: weights quantized, activations float.
  static func live(_ weights: WeightQuantizer.Outcome, _ config: QuantConfig) throws(DiagnosticError) -> Graph {
    try PassPipeline.run(
      [LiveBatchNorm(fraction: config.bnUpdateSettings.movingAverageFraction)], on: weights.graph
    ).graph
  }
}

extension QuantizeRun {
  /// Writes the net with quantized weights and live BatchNorm, refreshes it, fuses it.
  /// - Returns: `nil` when the run is to stop before.
  func refreshBatchNorm(
    _ prepared: PreparedModel, _ weights: WeightQuantizer.Outcome
  ) throws(QuantError) -> (PreparedModel, WeightQuantizer.Outcome)? {
    let live = try attempting(.badInput) { try QuantizedWeights.live(weights, config) }
    try attempting(.runFailed) {
      try output.write(
        live, blobs: live.paramsByLayer.mapValues { $0.map { .float($0) } }, prototxt: folder.modifiedModel,
        weights: folder.modifiedWeights)
      let record = try FactorRecord(live, weights: weights.factors, results: [], complete: false)
      try AtomicFile.write(path: folder.record, text: try model.schema.printText(record.message))
    }
    try Interrupt.check()
    if job.stopAfter == .weights { return nil }
    journal.begin(.bnUpdate)
    let statistics = try BatchNormStage(
      graph: live, settings: config.bnUpdateSettings, feed: feed, folder: folder, journal: journal,
      threads: job.threads, memory: job.memory ?? Self.defaultMemory()
    ).run()
    if job.stopAfter == .bnUpdate { return nil }
    let fresh = try attempting(.runFailed) {
      try QuantizedWeights.refreshed(prepared, weights, statistics)
    }
    for line in fresh.prepared.summaries { journal.log.write(.info, "Optimizer", line) }
    return (fresh.prepared, fresh.weights)
  }
}
