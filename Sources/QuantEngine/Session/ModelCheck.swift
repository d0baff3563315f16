import Diagnostics
import Engine
import Kernels
import Tensors

/// One batch of the float net: whether model and images fit together before a run is tried.
package struct ModelCheck: Sendable, Hashable {
  package let images: Int
  /// Of the forward pass alone.
  package let seconds: Double
  /// Net outputs with values that are not finite, and how many.
  package let notFinite: [String: Int]
  /// What stopped it; `nil` when all values came out.
  package let problem: Diagnostic?

  package init(images: Int, seconds: Double, notFinite: [String: Int] = [:], problem: Diagnostic? = nil) {
    self.images = images
    self.seconds = seconds
    self.notFinite = notFinite
    self.problem = problem
  }

  package var isGood: Bool { problem == nil && notFinite.isEmpty }

  /// Reads the model and the first batch, of 8 images at most, and runs it.
  package init(_ files: ModelFiles, data: DataOptions) {
    do throws(QuantError) {
      self = try Self.run(files, data)
    } catch {
      self.init(
        images: 0, seconds: 0, problem: error.diagnostics.first ?? .error("the forward pass could not be tried"))
    }
  }

  /// More images than this tell nothing new, and a large batch costs much memory.
  private static let imageLimit = 8

  private static func run(_ files: ModelFiles, _ options: DataOptions) throws(QuantError) -> ModelCheck {
    let model = try LoadedModel(files)
    var data = options
    data.limit = min(options.limit ?? imageLimit, imageLimit)
    let feed = try DataFeed(data, for: model)
    let batch = try attempting(.badInput) { try feed.batch(0) }
    let outputs = model.graph.outputs
    let runner = NetRunner(model, threads: data.threads, kept: Set(outputs))
    try runner.prepare(Dictionary(batch.map { ($0.name, $0.tensor.shape) }) { $1 })
    let start = monotonicSeconds()
    let run = try runner.forward(batch)
    let seconds = monotonicSeconds() - start
    var bad: [String: Int] = [:]
    for blob in outputs {
      let values = try attempting(.runFailed) { try run.read(blob) }
      let count = values.array.count { !$0.isFinite }
      if count > 0 { bad[model.graph[blob].name] = count }
    }
    return ModelCheck(images: min(feed.batchSize, feed.itemCount), seconds: seconds, notFinite: bad)
  }
}
