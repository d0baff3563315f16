import Diagnostics
import LayerGraph

/// Gives every blob a name of its own, so that no layer's top is called like its bottom (AMCT's uninplace_model).
///
/// Before: `conv1 -> conv1`, `relu1: conv1 -> conv1`. After: `conv1 -> conv1_conv1`, `relu1: conv1_conv1 -> conv1`.
/// The last writer of a name keeps it, so net outputs keep theirs; earlier ones become `<blob>_<writer layer>`. A net
/// input keeps its name always, because the data come under it. Names that collide get `_2`, `_3`, ...
/// - Source: amct-facts 3.3.
package enum RemoveInPlace {
  package static func patch(for graph: Graph) -> GraphPatch? {
    let inputs = Set(graph.inputs)
    var writers: [String: [BlobID]] = [:]
    var order: [String] = []
    for id in graph.netInputs + graph.nodes.flatMap(\.tops) {
      let name = graph[id].name
      if writers[name] == nil { order.append(name) }
      writers[name, default: []].append(id)
    }
    var taken = Set(order)
    var edits: [GraphPatch.Edit] = []
    for name in order {
      guard let ids = writers[name], ids.count > 1 else { continue }
      let keeper = ids.first(where: inputs.contains) ?? ids[ids.count - 1]
      for id in ids where id != keeper {
        let writer = graph[id].producer.flatMap { graph[$0]?.name } ?? "input"
        let wanted = "\(name)_\(writer)"
        var free = wanted
        var k = 2
        while !taken.insert(free).inserted {
          free = "\(wanted)_\(k)"
          k += 1
        }
        edits.append(.rename(id, free))
      }
    }
    return edits.isEmpty ? nil : GraphPatch(edits, summary: "gave \(edits.count) in-place blobs names of their own")
  }
}
