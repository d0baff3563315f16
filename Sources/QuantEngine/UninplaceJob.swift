import CaffeFormat
import Diagnostics
import Foundation
import LayerGraph
import Passes

/// What `cortado uninplace` reports.
package struct UninplaceResult: Encodable, Sendable {
  /// A top that has another name now.
  package struct Renamed: Encodable, Sendable, Hashable {
    package let layer: String
    package let from: String
    package let to: String
  }

  package let file: String
  package let layers: Int
  package let renamed: [Renamed]
}

/// `cortado uninplace`: the net with a blob of its own for every top, with the layers of phase TEST and those of none
/// (AMCT's uninplace_model).
///
/// All fields of layers and net stay; comments do not, and older formats become today's. The last writer of a blob's name
/// keeps it, so that outputs are called as before; weights files fit as before, because they go by layers.
/// - Source: amct-facts 3.3; AMCT user guide, uninplace_model.
package struct UninplaceJob {
  package var files: ModelFiles
  package var out: String

  package init(files: ModelFiles, out: String) {
    self.files = files
    self.out = out
  }

  /// - Throws: exit 3 for everything about the model; an input is never overwritten.
  package func run(_ news: (Diagnostic) -> Void) throws(QuantError) -> UninplaceResult {
    let model = try LoadedModel(files, missing: files.weights == nil ? nil : .fillers)
    for input in [files.prototxt, files.weights].compactMap({ $0 }) where SameFile.are(input, out) {
      throw QuantError(.badInput, "\(out) would overwrite \(input), which is read", help: ["give another file for -o"])
    }
    model.warnings.forEach(news)
    let (graph, renamed) = try attempting(.badInput) { try separated(model.graph, news) }
    try attempting(.runFailed) {
      let text = try model.schema.printText(graph.netMessage())
      if FileManager.default.fileExists(atPath: out) {
        news(.warning("The file already exists at \(out), and it will be overwritten by AMCT"))
      }
      try AtomicFile.write(path: out, text: text)
    }
    return UninplaceResult(file: out, layers: graph.nodes.count, renamed: renamed)
  }

  private func separated(
    _ graph: Graph, _ news: (Diagnostic) -> Void
  ) throws(DiagnosticError) -> (Graph, [UninplaceResult.Renamed]) {
    guard let patch = RemoveInPlace.patch(for: graph) else { return (graph, []) }
    let result = try graph.applying(patch)
    let outputs = Set(graph.outputs)
    var renamed: [UninplaceResult.Renamed] = []
    for node in result.nodes {
      for top in node.tops where result[top].name != graph[top].name {
        renamed.append(.init(layer: node.name, from: graph[top].name, to: result[top].name))
        if outputs.contains(top) {
          news(
            .warning(
              "output '\(graph[top].name)' is called '\(result[top].name)' now: an input has its name",
              at: node.location)
          )
        }
      }
    }
    return (result, renamed)
  }
}
