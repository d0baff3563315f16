import Diagnostics
import Kernels
import LayerGraph
import Tensors

/// One value in a run: a blob in one layout.
struct PlanValue {
  let layout: Layout
  /// Values of one group share memory: views of each other, or worked on in place.
  var group: Int
  let blob: BlobID
}

/// One thing a run does.
package struct PlanStep: Sendable {
  enum Work: Sendable {
    case kernel(any LayerKernel)
    case reorder(Primitive)
    /// Nothing to do: the tops are the bottom's memory.
    case view
  }

  /// The layers done by this step, the host of a fusion first; empty for a reorder.
  package let nodes: [NodeID]
  package let name: String
  package let type: String
  let work: Work
  let inputs: [Int]
  let outputs: [Int]
  /// Blobs that exist after this step.
  let made: [(blob: BlobID, value: Int)]

  /// True for loops that define a layer, ours or oneDNN's: right, and slow.
  package var isReference: Bool { backend == "reference" || backend.hasPrefix("oneDNN:ref") }

  package var backend: String {
    switch work {
    case .kernel(let kernel): kernel.backend
    case .reorder: "reorder"
    case .view: "view"
    }
  }
}

/// A frozen order of prepared kernels with their memory: immutable, made once, run often.
package final class Plan: Sendable {
  package let graph: Graph
  package let backend: Backend
  package let steps: [PlanStep]
  let layouts: [Layout]
  /// Byte offset of each value in its lane.
  let offsets: [Int]
  /// The piece of memory of each value; views and work in place share one.
  let groups: [Int]
  /// The blob whose values each value holds.
  let blobs: [BlobID]
  /// Where each visible blob lies once it is made.
  let location: [BlobID: Int]
  let inputs: [(blob: BlobID, value: Int)]
  package let laneBytes: Int
  package let scratchBytes: Int
  package let kept: Set<BlobID>
  /// Learned values in the kernels' own orders.
  package var packedBytes: Int {
    steps.reduce(0) { if case .kernel(let kernel) = $1.work { $0 + kernel.packedBytes } else { $0 } }
  }

  /// Prepares every layer of `graph` for its present shapes.
  /// - Throws: unknown layer types, all at once, with what would be needed; unknown shapes; kernels that cannot be made.
  package convenience init(_ graph: Graph, _ options: PlanOptions) throws(DiagnosticError) {
    try self.init(builder: PlanBuilder(graph, options))
  }

  private init(builder: consuming PlanBuilder) throws(DiagnosticError) {
    var builder = builder
    try builder.build()
    let placement = ArenaPlacement.place(builder.groupExtents())
    graph = builder.graph
    backend = builder.backend
    steps = builder.steps
    layouts = builder.values.map(\.layout)
    offsets = builder.values.map { placement.offsets[$0.group] }
    groups = builder.values.map(\.group)
    blobs = builder.values.map(\.blob)
    location = builder.location
    inputs = builder.inputs
    laneBytes = placement.bytes
    scratchBytes = builder.scratchBytes
    kept = builder.options.kept
  }

  /// One line per step: layers, backend, layouts in and out, memory. For `--dump-plan`.
  package var lines: [String] {
    steps.map { step in
      func text(_ v: [Int]) -> String {
        v.map { "\(layouts[$0])\(layouts[$0].shape)@\(offsets[$0])" }.joined(separator: " ")
      }
      return "\(step.name) (\(step.type)) \(step.backend): \(text(step.inputs)) -> \(text(step.outputs))"
    } + ["arena \(laneBytes) bytes per lane, scratch \(scratchBytes) bytes"]
  }
}

/// Puts buffers with lifetimes at offsets so that no two live ones overlap.
enum ArenaPlacement {
  struct Extent {
    var bytes: Int
    var first: Int
    var last: Int
  }

  /// Largest first, each at the lowest offset that is free during its whole life.
  /// - Complexity: O(n^2) comparisons.
  static func place(_ extents: [Extent]) -> (offsets: [Int], bytes: Int) {
    let order = extents.indices.sorted { (extents[$0].bytes, $1) > (extents[$1].bytes, $0) }
    var offsets = [Int](repeating: 0, count: extents.count)
    var placed: [Int] = []
    var total = 0
    for i in order where extents[i].bytes > 0 {
      let size = (extents[i].bytes + 63) / 64 * 64
      let busy = placed.filter { extents[$0].first <= extents[i].last && extents[i].first <= extents[$0].last }
        .map { (start: offsets[$0], end: offsets[$0] + (extents[$0].bytes + 63) / 64 * 64) }
        .sorted { $0.start < $1.start }
      var at = 0
      for b in busy {
        if at + size <= b.start { break }
        at = max(at, b.end)
      }
      offsets[i] = at
      total = max(total, at + size)
      placed.append(i)
    }
    return (offsets, total)
  }
}
