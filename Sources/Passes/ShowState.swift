import CaffeFormat
import Diagnostics
import LayerGraph

/// Gives every recurrent layer whose state is searched one more top that shows what its matrices are fed of the state, so
/// that calibration sees it like any other blob.
///
/// Before: `x, cont -> lstm -> h`. After: `x, cont -> lstm -> h, state:lstm`, the layer's type LSTMCalibration. The
/// net computes the same; it is run, never written.
package struct ShowState: Pass {
  package let name = "show the state of recurrent layers"
  private let layers: Set<String>

  package init(_ targets: [CalibrationTarget]) {
    layers = Set(targets.filter { $0.searches.contains(where: \.seesState) }.map(\.layer))
  }

  package func patch(at node: Node, in graph: Graph) throws(DiagnosticError) -> GraphPatch? {
    guard layers.contains(node.name), let layer = node.layer as? any StateFeedback else { return nil }
    return GraphPatch(
      [
        .update(node.id, node.parameter.retyped(type(of: layer).calibrationType), params: node.params),
        .addTop(node.id, "state:" + node.name),
      ], summary: "showed the state of '\(node.name)'")
  }
}

extension InputSearch {
  /// The blobs that the search sees, in their order.
  /// - Parameter node: its layer in a graph with shown states.
  package func blobs(of node: Node) -> [BlobID] {
    bottoms.map { node.bottoms[$0] } + (seesState ? node.tops.suffix(1) : [])
  }
}
