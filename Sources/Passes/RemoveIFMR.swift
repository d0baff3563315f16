import Diagnostics
import LayerGraph

/// Takes the IFMR layers out of a calibration model: what is left is the net with quantized weights.
///
/// Before: `x -> conv1_ifmr_layer` beside `x -> conv1`. After: `x -> conv1`. The reverse of `InsertIFMR`.
package struct RemoveIFMR: Pass {
  package let name = "remove IFMR"

  package init() {}

  package func patch(at node: Node, in graph: Graph) throws(DiagnosticError) -> GraphPatch? {
    guard node.type == "IFMR", node.tops.isEmpty else { return nil }
    return GraphPatch([.remove(node.id)], summary: "removed '\(node.name)'")
  }
}
