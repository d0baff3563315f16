/// How the list of layers is laid out.
enum LayerView: String, CaseIterable, Sendable {
  case rails, flat, neighbourhood, tree

  var next: LayerView {
    let all = Self.allCases
    return all[((all.firstIndex(of: self) ?? 0) + 1) % all.count]
  }
}

/// A row of the list: the whole net, a layer, or a group of layers in the tree.
enum LayerListRow: Hashable, Sendable {
  case net
  case layer(Int)
  /// Index into the groups of the tree.
  case group(Int)
}
