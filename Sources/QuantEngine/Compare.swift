import Diagnostics
import Engine
import LayerGraph
import Tensors

/// How close one layer of the quantized net is to the original: chain error, unless a figure is called local.
///
/// Figures that runs of earlier versions did not measure are `nil`.
package struct LayerMetric: Codable, Sendable, Hashable {
  package var layer: String
  package var type: String
  /// "quantized" or "float".
  package var state: String
  /// Mean over images of the cosine in [-1, 1].
  package var cosine: Double
  package var cosineMin: Double
  package var sqnr_db: Double
  package var mse: Double
  package var max_abs: Double
  package var slope: Double
  /// `|q - o| / |o|`.
  package var rel_l2: Double?
  /// Mean of `q - o`.
  package var mean_bias: Double?
  /// Share of the values that are not 0 in the original and 0 in the quantized net.
  package var zeroed: Double?
  /// Share of the values of the layer's quantized inputs, in the original net, whose code is clipped. `nil` for float
  /// layers.
  package var saturated: Double?
  /// The layer alone: its fake-quant version fed the original's values, mean and least cosine over images. `nil` for
  /// float layers.
  package var local: Double?
  package var localMin: Double?
  package var local_sqnr_db: Double?
}

package struct OutputMetric: Codable, Sendable, Hashable {
  package var blob: String
  package var cosine: Double
  package var cosineMin: Double
  package var sqnr_db: Double
  package var mse: Double
  package var max_abs: Double
  package var slope: Double
  /// `|q - o| / |o|`.
  package var rel_l2: Double?
  /// Mean of `q - o`.
  package var mean_bias: Double?
  /// Share of the values that are not 0 in the original and 0 in the quantized net.
  package var zeroed: Double?
}

/// The result of `cortado compare`.
package struct ComparisonReport: Codable, Sendable, Hashable {
  package var images: Int
  /// "chain": all layers quantized, both nets fed the same image.
  package var metric: String
  package var layers: [LayerMetric]
  package var outputs: [OutputMetric]

  /// The lowest cosine of an output, NaN first.
  package var outputCosine: Double {
    outputs.map(\.cosine).min { $0.isNaN ? true : $1.isNaN ? false : $0 < $1 } ?? .nan
  }
}

/// Runs two nets on the same images and compares every layer that both have.
package struct CompareJob {
  package var original: ModelFiles
  package var quantized: ModelFiles
  package var quantJSON: String?
  package var data: DataOptions
  package var threads: Int

  package init(original: ModelFiles, quantized: ModelFiles, quantJSON: String?, data: DataOptions, threads: Int) {
    self.original = original
    self.quantized = quantized
    self.quantJSON = quantJSON
    self.data = data
    self.threads = threads
  }

  /// - Returns: metrics, and what is worth keeping of each layer.
  package func run(
    _ news: (Diagnostic) -> Void, progress: (Int, Int) -> Void
  ) throws(QuantError) -> ComparisonOutcome {
    let levels = try AMCTLog.Levels.fromEnvironment()
    let b = try LoadedModel(quantized)
    var original = original
    if original.part.isWhole {
      // The part of the original that was quantized: the other net has its blobs under their names.
      let whole = try LoadedModel(original)
      original.part = NetPart(of: whole.graph, coveredBy: b.graph)
      if !original.part.isWhole { news(.note("compared with \(original.part.text) of \(original.prototxt)")) }
    }
    let a = try LoadedModel(original)
    (a.warnings + b.warnings).forEach(news)
    let mapping = try attempting(.badInput) {
      try LayerMapping(original: a.graph, quantized: b.graph, quantJSON: quantJSON.map { try QuantJSONFile(path: $0) })
    }
    let feed = try DataFeed(data, for: a)
    feed.warnings.forEach(news)
    if let layerData = LayerDataLog(levels) {
      try layerData.write(b, try attempting(.badInput) { try feed.batch(0) }, threads: threads)
    }
    return try Self.compare(a, b, mapping, feed, threads: threads, progress: progress)
  }

  /// Runs the original net with the local twins, then the quantized net, batch by batch.
  /// - Parameter limit: batches to use at most.
  static func compare(
    _ a: LoadedModel, _ b: LoadedModel, _ mapping: LayerMapping, _ feed: DataFeed, threads: Int, limit: Int = .max,
    progress: (Int, Int) -> Void
  ) throws(QuantError) -> ComparisonOutcome {
    let (a, feed, limit) = try smallBatches(a, feed, limit)
    let local = try LocalModel(a, b.graph, mapping)
    let meter = ComparisonMeter(mapping, local.net, threads: threads)
    let runnerA = NetRunner(local, threads: threads, observed: .only(meter.original.observed))
    let runnerB = NetRunner(b, threads: threads, observed: .only(meter.quantized.observed))
    let count = min(limit, feed.batchCount)
    var images = 0
    for k in 0..<count {
      let batch = try attempting(.badInput) { try feed.batch(k) }
      let n = batch[0].tensor.shape.legacy(0)
      images += n
      meter.begin(images: n)
      try runnerA.forward(batch, meter.original)
      try runnerB.forward(batch, meter.quantized)
      progress(k + 1, count)
    }
    return ComparisonOutcome(
      report: meter.report(images: images), details: meter.details(local.graph, b.graph),
      imageNames: (0..<images).map { feed.name(ofItem: $0) })
  }
}

