import LayerGraph

/// What is different about a layer, or about the net's own parameters, between two configurations.
package struct LayerChange: Sendable, Hashable {
  package enum Kind: String, Sendable {
    /// Float before, quantized after.
    case added
    /// Quantized before, float after.
    case removed
    case changed
  }

  /// `nil`: the parameters of the net.
  package let layer: String?
  package let kind: Kind
  package let changes: [ConfigChange]
}

extension QuantConfig {
  /// The differences between two configurations of a net, layer by layer in the order of the file.
  package static func layerChanges(from a: QuantConfig, to b: QuantConfig, _ graph: Graph) -> [LayerChange] {
    var groups: [(layer: String?, changes: [ConfigChange])] = []
    for change in diff(a, b, graph: graph) {
      if groups.isEmpty || groups[groups.count - 1].layer != change.path.layer {
        groups.append((change.path.layer, []))
      }
      groups[groups.count - 1].changes.append(change)
    }
    return groups.map { layer, changes in
      let (before, after) = (layer.map(a.isEnabled), layer.map(b.isEnabled))
      return LayerChange(
        layer: layer, kind: before == after ? .changed : after == true ? .added : .removed, changes: changes)
    }
  }
}
