import LayerGraph
import Tensors

/// Which BatchNorm, Scale and Bias layers will be absorbed by the weights before them.
///
/// A chain counts as long as each layer is the only reader of the one before it, in the order BatchNorm, Scale, Bias,
/// each at most once. A host whose learned blobs are shared by name with another layer absorbs nothing. Behind layers
/// of unknown types and data layers without a shape, the host's weights tell the channels.
/// - Source: amct-facts 3.2; design decisions on shared weights.
package struct FusionPlan: Sendable {
  /// Layers absorbed by each host, by node, in order.
  package let chains: [NodeID: [NodeID]]
  /// Host's name by absorbed layer's name.
  package let hosts: [String: String]

  /// - Parameter skip: names of hosts that stay as they are (skip_fusion_layers).
  package init(_ graph: Graph, skip: Set<String>) {
    let readers = graph.consumerTable
    let outputs = Set(graph.outputs)
    let byID = Dictionary(uniqueKeysWithValues: graph.nodes.map { ($0.id, $0) })
    var owners: [String: Int] = [:]
    for node in graph.nodes { for p in node.parameter.params where !p.name.isEmpty { owners[p.name, default: 0] += 1 } }
    var chains: [NodeID: [NodeID]] = [:]
    var hosts: [String: String] = [:]
    for node in graph.nodes where !skip.contains(node.name) {
      guard let host = node.layer as? any FusionHost, host.canAbsorb else { continue }
      guard node.tops.count == 1, !node.parameter.params.contains(where: { owners[$0.name, default: 0] > 1 }) else {
        continue
      }
      var top = node.tops[0]
      var stage: FusionStage?
      while !outputs.contains(top), let ids = readers[top], ids.count == 1, let next = byID[ids[0]],
        let affine = next.layer as? any ChannelAffine, next.bottoms.count == 1,
        graph.shape(top).map(affine.isChannelAffine) ?? Self.suits(affine, next, Self.impliedTop(of: node)),
        stage.map({ $0 < type(of: affine).fusionStage }) ?? true
      {
        chains[node.id, default: []].append(next.id)
        hosts[next.name] = node.name
        stage = type(of: affine).fusionStage
        top = next.tops[0]
      }
    }
    self.chains = chains
    self.hosts = hosts
  }

  /// A host's top with its channels right and all other extents 1, where only its weights and settings are known; `nil`
  /// when they contradict each other.
  static func impliedTop(of node: Node) -> Shape? {
    guard let host = node.layer as? any FusionHost, let weights = node.params.first?.shape,
      let settings = node.parameter.message.message(type(of: host).settingsField.name)
    else { return nil }
    let axis = host.quantization.outputAxis
    guard weights.rank > 1, let channels = settings.int("num_output") ?? (axis == 0 ? weights[0] : nil),
      channels > 0, node.params.count < 2 || node.params[1].count == channels,
      weights[axis] &* (axis == 0 ? 1 : settings.int("group") ?? 1) == channels
    else { return nil }
    return Shape([1, channels] + [Int](repeating: 1, count: weights.rank - 2))
  }

  /// Whether a layer whose learned values nobody has compared with a shape can be absorbed.
  private static func suits(_ affine: any ChannelAffine, _ node: Node, _ bottom: Shape?) -> Bool {
    guard let bottom, affine.isChannelAffine(bottom), let specs = try? affine.paramBlobs([bottom]) else { return false }
    return node.params.map(\.count) == specs.map(\.shape.count)
  }
}
