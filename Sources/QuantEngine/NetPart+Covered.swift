import LayerGraph

extension NetPart {
  /// The part of `whole` that `other`, made from a part of it, begins and ends with; the whole net where it has its own
  /// inputs and outputs.
  init(of whole: Graph, coveredBy other: Graph) {
    self.init()
    let made = Set(whole.nodes.flatMap { $0.tops.map { whole[$0].name } })
    let known = Set(whole.inputs.map { whole[$0].name })
    let own = Set(whole.outputs.map { whole[$0].name })
    inputs = other.inputs.map { other[$0].name }.filter { !known.contains($0) && made.contains($0) }
    let ends = other.outputs.map { other[$0].name }
    if Set(ends) != own, !ends.isEmpty, ends.allSatisfy(made.contains) { outputs = ends }
  }
}
