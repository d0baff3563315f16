import Diagnostics
import Kernels
import LayerGraph
import Tensors

/// Sees values while a run makes them.
package protocol RunObserver: AnyObject {
  /// True for the blobs that `observe` wants.
  func wants(_ blob: BlobID) -> Bool
  /// True when `observe` understands values that lie in memory channels last; false: copies in C order are made.
  var takesChannelsLast: Bool { get }
  /// Called once per wanted blob when all lanes have it, in order of execution.
  func observe(_ blob: BlobID, _ values: LaneValues) throws(DiagnosticError)
  /// Called after each step of the plan with its place in the plan, and how many of `total` were done before it; throw
  /// to stop.
  func finished(step: Int, number: Int, of total: Int) throws(DiagnosticError)
}

extension RunObserver {
  package var takesChannelsLast: Bool { false }
  package func finished(step: Int, number: Int, of total: Int) throws(DiagnosticError) {}
}

/// One blob's values over all lanes of a run; valid only during the call that hands it over.
package struct LaneValues {
  /// How the values lie in memory: in C order, unless the observer takes `[N, spatial.., C]` too.
  package enum Order: Sendable { case plain, channelsLast }

  package let shape: Shape
  package let order: Order
  package let lanes: [FloatView]

  package var isChannelsLast: Bool { order == .channelsLast }

  package init(shape: Shape, order: Order = .plain, lanes: [FloatView]) {
    self.shape = shape
    self.order = order
    self.lanes = lanes
  }
}

