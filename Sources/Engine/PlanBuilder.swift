import Diagnostics
import Kernels
import LayerGraph
import Tensors

/// Turns a graph into steps: chooses layouts, inserts reorders, fuses post-ops, shares memory.
struct PlanBuilder {
  let graph: Graph
  let options: PlanOptions
  let backend: Backend
  private(set) var steps: [PlanStep] = []
  private(set) var values: [PlanValue] = []
  private(set) var location: [BlobID: Int] = [:]
  private(set) var inputs: [(blob: BlobID, value: Int)] = []
  private(set) var scratchBytes = 0

  /// Inputs of nodes not yet planned that will read each blob.
  private var remaining: [BlobID: Int] = [:]
  private let consumers: [BlobID: [NodeID]]
  private let positions: [NodeID: Int]
  /// The same blob in other layouts.
  private var variants: [BlobID: [Int]] = [:]
  /// Blobs whose values lie in each group.
  private var residents: [[BlobID]] = []
  private var absorbed: Set<NodeID> = []

  init(_ graph: Graph, _ options: PlanOptions) {
    self.graph = graph
    self.options = options
    backend = Backend(threads: options.threads)
    consumers = graph.consumerTable
    positions = Dictionary(uniqueKeysWithValues: graph.nodes.enumerated().map { ($1.id, $0) })
    for (blob, nodes) in consumers { remaining[blob] = nodes.count }
  }

  mutating func build() throws(DiagnosticError) {
    try graph.refuseUnknownTypes()
    backend.enter()
    for blob in graph.inputs {
      guard let shape = graph.shape(blob) else {
        throw DiagnosticError(
          "the shape of input '\(graph[blob].name)' is not known",
          help: ["feed it with --input, or give --input-shape \(graph[blob].name)=N,C,H,W"])
      }
      let value = addValue(.plain(shape), group: nil, blob: blob)
      inputs.append((blob, value))
      location[blob] = value
    }
    for node in graph.nodes where !(node.layer is any InputLayerType) && !absorbed.contains(node.id) {
      try plan(node)
    }
  }

  /// Memory of each group: bytes, first and last step that touch it.
  func groupExtents() -> [ArenaPlacement.Extent] {
    var extents = residents.map { _ in ArenaPlacement.Extent(bytes: 0, first: .max, last: -1) }
    func touch(_ value: Int, _ step: Int) {
      let g = values[value].group
      extents[g].first = min(extents[g].first, step)
      extents[g].last = max(extents[g].last, step)
    }
    for value in values { extents[value.group].bytes = max(extents[value.group].bytes, value.layout.bytes) }
    for input in inputs { touch(input.value, -1) }
    for (i, step) in steps.enumerated() { for v in step.inputs + step.outputs { touch(v, i) } }
    for (g, blobs) in residents.enumerated() where blobs.contains(where: options.kept.contains) {
      extents[g].last = .max
    }
    return extents
  }

  // MARK: values

  private mutating func addValue(_ layout: Layout, group: Int?, blob: BlobID) -> Int {
    let g: Int
    if let group {
      g = group
      residents[g].append(blob)
    } else {
      g = residents.count
      residents.append([blob])
    }
    values.append(PlanValue(layout: layout, group: g, blob: blob))
    return values.count - 1
  }

  /// True when nobody will read the memory of `value` any more.
  private func isFree(_ value: Int) -> Bool {
    residents[values[value].group].allSatisfy { remaining[$0, default: 0] == 0 && !options.kept.contains($0) }
  }

  /// The value of `blob` in `layout`, through a reorder step where its maker left another one.
  private mutating func value(_ blob: BlobID, in layout: Layout) throws(DiagnosticError) -> Int {
    guard let own = location[blob] else { preconditionFailure("'\(graph[blob].name)' is read before it is planned") }
    if values[own].layout.isSame(as: layout) { return own }
    if let other = variants[blob]?.first(where: { values[$0].layout.isSame(as: layout) }) { return other }
    let primitive: Primitive
    do throws(KernelError) {
      primitive = try backend.reorder(from: values[own].layout, to: layout)
    } catch {
      throw DiagnosticError(error.diagnostics).adding(context: "while reordering '\(graph[blob].name)'")
    }
    let value = addValue(layout, group: nil, blob: blob)
    variants[blob, default: []].append(value)
    scratchBytes = max(scratchBytes, primitive.scratchBytes)
    steps.append(
      PlanStep(
        nodes: [], name: graph[blob].name, type: "reorder", work: .reorder(primitive), inputs: [own], outputs: [value],
        made: []))
    return value
  }

  // MARK: nodes

  private mutating func plan(_ node: Node) throws(DiagnosticError) {
    guard let layer = node.layer, let shapes = graph.shapes(of: node) else {
      throw DiagnosticError(
        "the shapes around layer '\(node.name)' (\(node.type)) are not known", at: node.location,
        help: ["give the shapes of the net's inputs with --input-shape BLOB=N,C,H,W"])
    }
    // Kernels divide by extents; what no layer can make anything of is refused for all of them here.
    if let i = shapes.bottoms.firstIndex(where: { $0.count == 0 }) {
      throw DiagnosticError(
        "layer '\(node.name)' (\(node.type)): its bottom '\(graph[node.bottoms[i]].name)' has no values, its shape is "
          + "\(shapes.bottoms[i])", at: node.location)
    }
    do throws(DiagnosticError) {
      if layer.topsAreViews, !options.referenceOnly { return try planView(node, shapes) }
      let fusion = options.referenceOnly ? Fusion() : fusion(at: node, layer, shapes)
      try planKernel(node, layer, shapes, fusion)
    } catch {
      throw error.adding(context: "while planning layer '\(node.name)' (\(node.type))")
    }
  }