extension CompareJob {
  /// Values of the largest blob of a batch that may be in the cache while they are compared.
  private static let cachedValues = 1 << 20

  /// The original net for the first batch, and the feed in batches so small that blobs stay in the cache: images don't
  /// depend on each other. Nets and feeds that have one batch size keep it.
  private static func smallBatches(
    _ model: LoadedModel, _ feed: DataFeed, _ limit: Int
  ) throws(QuantError) -> (LoadedModel, DataFeed, limit: Int) {
    let whole = try model.reshaped(feed.shapes(ofBatch: 0))
    let largest = whole.graph.blobs.compactMap(\.shape?.count).max() ?? 0
    let wanted = max(1, cachedValues * feed.batchSize / max(1, largest))
    // Whole batches are used, so the parts must fill them.
    let size = (1...max(1, feed.batchSize)).last { $0 <= wanted && feed.batchSize % $0 == 0 } ?? feed.batchSize
    let images = limit < feed.batchCount ? limit * feed.batchSize : feed.itemCount
    guard size < feed.batchSize, let small = feed.regrouped(size: size, images: images),
      let reshaped = try? model.reshaped(small.shapes(ofBatch: 0)), reshaped.keepsItems(of: whole, size)
    else { return (whole, feed, limit) }
    return (reshaped, small, .max)
  }
}

extension LoadedModel {
  /// True when every blob of the other model that had one item per image has so here, and all others are as they were.
  fileprivate func keepsItems(of other: LoadedModel, _ size: Int) -> Bool {
    guard let full = other.graph.inputs.first.flatMap({ other.graph.shape($0)?.legacy(0) }) else { return false }
    return zip(graph.blobs, other.graph.blobs).allSatisfy { mine, whole in
      guard let a = mine.shape, let b = whole.shape, a.rank == b.rank else { return mine.shape == whole.shape }
      if b.rank > 0, b[0] == full { return a[0] == size && a.dims.dropFirst() == b.dims.dropFirst() }
      return a == b
    }
  }
}

/// What a comparison found.
package struct ComparisonOutcome: Sendable {
  package var report: ComparisonReport
  /// One per layer of the report.
  package var details: [LayerDetails]
  /// By number.
  package var imageNames: [String]

  /// Writes `details` as a run folder keeps them.
  package func writeDetails(to path: String) throws(QuantError) {
    try attempting(.runFailed) { try DetailsFile.write(details, images: imageNames, to: path) }
  }
}
