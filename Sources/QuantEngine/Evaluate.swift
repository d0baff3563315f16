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
    let levels = try AMCTLog.Levels.fromEnvironment()
    let model = try LoadedModel(files)
    model.warnings.forEach(news)
    let feed = try DataFeed(data, for: model)
    feed.warnings.forEach(news)
    return try Self.evaluate(
      model, feed, output: output, threads: threads, layerData: LayerDataLog(levels), progress: progress)
  }

  static func evaluate(
    _ model: LoadedModel, _ feed: DataFeed, output: String?, threads: Int, layerData: LayerDataLog? = nil,
    progress: (Int, Int) -> Void
  ) throws(QuantError) -> Evaluation {
    let start = monotonicSeconds()
    let blob = try scoreBlob(model.graph, output)
    let runner = NetRunner(model, threads: threads, kept: [blob])
    var meter = ScoreMeter(feed, model.graph[blob].name, isLabelled: true)
    for k in 0..<feed.batchCount {
      let batch = try attempting(.badInput) { try feed.batch(k) }
      if k == 0 { try layerData?.write(model, batch, threads: threads) }
      let run = try runner.forward(batch)
      let scores = try attempting(.runFailed) { try run.read(blob) }
      try meter.add(scores, first: k * feed.batchSize, count: batch[0].tensor.shape.legacy(0))
      progress(k + 1, feed.batchCount)
    }
    guard let top1 = meter.top1, let top5 = meter.top5 else {
      throw QuantError(.badInput, "there are no images to evaluate")
    }
    return Evaluation(images: meter.seen, top1: top1, top5: top5, seconds: monotonicSeconds() - start)
  }

  /// How many classes come before `label`: higher scores, or equal ones with a lower index. NaN scores come last.
  static func rank(of label: Int, in scores: FloatView) -> Int {
    let own = scores[label]
    if own.isNaN { return scores.count }
    var before = 0
    for i in 0..<scores.count where scores[i] > own || (scores[i] == own && i < label) { before += 1 }
    return before
  }

  /// The blob that was named, what an Accuracy layer looks at, or the net's only output.
  static func scoreBlob(_ graph: Graph, _ name: String?) throws(QuantError) -> BlobID {
    let outputs = graph.outputs
    if let name {
      // The last value under that name.
      if let found = graph.nodes.flatMap(\.tops).last(where: { graph[$0].name == name }) { return found }
      let names = graph.blobs.map(\.name)
      throw QuantError(.badInput, "the net has no blob '\(name)'", help: NearestName.help(name, among: names))
    }
    if let scores = graph.nodes.first(where: { $0.type == "Accuracy" })?.bottoms.first { return scores }
    if let boxes = outputs.first(where: { isDetection($0, graph) }) {
      throw QuantError(
        .badInput, "output '\(graph[boxes].name)' holds detections, not scores of classes; mAP is not measured",
        help: ["cortado pretest counts them; --output names a blob with scores"])
    }
    if outputs.count == 1 { return outputs[0] }
    throw QuantError(
      .badInput, "the net has \(outputs.count) outputs: \(outputs.map { graph[$0].name }.joined(separator: ", "))",
      help: ["say which one with --output"])
  }

  /// True for rows of image, class, score and box.
  static func isDetection(_ blob: BlobID, _ graph: Graph) -> Bool {
    let types: Set = ["DetectionOutput", "YoloDetectionOutput", "Yolov3DetectionOutput"]
    return graph[blob].producer.flatMap { graph[$0] }.map { types.contains($0.type) } ?? false
  }
}
