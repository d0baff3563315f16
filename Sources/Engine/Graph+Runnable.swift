import Diagnostics
import LayerGraph

extension Graph {
  /// - Throws: one error per layer type that nobody knows, all at once.
  package func refuseUnknownTypes() throws(DiagnosticError) {
    if unknownNodes.isEmpty { return }
    let types = Dictionary(grouping: unknownNodes) { typeName(of: $0.parameter) }.sorted { $0.key < $1.key }
    throw DiagnosticError(
      types.map { type, nodes in
        .error(
          "layer type '\(type)' cannot be run: \(nodes.count) layer\(nodes.count == 1 ? "" : "s"), first '\(nodes[0].name)'",
          at: nodes[0].location,
          help: NearestName.help(type, among: catalog.names)
            + [
              "it needs an implementation (cortado layers lists those there are), or the layers have to be cut from the net"
            ])
      })
  }
}
