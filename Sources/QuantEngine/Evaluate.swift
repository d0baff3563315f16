import Diagnostics
import Kernels
import LayerGraph
import Tensors

/// Accuracy of a classifier on labelled images.
package struct Evaluation: Codable, Sendable, Hashable {
  package let images: Int
  /// Fractions 0...1.
  package let top1: Double
  package let top5: Double
  package let seconds: Double
}

/// `cortado evaluate`: scores of one output, flattened per image; ties go to the lower index.
package struct EvaluateJob {
  package var files: ModelFiles
  package var data: DataOptions
  /// The blob with the scores; the net's only output when `nil`.
  package var output: String?
  package var threads: Int

  package init(files: ModelFiles, data: DataOptions, output: String?, threads: Int) {
    self.files = files
    self.data = data
    self.output = output
    self.threads = threads
  }

  package func run(_ news: (Diagnostic) -> Void, progress: (Int, Int) -> Void) throws(QuantError) -> Evaluation {
    let model = try LoadedModel(files)
    model.warnings.forEach(news)
    let feed = try DataFeed(data, for: model)
    feed.warnings.forEach(news)
    return try Self.evaluate(model, feed, output: output, threads: threads, progress: progress)
  }

  static func evaluate(
    _ model: LoadedModel, _ feed: DataFeed, output: String?, threads: Int, progress: (Int, Int) -> Void
  ) throws(QuantError) -> Evaluation {
    let start = monotonicSeconds()
    let blob = try scoreBlob(model.graph, output)
    let runner = NetRunner(model, threads: threads, kept: [blob])
    var (seen, first, five) = (0, 0, 0)
    for k in 0..<feed.batchCount {
      let batch = try attempting(.badInput) { try feed.batch(k) }
      let run = try runner.forward(batch)
      let scores = try attempting(.runFailed) { try run.read(blob) }
      let n = batch[0].tensor.shape.legacy(0)
      let length = scores.count / max(1, n)
      for i in 0..<n where length > 0 {
        let item = k * feed.batchSize + i
        guard let label = try attempting(.badInput, { try feed.label(ofItem: item) }) else {
          throw QuantError(
            .badInput, "image '\(feed.name(ofItem: item))' has no label",
            help: ["give --labels FILE.npy or FILE.txt, or a list with 'path label' lines"])
        }
        guard (0..<length).contains(label) else {
          throw QuantError(
            .badInput,
            "label \(label) of image '\(feed.name(ofItem: item))' is outside the \(length) scores of '\(model.graph[blob].name)'"
          )
        }
        let rank = scores.withView { Self.rank(of: label, in: $0.slice(i * length, length)) }
        seen += 1
        if rank == 0 { first += 1 }
        if rank < 5 { five += 1 }
      }
      progress(k + 1, feed.batchCount)
    }
    guard seen > 0 else { throw QuantError(.badInput, "there are no images to evaluate") }
    return Evaluation(
      images: seen, top1: Double(first) / Double(seen), top5: Double(five) / Double(seen),
      seconds: monotonicSeconds() - start)
  }

  /// How many classes come before `label`: higher scores, or equal ones with a lower index. NaN scores come last.
  static func rank(of label: Int, in scores: FloatView) -> Int {
    let own = scores[label]
    if own.isNaN { return scores.count }
    var before = 0
    for i in 0..<scores.count where scores[i] > own || (scores[i] == own && i < label) { before += 1 }
    return before
  }

  private static func scoreBlob(_ graph: Graph, _ name: String?) throws(QuantError) -> BlobID {
    let outputs = graph.outputs
    if let name {
      // The last value under that name.
      if let found = graph.nodes.flatMap(\.tops).last(where: { graph[$0].name == name }) { return found }
      let names = graph.blobs.map(\.name)
      throw QuantError(.badInput, "the net has no blob '\(name)'", help: NearestName.help(name, among: names))
    }
    if outputs.count == 1 { return outputs[0] }
    throw QuantError(
      .badInput, "the net has \(outputs.count) outputs: \(outputs.map { graph[$0].name }.joined(separator: ", "))",
      help: ["say which one with --output"])
  }
}
