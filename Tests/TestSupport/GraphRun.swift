import Diagnostics
import Engine
import LayerGraph
import Tensors

/// Runs graphs in tests.
package enum GraphRun {
  /// One seeded random tensor per input, by blob.
  package static func inputs(_ graph: Graph, seed: UInt64 = 17) -> [BlobID: Tensor] {
    var out: [BlobID: Tensor] = [:]
    for (i, blob) in graph.inputs.enumerated() {
      out[blob] = graph.shape(blob).map { .random($0, seed: seed + UInt64(i)) }
    }
    return out
  }

  /// The values of blobs after one run, by name; of the net's outputs when none are named.
  package static func values(
    _ graph: Graph, of names: [String]? = nil, inputs: [BlobID: Tensor]? = nil, threads: Int = 1,
    referenceOnly: Bool = true
  ) throws -> [String: Tensor] {
    let blobs = names.map { names in graph.blobs.filter { names.contains($0.name) }.map(\.id) } ?? graph.outputs
    let plan = try Plan(graph, PlanOptions(threads: threads, kept: Set(blobs), referenceOnly: referenceOnly))
    let run = try Run(plan)
    for (blob, tensor) in inputs ?? self.inputs(graph) { try run.setInput(blob, tensor) }
    try run.execute()
    var out: [String: Tensor] = [:]
    for blob in blobs { out[graph[blob].name] = try run.read(blob) }
    return out
  }

  /// What differs between two runs, one line per blob; empty when they agree.
  package static func differences(
    _ got: [String: Tensor], _ want: [String: Tensor], _ agreement: Agreement
  ) -> [String] {
    if got.keys.sorted() != want.keys.sorted() { return ["blobs \(got.keys.sorted()), expected \(want.keys.sorted())"] }
    return want.keys.sorted().compactMap { name in
      guard let a = got[name], let b = want[name] else { return nil }
      return agreement.firstDisagreement(a, b).map { "\(name): \($0)" }
    }
  }
}
