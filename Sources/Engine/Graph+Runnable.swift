import Diagnostics
import LayerGraph

extension Graph {
  /// - Throws: one error that lists every layer whose type nobody knows, and what can be done about them.
  package func refuseUnknownTypes() throws(DiagnosticError) {
    let unknown = unknownNodes
    guard let first = unknown.first else { return }
    let types = Dictionary(grouping: unknown) { typeName(of: $0.parameter) }.sorted { $0.key < $1.key }
    var help = types.flatMap { type, _ in
      NearestName.help(type, among: catalog.names).map { types.count > 1 ? "for '\(type)': \($0)" : $0 }
    }
    help.append("a plug-in can bring the type: --plugin LIB (docs/plugins.md); --proto FILE its parameters' schema")
    let narrow = unknown.filter { $0.bottoms.count == $0.tops.count && !$0.bottoms.isEmpty }
    if narrow.count == unknown.count {
      let names = types.map(\.key).joined(separator: ",")
      help.append("to see the rest of the net, --pass-through \(names) runs it as if it did nothing")
    }
    let before = blobsBefore(unknown)
    if !before.isEmpty {
      help.append("the net can be used as far as it is known: --outputs \(before.joined(separator: ","))")
    }
    let inputs = blobsBehind(unknown)
    if !inputs.isEmpty {
      help.append("or from there on: --inputs \(inputs.joined(separator: ",")), with --input-shape for each")
    }
    help.append("cortado layers lists the types there are")
    throw DiagnosticError(
      "layer type\(types.count == 1 ? "" : "s") "
        + types.map { type, nodes in "'\(type)' (\(nodes.count) layer\(nodes.count == 1 ? "" : "s"))" }
        .joined(separator: ", ") + " cannot be run: nobody knows \(types.count == 1 ? "it" : "them")",
      at: first.location,
      notes: unknown.map { .init("layer '\($0.name)' has type '\(typeName(of: $0.parameter))'", at: $0.location) },
      help: help)
  }

  /// Blobs that such layers read and that depend on none of them, inputs of the net left out.
  private func blobsBefore(_ unknown: [Node]) -> [String] {
    let behind = self.values(behind: unknown)
    let inputs = Set(self.inputs)
    var names: [String] = []
    for bottom in unknown.flatMap(\.bottoms) where !behind.contains(bottom) && !inputs.contains(bottom) {
      if !names.contains(self[bottom].name) { names.append(self[bottom].name) }
    }
    return names
  }

  /// Tops of such layers that somebody reads, where no other of them comes behind.
  private func blobsBehind(_ unknown: [Node]) -> [String] {
    let ids = Set(unknown.map(\.id))
    let read = Set(nodes.flatMap(\.bottoms))
    var leads: Set<BlobID> = []
    for node in nodes.reversed() where ids.contains(node.id) || node.tops.contains(where: leads.contains) {
      leads.formUnion(node.bottoms)
    }
    var names: [String] = []
    for top in unknown.flatMap(\.tops) where read.contains(top) && !leads.contains(top) {
      if !names.contains(self[top].name) { names.append(self[top].name) }
    }
    return names
  }

  private func values(behind layers: [Node]) -> Set<BlobID> {
    var reached = Set(layers.flatMap(\.tops))
    for node in nodes where node.bottoms.contains(where: reached.contains) { reached.formUnion(node.tops) }
    return reached
  }
}
