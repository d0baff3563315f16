import LayerGraph
import Passes

/// One layer of a net as the workbench lists it.
package struct LayerRow: Sendable, Hashable {
  /// Place in the net, from 0.
  package var index: Int
  package var name: String
  package var type: String
  package var isKnown: Bool
  package var bottoms: [String]
  package var tops: [String]
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
        index: index, name: node.name, type: node.type, isKnown: node.layer != nil,
        bottoms: node.bottoms.map { graph[$0].name }, tops: node.tops.map { graph[$0].name },
        output: node.tops.first.flatMap { graph.shape($0) }.map { Array($0.dims.dropFirst()) },
        blobs: node.params.map(\.shape.dims), params: graph.parameterCount(of: node) ?? 0,
        macs: graph.macs(of: node) ?? 0, isQuantizable: role.kind != .none, enabledByDefault: role.enabledByDefault,
        fusedInto: hosts[node.name], fused: fused[node.name] ?? [])
    }
  }
}