/// One execution of a plan over one or several lanes.
///
/// A lane is one batch with its own inputs and buffers. Steps go through all lanes before the next one starts
/// (layer-major), so that an observer sees a layer's whole data at once and weights are fetched once.
package final class Run {
  package let plan: Plan
  package let lanes: Int
  private let arena: Arena
  private let scratch: Scratch
  /// C-order copies for observers of blobs in blocked layouts, reused.
  private var plainCopies: [TensorStorage] = []
  /// Seconds spent in each step of the plan so far.
  package private(set) var stepSeconds: [Double]

  /// - Parameter memoryLimit: bytes of activations to hold in memory; more go to a file in `spillFolder`.
  package init(
    _ plan: Plan, lanes: Int = 1, memoryLimit: Int = .max, spillFolder: String = "/tmp"
  ) throws(DiagnosticError) {
    self.plan = plan
    self.lanes = lanes
    arena = try Arena(laneBytes: plan.laneBytes, lanes: lanes, limit: memoryLimit, spillFolder: spillFolder)
    do throws(KernelError) {
      scratch = try Scratch(bytes: plan.scratchBytes)
    } catch {
      throw .system(error.text)
    }
    stepSeconds = [Double](repeating: 0, count: plan.steps.count)
  }

  package var isSpilled: Bool { arena.isSpilled }

  func view(_ value: Int, _ lane: Int) -> MutableFloatView {
    arena.view(lane: lane, offset: plan.offsets[value], floats: plan.layouts[value].floats)
  }

  /// Copies `tensor` into input `blob` of a lane; must be done before every `execute`.
  /// - Throws: when the shape is not the input's.
  package func setInput(_ blob: BlobID, lane: Int = 0, _ tensor: Tensor) throws(DiagnosticError) {
    guard let input = plan.inputs.first(where: { $0.blob == blob }) else {
      throw DiagnosticError("'\(plan.graph[blob].name)' is no input of the net")
    }
    let want = plan.layouts[input.value].shape
    guard tensor.shape == want else {
      throw DiagnosticError("input '\(plan.graph[blob].name)' needs shape \(want), got \(tensor.shape)")
    }
    tensor.withView { view(input.value, lane).copy($0) }
  }

  /// The memory of input `blob` of a lane, to be filled in C order before `execute`.
  package func inputMemory(_ blob: BlobID, lane: Int = 0) -> MutableFloatView? {
    plan.inputs.first { $0.blob == blob }.map { view($0.value, lane) }
  }

  /// Runs all steps over all lanes.
  package func execute(_ observer: (any RunObserver)? = nil) throws(DiagnosticError) {
    if let observer { for input in plan.inputs { try show(input.blob, input.value, to: observer) } }
    try execute(Array(plan.steps.indices), observer)
  }

  /// Runs the steps behind `checkpoint` that `wanted` needs; the checkpoint's memory must hold its values.
  package func execute(
    after checkpoint: Checkpoint, showing wanted: Set<BlobID>, _ observer: any RunObserver
  ) throws(DiagnosticError) {
    for blob in wanted.sorted() where plan.holds(blob, checkpoint) {
      if let value = plan.location[blob] { try show(blob, value, to: observer) }
    }
    try execute(plan.steps(for: wanted, after: checkpoint), observer)
  }

  private func execute(_ indices: [Int], _ observer: (any RunObserver)?) throws(DiagnosticError) {
    plan.backend.enter()
    for (count, index) in indices.enumerated() {
      let step = plan.steps[index]
      let start = monotonicSeconds()
      for lane in 0..<lanes {
        do throws(KernelError) {
          try run(step, lane)
        } catch {
          throw DiagnosticError(error.diagnostics).adding(context: "while running '\(step.name)' (\(step.type))")
        }
        arena.release(lane: lane)
      }
      stepSeconds[index] += monotonicSeconds() - start
      guard let observer else { continue }
      for made in step.made { try show(made.blob, made.value, to: observer) }
      try observer.finished(step: index, number: count, of: indices.count)
    }
  }

  private func run(_ step: PlanStep, _ lane: Int) throws(KernelError) {
    switch step.work {
    case .view: break
    case .reorder(let primitive):
      try unsafe primitive.run(
        [view(step.inputs[0], lane).readOnly], into: view(step.outputs[0], lane), scratch: scratch.base)
    case .kernel(let kernel):
      try unsafe kernel.run(
        KernelIO(
          bottoms: step.inputs.map { view($0, lane).readOnly }, tops: step.outputs.map { view($0, lane) },
          scratch: scratch.base))
    }
  }

  private func show(_ blob: BlobID, _ value: Int, to observer: any RunObserver) throws(DiagnosticError) {
    guard observer.wants(blob) else { return }
    let layout = plan.layouts[value]
    if layout.isChannelsLast, !layout.isPlain, observer.takesChannelsLast {
      let views = (0..<lanes).map { view(value, $0).readOnly }
      return try observer.observe(blob, LaneValues(shape: layout.shape, order: .channelsLast, lanes: views))
    }
    try observer.observe(blob, LaneValues(shape: layout.shape, lanes: try plainViews(value)))
  }

  /// The value of every lane in C order: where it lies, or as reused copies.
  private func plainViews(_ value: Int) throws(DiagnosticError) -> [FloatView] {
    let layout = plan.layouts[value]
    if layout.isPlain { return (0..<lanes).map { view(value, $0).readOnly } }
    var out: [FloatView] = []
    do throws(KernelError) {
      let reorder = try plan.backend.reorder(from: layout, to: .plain(layout.shape))
      let count = layout.shape.count
      let room = try Scratch(bytes: reorder.scratchBytes)
      for lane in 0..<lanes {
        if plainCopies.count <= lane { plainCopies.append(TensorStorage(uninitialized: count)) }
        if plainCopies[lane].count < count { plainCopies[lane] = TensorStorage(uninitialized: count) }
        let copy = unsafe MutableFloatView(plainCopies[lane].base, count: count)
        try unsafe reorder.run([view(value, lane).readOnly], into: copy, scratch: room.base)
        out.append(copy.readOnly)
      }
      withExtendedLifetime(room) {}
    } catch {
      throw DiagnosticError(error.diagnostics)
    }
    return out
  }

  /// A copy of a kept blob of one lane after `execute`.
  package func read(_ blob: BlobID, lane: Int = 0) throws(DiagnosticError) -> Tensor {
    guard plan.kept.contains(blob), let value = plan.location[blob] else {
      preconditionFailure("'\(plan.graph[blob].name)' was not kept")
    }
    let views = try plainViews(value)
    return Tensor(shape: plan.layouts[value].shape, views[lane].array)
  }
}