  private mutating func use(_ blobs: [BlobID]) { for b in blobs { remaining[b, default: 1] -= 1 } }

  private mutating func planView(_ node: Node, _ shapes: LayerShapes) throws(DiagnosticError) {
    let bottom = node.bottoms[0]
    guard let own = location[bottom] else { preconditionFailure("view of an unplanned blob") }
    let keepsShape = shapes.tops.allSatisfy { $0 == shapes.bottoms[0] }
    let source = keepsShape ? own : try value(bottom, in: .plain(shapes.bottoms[0]))
    use(node.bottoms)
    var made: [(BlobID, Int)] = []
    for (top, shape) in zip(node.tops, shapes.tops) {
      let v = addValue(
        keepsShape ? values[source].layout : .plain(shape), group: values[source].group, blob: top)
      location[top] = v
      made.append((top, v))
    }
    steps.append(
      PlanStep(
        nodes: [node.id], name: node.name, type: node.type, work: .view, inputs: [source], outputs: made.map(\.1),
        made: made))
  }

  /// Layers that a host does along with its own work.
  private struct Fusion {
    var operations: [PostOp] = []
    var nodes: [Node] = []
    /// The other operand of a sum.
    var residual: BlobID?
  }

  /// The longest chain of single readers after `node` that its kernel takes over and nobody observes between.
  private func fusion(at node: Node, _ layer: any LayerType, _ shapes: LayerShapes) -> Fusion {
    var fusion = Fusion()
    guard let host = layer as? any PostOpHost, node.tops.count == 1 else { return fusion }
    var top = node.tops[0]
    while !options.observed.contains(top), !options.kept.contains(top), let readers = consumers[top],
      readers.count == 1,
      let position = positions[readers[0]]
    {
      let next = graph.nodes[position]
      guard next.tops.count == 1, let nextShapes = graph.shapes(of: next),
        let operation = next.layer?.postOp(nextShapes, next.params)
      else { break }
      if options.exactFusionsOnly, !operation.isExact { break }
      var candidate = fusion
      if case .add = operation {
        guard fusion.residual == nil, node.bottoms.count == 1, next.bottoms.count == 2,
          let other = next.bottoms.first(where: { $0 != top }), let value = location[other],
          remaining[other] == 1,
          residents[values[value].group].allSatisfy({
            ($0 == other || remaining[$0, default: 0] == 0) && !options.kept.contains($0)
          })
        else { break }
        candidate.residual = other
      } else if next.bottoms.count != 1 {
        break
      }
      candidate.operations.append(operation)
      candidate.nodes.append(next)
      guard host.accepts(candidate.operations, shapes) else { break }
      fusion = candidate
      top = next.tops[0]
    }
    return fusion
  }

  private mutating func planKernel(
    _ node: Node, _ layer: any LayerType, _ shapes: LayerShapes, _ fusion: Fusion
  ) throws(DiagnosticError) {
    let bottoms = node.bottoms + (fusion.residual.map { [$0] } ?? [])
    let layouts = bottoms.compactMap { b in location[b].map { values[$0].layout } }
    precondition(layouts.count == bottoms.count, "a bottom was not planned before its reader")
    let all = LayerShapes(bottoms: layouts.map(\.shape), tops: shapes.tops)
    let context = KernelContext(
      shapes: all, params: node.params, bottomLayouts: layouts, postOps: fusion.operations, backend: backend)
    var kernel: (any LayerKernel)?
    do throws(KernelError) {
      kernel = options.referenceOnly ? nil : try layer.makeKernel(context)
    } catch {
      if error.isOutOfMemory { throw .system(error.text) }
      // What oneDNN cannot do alone, the reference can; a fused chain is planned again without fusion.
      if !fusion.operations.isEmpty { return try planKernel(node, layer, shapes, Fusion()) }
    }
    if kernel == nil, !fusion.operations.isEmpty { return try planKernel(node, layer, shapes, Fusion()) }
    let chosen = kernel ?? ReferenceKernel(layer, shapes, node.params)
    var sources: [Int] = []
    for (b, layout) in zip(bottoms, chosen.bottomLayouts) { sources.append(try value(b, in: layout)) }
    use(bottoms)
    for absorbedNode in fusion.nodes {
      absorbed.insert(absorbedNode.id)
      use(absorbedNode.bottoms.filter { $0 != fusion.residual })
    }
    let tops = fusion.nodes.last?.tops ?? node.tops
    var made: [(BlobID, Int)] = []
    for (i, top) in tops.enumerated() {
      let layout = chosen.topLayouts[i]
      var group: Int?
      if i == 0, let k = chosen.accumulatesInto {
        group = values[sources[k]].group
      } else if i == 0, chosen.canRunInPlace, let first = sources.first, isFree(first),
        values[first].layout.bytes == layout.bytes
      {
        group = values[first].group
      }
      let v = addValue(layout, group: group, blob: top)
      location[top] = v
      made.append((top, v))
    }
    scratchBytes = max(scratchBytes, chosen.scratchBytes)
    steps.append(
      PlanStep(
        nodes: [node.id] + fusion.nodes.map(\.id), name: ([node] + fusion.nodes).map(\.name).joined(separator: "+"),
        type: node.type, work: .kernel(chosen), inputs: sources, outputs: made.map(\.1), made: made))
  }
}
