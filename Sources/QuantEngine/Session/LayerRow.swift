import LayerGraph
import Passes

/// One layer of a net as the workbench lists it.
package struct LayerRow: Sendable, Hashable {
  /// Place in the net, from 0.
  package var index: Int
  package var name: String
  package var type: String
  package var isKnown: Bool
  /// An unknown type that is run as if it did nothing.
  package var isPassed = false
  package var bottoms: [String]
  package var tops: [String]
  /// Of a recurrent layer what each of the quantized inputs stands for, by its index: the blob, with `+ h` where the state
  /// belongs to it. Empty for all others, whose inputs are their bottoms.
  package var inputs: [String] = []
  /// The learned blobs that have a step of their own, in the order of the steps; empty but for recurrent layers.
  package var matrices: [String] = []
  /// Shape of the first top without the batch; `nil` where shapes are not known.
  package var output: [Int]?
  /// Shapes of the learned blobs.
  package var blobs: [[Int]]
  package var params: Int
  package var macs: Int
  package var isQuantizable: Bool
  package var enabledByDefault: Bool
  /// The layer that absorbs this one.
  package var fusedInto: String?
  /// The layers that this one absorbs, in their order.
  package var fused: [String]

  /// All layers of a net in their order.
  package static func rows(of graph: Graph, skipFusion: Set<String> = []) -> [LayerRow] {
    let hosts = FusionPlan(graph, skip: skipFusion).hosts
    var fused: [String: [String]] = [:]
    for node in graph.nodes { if let host = hosts[node.name] { fused[host, default: []].append(node.name) } }
    return graph.nodes.enumerated().map { index, node in
      let role = node.layer?.quantization ?? .none
      return LayerRow(
        index: index, name: node.name, type: node.type, isKnown: node.layer != nil, isPassed: node.layer is PassedLayer,
        bottoms: node.bottoms.map { graph[$0].name }, tops: node.tops.map { graph[$0].name },
        inputs: inputs(of: node, role, graph), matrices: matrices(of: node, graph),
        output: node.tops.first.flatMap { graph.shape($0) }.map { Array($0.dims.dropFirst()) },
        blobs: node.params.map(\.shape.dims), params: graph.parameterCount(of: node) ?? 0,
        macs: graph.macs(of: node) ?? 0, isQuantizable: role.kind != .none, enabledByDefault: role.enabledByDefault,
        fusedInto: hosts[node.name], fused: fused[node.name] ?? [])
    }
  }

  private static func inputs(of node: Node, _ role: QuantizationRole, _ graph: Graph) -> [String] {
    guard case .recurrent(let statics) = role.inputs else { return [] }
    let names = node.bottoms.map { graph[$0].name }
    let first = names.first ?? ""
    return [first + " + h"] + (statics.map { [names[$0]] } ?? [])
  }

  private static func matrices(of node: Node, _ graph: Graph) -> [String] {
    let bottoms = node.bottoms.compactMap { graph.shape($0) }
    guard let layer = node.layer as? any StateFeedback, bottoms.count == node.bottoms.count,
      let specs = try? layer.paramBlobs(bottoms)
    else { return [] }
    return layer.matrices.map { $0.blobs.map { specs[$0].name }.joined(separator: "+") }
  }
}
