import Diagnostics
import LayerGraph

/// One rewrite of the graph: looks at a node, proposes a patch.
package protocol Pass: Sendable {
  /// Verb phrase for logs and dumps: "fuse BatchNorm".
  var name: String { get }
  /// The change to make at `node`, or `nil`. Called again at the same node until it has nothing more to do there.
  func patch(at node: Node, in graph: Graph) throws(DiagnosticError) -> GraphPatch?
}

/// Applies passes in order, every patch verified.
package enum PassPipeline {
  /// - Returns: the rewritten graph and one line per patch.
  package static func run(
    _ passes: [any Pass], on graph: Graph
  ) throws(DiagnosticError) -> (graph: Graph, summaries: [String]) {
    var graph = graph
    var summaries: [String] = []
    for pass in passes {
      for id in graph.nodes.map(\.id) {
        while let node = graph[id], let patch = try pass.patch(at: node, in: graph) {
          graph = try graph.applying(patch)
          summaries.append(patch.summary)
        }
      }
    }
    return (graph, summaries)
  }
}
