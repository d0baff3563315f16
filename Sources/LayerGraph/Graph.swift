import CaffeFormat
import Diagnostics
import Tensors

/// Names a node for as long as its graph and the graphs made from it live.
package struct NodeID: Hashable, Sendable, Comparable {
  package let index: Int
  package static func < (a: NodeID, b: NodeID) -> Bool { a.index < b.index }
}

/// Names a blob value: every top of every layer is one of its own, also where the layer works in place.
package struct BlobID: Hashable, Sendable, Comparable {
  package let index: Int
  package static func < (a: BlobID, b: BlobID) -> Bool { a.index < b.index }
}

/// A layer placed in the graph.
package struct Node: Sendable {
  package let id: NodeID
  package var parameter: LayerParameter
  /// `nil` for a type that the catalog does not know.
  package var layer: (any LayerType)?
  package var bottoms: [BlobID]
  package var tops: [BlobID]
  /// Learned blobs in Caffe's order; empty until weights are bound.
  package var params: [Tensor]

  package var name: String { parameter.name }
  package var type: String { parameter.type }
  package var location: SourceLocation { parameter.location }
}

/// One value between layers.
package struct Blob: Sendable {
  package let id: BlobID
  /// The user-visible name; an in-place layer's top carries the name of its bottom.
  package var name: String
  /// `nil` below a data layer whose shape is not known, or below an unknown layer type.
  package var shape: Shape?
  /// `nil` for a net-level input.
  package var producer: NodeID?
}

/// A net as a value: nodes in execution order, blobs in single-assignment form, shapes inferred.
///
/// A graph is only made by `Graph.build` and by applying a `GraphPatch`, and is verified each time.
package struct Graph: Sendable {
  package internal(set) var name: String
  /// The net's message without its layers: kept for writing.
  package internal(set) var header: ProtoMessage
  package internal(set) var nodes: [Node]
  package internal(set) var blobs: [Blob]
  /// Net-level inputs (`input:` fields), before any node.
  package internal(set) var netInputs: [BlobID]
  /// Shapes that the caller fixed, by blob name.
  package internal(set) var inputShapes: [String: Shape]
  package let catalog: LayerCatalog
  var nextNode = 0

  package subscript(blob: BlobID) -> Blob { blobs[blob.index] }
  package subscript(node: NodeID) -> Node? { nodes.first { $0.id == node } }
  package func node(named name: String) -> Node? { nodes.first { $0.name == name } }
  package func position(of id: NodeID) -> Int? { nodes.firstIndex { $0.id == id } }

  package func shape(_ blob: BlobID) -> Shape? { blobs[blob.index].shape }

  /// Bottom and top shapes of a node, where all are known.
  package func shapes(of node: Node) -> LayerShapes? {
    let bottoms = node.bottoms.compactMap { shape($0) }
    let tops = node.tops.compactMap { shape($0) }
    guard bottoms.count == node.bottoms.count, tops.count == node.tops.count else { return nil }
    return LayerShapes(bottoms: bottoms, tops: tops)
  }

  /// Net-level inputs, then the tops of Input and data layers.
  package var inputs: [BlobID] {
    netInputs + nodes.flatMap { $0.layer is any InputLayerType ? $0.tops : [] }
  }

  /// Blobs that nobody reads, in order of production: the net's outputs.
  package var outputs: [BlobID] {
    let read = Set(nodes.flatMap(\.bottoms))
    return nodes.flatMap { $0.layer is any InputLayerType ? [] : $0.tops }.filter { !read.contains($0) }
  }

  /// Nodes that read `blob`, in order.
  package func consumers(of blob: BlobID) -> [Node] { nodes.filter { $0.bottoms.contains(blob) } }

  /// All readers of all blobs at once: use it where `consumers(of:)` would be called in a loop.
  package var consumerTable: [BlobID: [NodeID]] {
    var table: [BlobID: [NodeID]] = [:]
    for node in nodes { for b in node.bottoms { table[b, default: []].append(node.id) } }
    return table
  }

  /// Layers whose type the catalog does not know.
  package var unknownNodes: [Node] { nodes.filter { $0.layer == nil } }
  /// Layers of unknown types that are run as if they did nothing.
  package var passedNodes: [Node] { nodes.filter { $0.layer is PassedLayer } }

  /// Number of learned values, shared blobs counted once.
  package func parameterCount(of node: Node) -> Int? {
    guard let layer = node.layer else { return nil }
    if !node.params.isEmpty { return node.params.reduce(0) { $0 + $1.count } }
    let bottoms = node.bottoms.compactMap { shape($0) }
    guard bottoms.count == node.bottoms.count, let specs = try? layer.paramBlobs(bottoms) else { return nil }
    return specs.reduce(0) { $0 + $1.shape.count }
  }

  package func macs(of node: Node) -> Int? {
    guard let layer = node.layer, let shapes = shapes(of: node) else { return nil }
    return layer.macs(shapes)
  }
}
