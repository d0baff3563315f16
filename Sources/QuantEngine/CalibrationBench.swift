import Diagnostics
import Engine
import Kernels
import LayerGraph
import Passes
import Quantization
import Tensors

/// Times of a calibration beside a forward pass of the same images: medians over alternating rounds.
package struct CalibrationTimes: Encodable, Sendable {
  package let images: Int
  /// One fused forward pass of all images.
  package let forward: Double
  /// From the first layer's forward to the last factor.
  package let calibration: Double
  /// The part of it that is spent on searching.
  package let search: Double
  package let ratio: Double
  /// The process's peak after the first calibration.
  package let peakBytes: Int
}

/// `cortado bench --calibrate`: calibrates by the net's default configuration on random data.
struct CalibrationBench {
  let model: LoadedModel
  /// Of the net's own batch size.
  let batches: Int
  let threads: Int
  let repeats: Int

  func run() throws(QuantError) -> CalibrationTimes {
    var warnings: [Diagnostic] = []
    let config = try ConfigSource(batchNum: batches).config(for: model, &warnings)
    let prepared = try attempting(.badInput) { try PreparedModel(model.graph, config) }
    let weights = try attempting(.runFailed) {
      try WeightQuantizer.run(prepared.graph, prepared.config) { _, _, _ in }.graph
    }
    let targets = CalibrationTarget.all(in: weights, prepared.config)
    let graph = try attempting(.runFailed) { try PassPipeline.run([ShowState(targets)], on: weights).graph }
    let data = inputs(graph)
    var rounds: [(calibration: Double, search: Double, forward: Double)] = []
    var peak = 0
    let fused = try attempting(.badInput) { try Plan(graph, PlanOptions(threads: threads)) }
    for _ in 0..<max(1, repeats) {
      try Interrupt.check()
      let calibrator = Calibrator(graph, targets, threads: threads) { _ throws(DiagnosticError) in }
      let observed = try attempting(.badInput) {
        try Plan(
          graph, PlanOptions(threads: threads, observed: .only(calibrator.observed), exactFusionsOnly: true))
      }
      let calibration = try time(observed, data, calibrator)
      if let failure = calibrator.failures.first {
        throw QuantError(.runFailed, "calibration of layer '\(failure.layer)' failed: \(failure.reason)")
      }
      if peak == 0 { peak = peakResidentBytes() }
      rounds.append((calibration, calibrator.searchSeconds, try time(fused, data, nil)))
    }
    func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }
    return CalibrationTimes(
      images: batches * (graph.inputs.first.flatMap { graph.shape($0) }.map { $0.legacy(0) } ?? 1),
      forward: median(rounds.map(\.forward)), calibration: median(rounds.map(\.calibration)),
      search: median(rounds.map(\.search)), ratio: median(rounds.map { $0.calibration / $0.forward }), peakBytes: peak)
  }

  private func inputs(_ graph: Graph) -> [[(blob: BlobID, tensor: Tensor)]] {
    (0..<batches).map { batch in
      graph.inputs.enumerated().compactMap { i, blob in
        graph.shape(blob).map { (blob, .random($0, seed: UInt64(batch * graph.inputs.count + i + 1))) }
      }
    }
  }

  /// Each round's memory is fresh for both, as it is in a run of its own.
  private func time(
    _ plan: Plan, _ data: [[(blob: BlobID, tensor: Tensor)]], _ observer: Calibrator?
  ) throws(QuantError) -> Double {
    try attempting(.runFailed) {
      let run = try Run(plan, lanes: batches)
      for (lane, batch) in data.enumerated() {
        for input in batch { try run.setInput(input.blob, lane: lane, input.tensor) }
      }
      let start = monotonicSeconds()
      try run.execute(observer)
      return monotonicSeconds() - start
    }
  }
}
