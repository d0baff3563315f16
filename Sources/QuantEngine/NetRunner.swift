import Diagnostics
import Engine
import Kernels
import LayerGraph
import Tensors

/// A net that can be made anew for other input shapes, with the same blob identities.
package protocol RunnableModel: Sendable {
  var graph: Graph { get }
  func reshaped(_ shapes: [String: Shape]) throws(QuantError) -> Self
}

extension LoadedModel: RunnableModel {}

/// Runs a model batch by batch; plans are made once per input shape (the last batch may be smaller).
package final class NetRunner<Model: RunnableModel> {
  package private(set) var model: Model
  private let threads: Int
  private let observed: PlanOptions.Observed
  private let kept: Set<BlobID>
  private var plan: Plan?
  private var run: Run?
  /// Seconds spent in making plans.
  package private(set) var planSeconds = 0.0

  /// Blob identities stay the same for every input shape, so `observed` and `kept` may come from `model.graph`.
  package init(_ model: Model, threads: Int, observed: PlanOptions.Observed = .none, kept: Set<BlobID> = []) {
    self.model = model
    self.threads = threads
    self.observed = observed
    self.kept = kept
  }

  /// Runs one batch.
  /// - Returns: the run, whose kept blobs can be read until the next call.
  @discardableResult
  package func forward(
    _ batch: [(name: String, tensor: Tensor)], _ observer: (any RunObserver)? = nil
  ) throws(QuantError) -> Run {
    let run = try prepare(Dictionary(batch.map { ($0.name, $0.tensor.shape) }) { $1 })
    return try attempting(.badInput) {
      for (name, tensor) in batch {
        guard let blob = model.graph.inputs.first(where: { model.graph[$0].name == name }) else {
          throw DiagnosticError("the net has no input '\(name)'")
        }
        try run.setInput(blob, tensor)
      }
      try Interrupt.check()
      try run.execute(observer)
      return run
    }
  }

  /// Makes the plan for these input shapes, unless it is there already.
  @discardableResult
  package func prepare(_ shapes: [String: Shape]) throws(QuantError) -> Run {
    let start = monotonicSeconds()
    let reshaped = try model.reshaped(shapes)
    if let run, reshaped.graph.inputShapes == model.graph.inputShapes { return run }
    model = reshaped
    run = nil
    plan = nil
    let options = PlanOptions(threads: threads, observed: observed, kept: kept)
    let made = try attempting(.badInput) { try Plan(model.graph, options) }
    let fresh = try attempting(.runFailed) { try Run(made) }
    plan = made
    run = fresh
    planSeconds += monotonicSeconds() - start
    return fresh
  }
}
