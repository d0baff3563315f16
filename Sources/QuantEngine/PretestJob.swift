import Diagnostics
import Kernels
import LayerGraph
import Tensors

/// `cortado pretest`: whether the float net runs on the images, and what it says to them.
package struct PretestJob {
  package var files: ModelFiles
  package var data: DataOptions
  /// The blob with the scores.
  package var output: String?
  package var threads: Int

  package struct Result: Encodable, Sendable {
    /// The five best classes of an image, best first.
    package struct Prediction: Encodable, Sendable {
      package let image: String
      package let classes: [Int]
      package let scores: [Float]
    }
    package struct Output: Encodable, Sendable {
      package let blob: String
      package let shape: [Int]
    }

    /// The net's.
    package let name: String
    package let images: Int
    package let seconds: Double
    package let outputs: [Output]
    /// With labels: fractions 0...1.
    package let top1: Double?
    package let top5: Double?
    /// Without labels.
    package let predictions: [Prediction]?
    /// Of a detection net: boxes found in all images, and in how many of them.
    package let detections: Int?
    package let imagesWithDetections: Int?
  }

  package init(files: ModelFiles, data: DataOptions, output: String?, threads: Int) {
    self.files = files
    self.data = data
    self.output = output
    self.threads = threads
  }

  package func run(_ news: (Diagnostic) -> Void, progress: (Int, Int) -> Void) throws(QuantError) -> Result {
    let start = monotonicSeconds()
    let model = try LoadedModel(files)
    model.warnings.forEach(news)
    let feed = try DataFeed(data, for: model)
    feed.warnings.forEach(news)
    let graph = model.graph
    var scores: BlobID?
    do throws(QuantError) {
      scores = try EvaluateJob.scoreBlob(graph, output)
    } catch {
      // The net runs whatever its outputs mean.
      if output != nil { throw error }
    }
    let isLabelled = try attempting(.badInput) { try feed.itemCount > 0 && feed.label(ofItem: 0) != nil }
    var meter = ScoreMeter(feed, scores.map { graph[$0].name } ?? "", isLabelled: isLabelled)
    let boxes = graph.outputs.first { EvaluateJob.isDetection($0, graph) }
    var found: [Int: Int] = [:]
    var notFinite: [String: Int] = [:]
    var shapes: [Result.Output] = []
    let kept = graph.outputs + (scores.map { [$0] } ?? [])
    let runner = NetRunner(model, threads: threads, kept: Set(kept))
    var images = 0
    for k in 0..<feed.batchCount {
      let batch = try attempting(.badInput) { try feed.batch(k) }
      let run = try runner.forward(batch)
      let n = batch[0].tensor.shape.legacy(0)
      for blob in graph.outputs {
        let values = try attempting(.runFailed) { try run.read(blob) }
        let bad = values.array.count { !$0.isFinite }
        if bad > 0 { notFinite[graph[blob].name, default: 0] += bad }
        if k == 0 { shapes.append(.init(blob: graph[blob].name, shape: values.shape.dims)) }
        if blob == boxes { Self.count(values, from: images, &found) }
      }
      if let scores { try meter.add(try attempting(.runFailed) { try run.read(scores) }, first: images, count: n) }
      images += n
      progress(k + 1, feed.batchCount)
    }
    if let (blob, count) = notFinite.min(by: { $0.key < $1.key }) {
      throw QuantError(
        .runFailed, "output '\(blob)' has \(count) values that are not finite",
        help: ["look at the images and their preprocessing, or at the weights"])
    }
    return Result(
      name: model.shownName, images: images, seconds: monotonicSeconds() - start, outputs: shapes,
      top1: scores == nil ? nil : meter.top1, top5: scores == nil ? nil : meter.top5,
      predictions: scores == nil || isLabelled ? nil : meter.predictions,
      detections: boxes == nil ? nil : found.values.reduce(0, +), imagesWithDetections: boxes == nil ? nil : found.count
    )
  }

  /// Rows of image, class, score and box; rows without a score hold nothing.
  private static func count(_ rows: Tensor, from first: Int, _ found: inout [Int: Int]) {
    let values = rows.array
    for at in stride(from: 0, to: values.count - 6, by: 7) where values[at] >= 0 && values[at + 2] > 0 {
      found[first + (Int(exactly: values[at]) ?? 0), default: 0] += 1
    }
  }
}

extension LoadedModel {
  /// The net's name, or its file's where it has none.
  package var shownName: String { graph.name.isEmpty ? files.stem : graph.name }
}

/// Looks at the scores of classes, image by image.
struct ScoreMeter {
  private let feed: DataFeed
  private let blob: String
  private let isLabelled: Bool
  private(set) var seen = 0
  private var first = 0
  private var five = 0
  private(set) var predictions: [PretestJob.Result.Prediction] = []

  init(_ feed: DataFeed, _ blob: String, isLabelled: Bool) {
    self.feed = feed
    self.blob = blob
    self.isLabelled = isLabelled
  }

  var top1: Double? { isLabelled && seen > 0 ? Double(first) / Double(seen) : nil }
  var top5: Double? { isLabelled && seen > 0 ? Double(five) / Double(seen) : nil }

  /// Takes the scores of `count` images, the first of which has the number `start`.
  /// - Throws: exit 3 for an image without a label, or one outside the scores.
  mutating func add(_ scores: Tensor, first start: Int, count n: Int) throws(QuantError) {
    let length = scores.count / max(1, n)
    for i in 0..<n where length > 0 {
      seen += 1
      guard isLabelled else {
        predictions.append(prediction(scores, i, length, feed.name(ofItem: start + i)))
        continue
      }
      let rank = try rank(scores, i, length, item: start + i)
      if rank == 0 { first += 1 }
      if rank < 5 { five += 1 }
    }
  }

  private func rank(_ scores: Tensor, _ i: Int, _ length: Int, item: Int) throws(QuantError) -> Int {
    guard let label = try attempting(.badInput, { try feed.label(ofItem: item) }) else {
      throw QuantError(
        .badInput, "image '\(feed.name(ofItem: item))' has no label",
        help: ["give --labels FILE.npy or FILE.txt, or a list with 'path label' lines"])
    }
    guard (0..<length).contains(label) else {
      throw QuantError(
        .badInput, "label \(label) of image '\(feed.name(ofItem: item))' is outside the \(length) scores of '\(blob)'")
    }
    return scores.withView { EvaluateJob.rank(of: label, in: $0.slice(i * length, length)) }
  }

  private func prediction(
    _ scores: Tensor, _ i: Int, _ length: Int, _ image: String
  ) -> PretestJob.Result.Prediction {
    let values = Array(scores.array[i * length..<(i + 1) * length])
    // Higher scores first, equal ones by their index, NaN last.
    let order = values.indices.sorted { a, b in
      if values[a].isNaN || values[b].isNaN { return !values[a].isNaN || (values[b].isNaN && a < b) }
      return values[a] == values[b] ? a < b : values[a] > values[b]
    }.prefix(5)
    return .init(image: image, classes: Array(order), scores: order.map { values[$0] })
  }
}
