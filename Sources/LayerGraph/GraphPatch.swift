import CaffeFormat
import Diagnostics
import Tensors

/// A proposed change of a graph: what a pass returns. Applying it verifies the result.
package struct GraphPatch: Sendable {
  /// Who reads the first top of an inserted node instead of the blob it inserted itself behind.
  package enum Readers: Sendable {
    case none
    /// Every node that reads the blob now.
    case all(of: BlobID)
    /// Single inputs of single nodes.
    case inputs([(node: NodeID, bottom: Int)])
  }

  package enum Edit: Sendable {
    /// New settings and learned blobs for a node; bottoms and tops stay as they are.
    case update(NodeID, LayerParameter, params: [Tensor])
    /// One more top for a node, behind those it has.
    case addTop(NodeID, String)
    /// A new node before `before` (at the end when `nil`); its tops are named by the parameter.
    case insert(LayerParameter, params: [Tensor], bottoms: [BlobID], before: NodeID?, readers: Readers)
    /// Takes a one-bottom, one-top node out; its readers read its bottom. A net output keeps its name. A node without
    /// tops, which nobody reads, just goes.
    case remove(NodeID)
    case rename(BlobID, String)
  }

  package var edits: [Edit]
  /// What was done, for logs: "fused 'bn_conv1' into 'conv1'".
  package var summary: String

  package init(_ edits: [Edit], summary: String) {
    self.edits = edits
    self.summary = summary
  }
}

extension Graph {
  /// The graph with `patch` applied, shapes inferred anew, verified.
  /// - Throws: a `DiagnosticError` when a layer refuses its new settings or shapes; the receiver is unchanged.
  package func applying(_ patch: GraphPatch) throws(DiagnosticError) -> Graph {
    var graph = self
    do throws(LayerError) {
      for edit in patch.edits { try graph.apply(edit) }
      for i in graph.nodes.indices { try graph.inferShapes(at: i) }
    } catch {
      throw DiagnosticError(error.diagnostics).adding(context: "while this was done: \(patch.summary)")
    }
    graph.verify()
    return graph
  }

  private mutating func apply(_ edit: GraphPatch.Edit) throws(LayerError) {
    switch edit {
    case .update(let id, let parameter, let params):
      guard let at = position(of: id) else { preconditionFailure("patch names a node that is not there") }
      nodes[at].layer = try makeLayer(parameter)
      nodes[at].parameter = parameter
      nodes[at].params = params
    case .addTop(let id, let name):
      guard let at = position(of: id) else { preconditionFailure("patch names a node that is not there") }
      nodes[at].parameter.tops.append(name)
      nodes[at].layer = try makeLayer(nodes[at].parameter)
      nodes[at].tops.append(addBlob(name, producer: id))
    case .insert(let parameter, let params, let bottoms, let before, let readers):
      let id = NodeID(index: nextNode)
      nextNode += 1
      let layer = try makeLayer(parameter)
      let tops = parameter.tops.map { addBlob($0, producer: id) }
      reroute(readers, to: tops.first)
      let node = Node(id: id, parameter: parameter, layer: layer, bottoms: bottoms, tops: tops, params: params)
      if let before {
        guard let at = position(of: before) else { preconditionFailure("patch names a node that is not there") }
        nodes.insert(node, at: at)
      } else {
        nodes.append(node)
      }
    case .remove(let id):
      guard let at = position(of: id) else { preconditionFailure("patch names a node that is not there") }
      let node = nodes[at]
      if node.tops.isEmpty {
        nodes.remove(at: at)
        return
      }
      precondition(node.bottoms.count == 1 && node.tops.count == 1, "only a one-to-one node can be taken out")
      if outputs.contains(node.tops[0]) { blobs[node.bottoms[0].index].name = blobs[node.tops[0].index].name }
      reroute(.all(of: node.tops[0]), to: node.bottoms[0])
      nodes.remove(at: at)
    case .rename(let blob, let name):
      blobs[blob.index].name = name
    }
  }

  private func makeLayer(_ parameter: LayerParameter) throws(LayerError) -> (any LayerType)? {
    guard let found = try catalog.layer(parameter) else { return nil }
    try checkArity(parameter, found.arity)
    return found.layer
  }

  private mutating func reroute(_ readers: GraphPatch.Readers, to target: BlobID?) {
    guard let target else { return }
    switch readers {
    case .none: break
    case .all(let blob):
      for i in nodes.indices {
        for k in nodes[i].bottoms.indices where nodes[i].bottoms[k] == blob { nodes[i].bottoms[k] = target }
      }
    case .inputs(let inputs):
      for input in inputs {
        guard let at = position(of: input.node) else { preconditionFailure("patch names a node that is not there") }
        nodes[at].bottoms[input.bottom] = target
      }
    }
  }

  /// Checks what every pass must keep: order, producers, arity, and that names say the same as the blobs.
  ///
  /// A violation is a programmer's error, so it stops the program.
  func verify() {
    var made = Set(netInputs)
    var byName: [String: BlobID] = [:]
    for id in netInputs { byName[blobs[id.index].name] = id }
    var names = Set<NodeID>()
    for node in nodes {
      precondition(names.insert(node.id).inserted, "node '\(node.name)' stands twice in the graph")
      for bottom in node.bottoms {
        precondition(made.contains(bottom), "'\(node.name)' reads '\(blobs[bottom.index].name)' before it is made")
        precondition(
          byName[blobs[bottom.index].name] == bottom,
          "'\(node.name)' reads a value of '\(blobs[bottom.index].name)' that a later layer has overwritten")
      }
      for top in node.tops {
        precondition(blobs[top.index].producer == node.id, "'\(node.name)' does not own its top")
        made.insert(top)
        byName[blobs[top.index].name] = top
      }
    }
  }
}

extension Graph {
  /// A node's parameter with bottoms and tops as the blobs are named now.
  package func parameter(of node: Node) -> LayerParameter {
    var p = node.parameter
    p.bottoms = node.bottoms.map { blobs[$0.index].name }
    p.tops = node.tops.map { blobs[$0.index].name }
    p.message.setAll("bottom", p.bottoms.map(ProtoValue.string))
    p.message.setAll("top", p.tops.map(ProtoValue.string))
    p.message.set("name", .string(p.name))
    p.message.set("type", .string(p.type))
    p.message.remove("blobs")
    return p
  }

  /// The net as a `NetParameter` message, without learned blobs.
  package func netMessage() -> ProtoMessage {
    var net = header
    net.setAll("layer", nodes.map { .message(parameter(of: $0).message) })
    return net
  }

  /// Learned blobs by layer name, for layers that have any.
  package var paramsByLayer: [String: [Tensor]] {
    var out: [String: [Tensor]] = [:]
    for node in nodes where !node.params.isEmpty { out[node.name] = node.params }
    return out
  }

  /// The graph with other learned blobs for one node, of the same shapes.
  package func replacingParams(of id: NodeID, _ params: [Tensor]) -> Graph {
    var graph = self
    guard let at = position(of: id) else { preconditionFailure("no such node") }
    precondition(nodes[at].params.map(\.shape) == params.map(\.shape), "learned blobs of other shapes")
    graph.nodes[at].params = params
    return graph
  }
}
