import CaffeFormat
import Diagnostics
import Engine
import Kernels
import LayerGraph
import Tensors

/// `cortado bench`: times forward passes on random data.
package struct BenchJob {
  package var files: ModelFiles
  package var batch: Int?
  package var threads: Int
  package var repeats: Int
  /// Where to write the weights used, for measuring another engine on the same ones.
  package var saveWeights: String?
  /// Batches to calibrate with; `nil`: forward passes only.
  package var calibrationBatches: Int?

  package init(
    files: ModelFiles, batch: Int?, threads: Int, repeats: Int, saveWeights: String?, calibrationBatches: Int? = nil
  ) {
    self.files = files
    self.batch = batch
    self.threads = threads
    self.repeats = repeats
    self.saveWeights = saveWeights
    self.calibrationBatches = calibrationBatches
  }

  /// - Returns: times, and the plan as text.
  package func run(_ news: (Diagnostic) -> Void) throws(QuantError) -> (RunTimes, plan: [String]) {
    let start = monotonicSeconds()
    var model = try LoadedModel(files, missing: files.weights == nil ? .random(seed: 1) : .fillers)
    model.warnings.forEach(news)
    if let batch {
      var shapes: [String: Shape] = [:]
      for (name, shape) in model.inputs {
        guard var shape, shape.rank > 0 else { continue }
        shape[0] = batch
        shapes[name] = shape
      }
      model = try model.reshaped(shapes)
    }
    if let saveWeights { try save(model, saveWeights) }
    let load = monotonicSeconds() - start
    // First, so that the peak is calibration's own.
    var calibration: CalibrationTimes?
    if let calibrationBatches {
      calibration = try CalibrationBench(
        model: model, batches: calibrationBatches, threads: threads, repeats: repeats
      ).run()
    }
    let planStart = monotonicSeconds()
    let options = PlanOptions(threads: threads, kept: Set(model.graph.outputs))
    let plan = try attempting(.badInput) { try Plan(model.graph, options) }
    let run = try attempting(.runFailed) { try Run(plan) }
    let planSeconds = monotonicSeconds() - planStart
    var samples: [(total: Double, steps: [Double])] = []
    for r in 0...repeats {
      try Interrupt.check()
      for (i, blob) in model.graph.inputs.enumerated() {
        guard let shape = model.graph.shape(blob) else { continue }
        try attempting(.badInput) { try run.setInput(blob, .random(shape, seed: UInt64(i + 1))) }
      }
      let before = run.stepSeconds
      let begin = monotonicSeconds()
      try attempting(.runFailed) { try run.execute() }
      let total = monotonicSeconds() - begin
      // The first run warms caches and pages up.
      if r > 0 { samples.append((total, zip(run.stepSeconds, before).map { $0 - $1 })) }
    }
    var times = ForwardJob.report(plan, samples, load: load, planSeconds: planSeconds, threads: threads)
    times.calibration = calibration
    return (times, plan: plan.lines)
  }

  private func save(_ model: LoadedModel, _ path: String) throws(QuantError) {
    try attempting(.runFailed) {
      try WeightsWriter.write(
        net: model.graph.netMessage(), blobs: model.graph.paramsByLayer.mapValues { $0.map(BlobPayload.float) },
        to: path,
        schema: model.schema)
    }
  }
}
