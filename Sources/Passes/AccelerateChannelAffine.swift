import CaffeFormat
import Diagnostics
import LayerGraph
import Tensors

/// Turns chains of BatchNorm, Scale and Bias that no layer absorbs into one DepthwiseConv, which can be quantized with
/// weights.
///
/// Before: `x -> bn -> scale -> y`. After: `x -> bn_depthwise_conv -> y`, kernel 1x1, one group per channel: an identity
/// with weight 1 and bias 0 that has absorbed the chain, so `w[c]` is the product of the chain's factors and `b[c]` what
/// they shift (`FoldedChain`).
/// - Throws: when a layer of the chain has another number of channels, or the result is not finite.
/// - Source: amct-facts 3.4.
package struct AccelerateChannelAffine: Pass {
  package let name = "turn BatchNorm, Scale, Bias into DepthwiseConv"
  private let plan: AccelerationPlan

  package init(_ plan: AccelerationPlan) { self.plan = plan }

  package func patch(at node: Node, in graph: Graph) throws(DiagnosticError) -> GraphPatch? {
    guard let name = plan.names[node.id], let chain = plan.chains[node.id], let bottom = graph.shape(node.bottoms[0])
    else { return nil }
    let channels = bottom[1]
    let folded = try FoldedChain(chain, in: graph, channels: channels, of: node)
    guard folded.isFinite else {
      throw DiagnosticError(
        "turning '\(node.name)' (\(node.type)) into a DepthwiseConv gives values that are not finite: "
          + "a variance is negative or not a number",
        at: node.location)
    }
    var settings = ProtoMessage("ConvolutionParameter")
    settings.set("num_output", .uint(UInt64(channels)))
    settings.set("bias_term", .bool(true))
    settings.setAll("kernel_size", [.uint(1)])
    settings.set("group", .uint(UInt64(channels)))
    let parameter = InsertedLayer.make(
      name, "DepthwiseConv", bottoms: [graph[node.bottoms[0]].name], tops: [name],
      settings: ("convolution_param", settings))
    let names = chain.compactMap { graph[$0]?.name }
    return GraphPatch(
      [
        .insert(
          parameter,
          params: [
            Tensor(shape: [channels, 1, 1, 1], folded.factor.map { Float($0) }),
            Tensor(shape: [channels], folded.shift.map { Float($0) }),
          ], bottoms: [node.bottoms[0]], before: node.id, readers: .inputs([(node: node.id, bottom: 0)]))
      ] + chain.map { .remove($0) },
      summary: "turned \(names.map { "'\($0)'" }.joined(separator: ", ")) into '\(name)'")
  }
}

/// Which chains of BatchNorm, Scale and Bias become a DepthwiseConv, and what it is called.
///
/// A chain counts as in `FusionPlan`: each layer the only reader of the one before it, in the order BatchNorm, Scale,
/// Bias, each at most once. Every layer of it is wanted, and the data have the four axes of a convolution.
package struct AccelerationPlan: Sendable {
  /// By the chain's first layer.
  package let chains: [NodeID: [NodeID]]
  package let names: [NodeID: String]

  /// - Parameter wanted: whether the config turns a layer on.
  package init(_ graph: Graph, wanted: (String) -> Bool) {
    let readers = graph.consumerTable
    let outputs = Set(graph.outputs)
    let byID = Dictionary(uniqueKeysWithValues: graph.nodes.map { ($0.id, $0) })
    func affine(_ node: Node) -> (any ChannelAffine)? {
      guard let layer = node.layer as? any ChannelAffine, node.bottoms.count == 1, wanted(node.name),
        let shape = graph.shape(node.bottoms[0]), shape.rank == 4, shape.isLegal, layer.isChannelAffine(shape)
      else { return nil }
      return layer
    }
    var taken = Set(graph.nodes.map(\.name) + graph.blobs.map(\.name))
    var members: Set<NodeID> = []
    var chains: [NodeID: [NodeID]] = [:]
    var names: [NodeID: String] = [:]
    for node in graph.nodes where !members.contains(node.id) {
      guard let first = affine(node) else { continue }
      var chain = [node.id]
      var (stage, top) = (type(of: first).fusionStage, node.tops[0])
      while !outputs.contains(top), let ids = readers[top], ids.count == 1, let next = byID[ids[0]],
        let layer = affine(next), type(of: layer).fusionStage > stage
      {
        chain.append(next.id)
        (stage, top) = (type(of: layer).fusionStage, next.tops[0])
      }
      members.formUnion(chain)
      chains[node.id] = chain
      let plain = node.name + "_depthwise_conv"
      let name = taken.contains(plain) ? (2...).lazy.map { "\(plain)_\($0)" }.first { !taken.contains($0) } : plain
      names[node.id] = name ?? plain
      taken.insert(name ?? plain)
    }
    (self.chains, self.names) = (chains, names)
  }
}
