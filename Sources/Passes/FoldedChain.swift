import Diagnostics
import LayerGraph

/// What a chain of BatchNorm, Scale and Bias layers does to each channel: `y = x * factor + shift`, in Double.
///
/// In order, BatchNorm multiplies both by `1 / sqrt(var + eps)` and shifts by `-mean / sqrt(var + eps)`; Scale
/// multiplies by `gamma` and shifts by `beta`; Bias shifts.
/// - Source: amct-facts 3.2.
package struct FoldedChain: Sendable {
  /// `[C]`
  package private(set) var factor: [Double]
  /// `[C]`
  package private(set) var shift: [Double]
  /// False for a chain that can only multiply.
  package private(set) var shifts: Bool
  /// -1 where the factor is negative whatever the statistics of BatchNorm are, else 1.
  package private(set) var signs: [Float]

  /// - Parameters:
  ///   - channels: of the value before the chain, which `owner` makes or reads.
  ///   - shift: what is added before the chain.
  /// - Throws: when a layer has another number of channels.
  package init(
    _ chain: [NodeID], in graph: Graph, channels: Int, of owner: Node, shift: [Double]? = nil
  ) throws(DiagnosticError) {
    factor = [Double](repeating: 1, count: channels)
    self.shift = shift ?? [Double](repeating: 0, count: channels)
    shifts = shift != nil
    signs = [Float](repeating: 1, count: channels)
    for id in chain {
      guard let next = graph[id], let affine = next.layer as? any ChannelAffine else { continue }
      let (s, t) = affine.channelAffine(next.params, channels: channels)
      guard s.count == channels, t.count == channels else {
        throw DiagnosticError(
          "'\(next.name)' (\(next.type)) has \(s.count) channels, '\(owner.name)' makes \(channels)",
          at: next.location)
      }
      let stage = type(of: affine).fusionStage
      shifts = shifts || t.contains { $0 != 0 } || stage != .scale
      for c in 0..<channels {
        factor[c] *= s[c]
        self.shift[c] = self.shift[c] * s[c] + t[c]
        if stage != .batchNorm, s[c] < 0 { signs[c] = -signs[c] }
      }
    }
  }

  package var isFinite: Bool { (factor + shift).allSatisfy(\.isFinite) }
}

extension FusionPlan {
  /// What the chain behind a host does to the channels of its top; `nil` for a node that absorbs nothing.
  package func chain(behind node: Node, in graph: Graph) throws(DiagnosticError) -> FoldedChain? {
    guard let chain = chains[node.id], let shapes = graph.shapes(of: node), !node.params.isEmpty else { return nil }
    return try FoldedChain(chain, in: graph, channels: shapes.tops[0][1], of: node)
  }
}
