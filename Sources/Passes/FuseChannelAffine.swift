import CaffeFormat
import Diagnostics
import LayerGraph
import Tensors

/// Absorbs the BatchNorm, Scale and Bias layers behind a weighted layer into its weights and bias.
///
/// Before: `conv1 -> bn -> scale -> y`. After: `conv1' -> y` with, for each layer of the chain in order,
/// `w'[o] = w[o] * s[o]` and `b'[o] = b[o] * s[o] + t[o]`, where BatchNorm has `s = 1 / sqrt(var + eps)`,
/// `t = -mean / sqrt(var + eps)`; Scale `s = gamma`, `t = beta`; Bias `s = 1`, `t = bias`. Computed in Double, stored
/// as Float. A host without bias gains one when any `t` is there (`bias_term: true`).
/// - Throws: when the chain's values don't have one per output channel, or the result is not finite.
/// - Source: amct-facts 3.2; Ioffe and Szegedy 2015, arXiv:1502.03167.
package struct FuseChannelAffine: Pass {
  package let name = "fuse BatchNorm, Scale, Bias"
  private let plan: FusionPlan

  /// - Parameter plan: made of the graph that the pass begins with; layers that become neighbours only by fusing stay.
  package init(_ plan: FusionPlan) { self.plan = plan }

  package func patch(at node: Node, in graph: Graph) throws(DiagnosticError) -> GraphPatch? {
    guard let host = node.layer as? any FusionHost, let chain = plan.chains[node.id],
      chain.allSatisfy({ graph[$0] != nil }), !node.params.isEmpty,
      let top = graph.shapes(of: node)?.tops[0] ?? FusionPlan.impliedTop(of: node)
    else { return nil }
    let weights = node.params[0]
    let index = ChannelIndex(host.quantization.outputAxis, weights.shape, channels: top[1])
    let bias = node.params.count > 1 ? node.params[1] : nil
    let folded = try FoldedChain(
      chain, in: graph, channels: index.channels, of: node,
      shift: bias.map { bias in (0..<index.channels).map { Double(bias[$0]) } })
    guard folded.isFinite else {
      throw DiagnosticError(
        "fusing into '\(node.name)' (\(node.type)) gives values that are not finite: "
          + "a variance is negative or not a number",
        at: node.location)
    }
    let fused = weights.mappingIndexed { i, w in Float(Double(w) * folded.factor[index.channel(i)]) }
    var parameter = node.parameter
    var params = [fused]
    if folded.shifts {
      params.append(Tensor(shape: [index.channels], folded.shift.map { Float($0) }))
      let field = type(of: host).settingsField
      parameter.message.update(field.name, typeName: field.type) { $0.set("bias_term", .bool(true)) }
    }
    let names = chain.compactMap { graph[$0]?.name }
    return GraphPatch(
      [.update(node.id, parameter, params: params)] + chain.map { .remove($0) },
      summary: "fused \(names.map { "'\($0)'" }.joined(separator: ", ")) into '\(node.name)'")
  }
}

/// Which output channel an element of a weight blob belongs to.
package struct ChannelIndex: Sendable {
  package let channels: Int
  private let inner: Int
  private let axisExtent: Int
  /// Elements of blob axis 0 per group, where the channel axis is 1 (Deconvolution `[Cin, Cout/g, k..]`).
  private let rowsPerGroup: Int?

  package init(_ axis: Int, _ shape: Shape, channels: Int) {
    self.channels = channels
    inner = shape.count(from: axis + 1)
    axisExtent = shape[axis]
    let groups = max(1, channels / max(1, axisExtent))
    rowsPerGroup = axis == 1 && groups > 1 ? shape[0] / groups : nil
  }

  package func channel(_ element: Int) -> Int {
    let within = element / inner % axisExtent
    guard let rowsPerGroup else { return within }
    let row = element / (inner * axisExtent)
    return row / rowsPerGroup * axisExtent + within
  }
}
