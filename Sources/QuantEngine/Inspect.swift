import Engine
import Kernels
import LayerGraph
import Passes

/// What `cortado inspect` tells of a model.
package struct InspectReport: Encodable, Sendable {
  package struct Input: Encodable, Sendable {
    package let blob: String
    @NullWhenAbsent package private(set) var shape: [Int]?
  }

  package struct Layer: Encodable, Sendable {
    package let index: Int
    package let name: String
    package let type: String
    package let known: Bool
    /// Run as if it did nothing; absent for all others.
    package let passThrough: Bool?
    package let bottoms: [String]
    package let tops: [String]
    /// One per top; empty where shapes are not known.
    package let topShapes: [[Int]]
    package let params: Int
    package let macs: Int
    package let role: String
    package let enabledByDefault: Bool
    @NullWhenAbsent package private(set) var fusedInto: String?
  }

  package struct Totals: Encodable, Sendable {
    package let params: Int
    package let macs: Int
  }

  package let name: String
  package let inputs: [Input]
  package let outputs: [String]
  package let layers: [Layer]
  package let totals: Totals
  package let memory: Memory?

  /// Bytes that a forward pass of one batch needs.
  package struct Memory: Encodable, Sendable {
    /// Learned values as the net has them.
    package let weights: Int
    /// The same in the kernels' own orders.
    package let packed: Int
    package let activations: Int
    package let scratch: Int
    /// The program, the net's description, the kernels' code, and what making the plan took for a while.
    package let program: Int
    /// The most that is resident at once.
    package let total: Int

    /// - Parameter plan: made just now: what the process holds with it counts as measured, the buffers of a run are added.
    init(_ plan: Plan, weights: Int) {
      self.weights = weights
      packed = plan.packedBytes
      activations = plan.laneBytes
      scratch = plan.scratchBytes
      let largestInput = plan.graph.inputs.compactMap { plan.graph.shape($0)?.count }.max() ?? 0
      total = max(peakResidentBytes(), residentBytes() + plan.laneBytes + plan.scratchBytes + largestInput * 4)
      program = max(0, total - weights - packed - activations - scratch)
    }
  }

  /// - Parameters:
  ///   - memory: prepare a plan and report what it takes.
  ///   - threads: those of the plan.
  package init(_ model: LoadedModel, memory wantsMemory: Bool = false, threads: Int = 1) throws(QuantError) {
    let graph = model.graph
    let fused = FusionPlan(graph, skip: []).hosts
    name = graph.name
    inputs = graph.inputs.map { Input(blob: graph[$0].name, shape: graph.shape($0)?.dims) }
    outputs = graph.outputs.map { graph[$0].name }
    layers = graph.nodes.enumerated().map { index, node in
      let role = node.layer?.quantization ?? .none
      let shapes = node.tops.compactMap { graph.shape($0)?.dims }
      return Layer(
        index: index, name: node.name, type: node.type, known: node.layer != nil && !(node.layer is PassedLayer),
        passThrough: node.layer is PassedLayer ? true : nil,
        bottoms: node.bottoms.map { graph[$0].name }, tops: node.tops.map { graph[$0].name },
        topShapes: shapes.count == node.tops.count ? shapes : [], params: graph.parameterCount(of: node) ?? 0,
        macs: graph.macs(of: node) ?? 0, role: role.kind.rawValue, enabledByDefault: role.enabledByDefault,
        fusedInto: fused[node.name])
    }
    if wantsMemory {
      let bound =
        try model.graph.nodes.contains { !$0.params.isEmpty }
        ? model : LoadedModel(model.files, missing: .random(seed: 1))
      let outputs = Set(bound.graph.outputs)
      let plan = try attempting(.badInput) { try Plan(bound.graph, PlanOptions(threads: threads, kept: outputs)) }
      memory = Memory(plan, weights: layers.reduce(0) { $0 + $1.params } * 4)
    } else {
      memory = nil
    }
    totals = Totals(params: layers.reduce(0) { $0 + $1.params }, macs: layers.reduce(0) { $0 + $1.macs })
  }
}
