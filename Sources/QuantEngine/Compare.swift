import Diagnostics
import Engine
import Foundation
import Kernels
import LayerGraph
import Tensors

/// How close one layer of the quantized net is to the original.
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
}

package struct OutputMetric: Codable, Sendable, Hashable {
  package var blob: String
  package var cosine: Double
  package var cosineMin: Double
  package var sqnr_db: Double
  package var mse: Double
  package var max_abs: Double
  package var slope: Double
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

  package func run(_ news: (Diagnostic) -> Void, progress: (Int, Int) -> Void) throws(QuantError) -> ComparisonReport {
    let a = try LoadedModel(original)
    let b = try LoadedModel(quantized)
    (a.warnings + b.warnings).forEach(news)
    let mapping = try attempting(.badInput) {
      try LayerMapping(original: a.graph, quantized: b.graph, quantJSON: quantJSON.map { try QuantJSONFile(path: $0) })
    }
    return try Self.compare(a, b, mapping, try DataFeed(data, for: a), threads: threads, progress: progress)
  }

  /// - Parameter limit: batches to use at most.
  static func compare(
    _ a: LoadedModel, _ b: LoadedModel, _ mapping: LayerMapping, _ feed: DataFeed, threads: Int, limit: Int = .max,
    progress: (Int, Int) -> Void
  ) throws(QuantError) -> ComparisonReport {
    let pairs = mapping.layers.map { ($0.original, $0.quantized) } + mapping.outputs.map { ($0.original, $0.quantized) }
    let runnerA = NetRunner(a, threads: threads, observed: .only(Set(pairs.map(\.0))))
    let runnerB = NetRunner(b, threads: threads, observed: .only(Set(pairs.map(\.1))))
    let keeper = BlobKeeper(Set(pairs.map(\.0)))
    let meter = ComparisonMeter(pairs)
    let count = min(limit, feed.batchCount)
    var images = 0
    for k in 0..<count {
      let batch = try attempting(.badInput) { try feed.batch(k) }
      let n = batch[0].tensor.shape.legacy(0)
      images += n
      try runnerA.forward(batch, keeper)
      meter.begin(keeper.values, images: n)
      try runnerB.forward(batch, meter)
      // Lets the keeper write over its copies instead of making new ones.
      meter.begin([:], images: n)
      progress(k + 1, count)
    }
    return meter.report(mapping, images: images)
  }
}

/// Keeps copies of blobs of one batch.
private final class BlobKeeper: RunObserver {
  private let wanted: Set<BlobID>
  private(set) var values: [BlobID: Tensor] = [:]

  init(_ wanted: Set<BlobID>) { self.wanted = wanted }

  func wants(_ blob: BlobID) -> Bool { wanted.contains(blob) }

  func observe(_ blob: BlobID, _ lanes: LaneValues) throws(DiagnosticError) {
    var tensor = values.removeValue(forKey: blob) ?? Tensor(shape: lanes.shape)
    if tensor.shape != lanes.shape { tensor = Tensor(shape: lanes.shape) }
    tensor.withMutable { $0.copy(lanes.lanes[0]) }
    values[blob] = tensor
  }
}

/// Adds up similarity image by image while the quantized net runs.
private final class ComparisonMeter: RunObserver {
  private struct Sums {
    var total = Comparison()
    var cosines: [Double] = []
  }

  private let pairs: [(BlobID, BlobID)]
  private let byQuantized: [BlobID: [Int]]
  private var originals: [BlobID: Tensor] = [:]
  private var images = 1
  private var sums: [Sums]

  init(_ pairs: [(BlobID, BlobID)]) {
    self.pairs = pairs
    var table: [BlobID: [Int]] = [:]
    for (i, pair) in pairs.enumerated() { table[pair.1, default: []].append(i) }
    byQuantized = table
    sums = pairs.map { _ in Sums() }
  }

  func begin(_ values: [BlobID: Tensor], images: Int) {
    originals = values
    self.images = images
  }

  func wants(_ blob: BlobID) -> Bool { byQuantized[blob] != nil }

  func observe(_ blob: BlobID, _ values: LaneValues) throws(DiagnosticError) {
    let q = values.lanes[0]
    for i in byQuantized[blob] ?? [] {
      guard let o = originals[pairs[i].0], o.count == q.count else {
        throw DiagnosticError("a blob has another shape in the quantized net: \(values.shape)")
      }
      // A blob whose first axis isn't the batch counts as one item.
      let parts = values.shape.legacy(0) == images && images > 0 ? images : 1
      let length = q.count / parts
      for k in 0..<parts {
        let c = o.withView {
          Comparison(original: $0.slice(k * length, length), quantized: q.slice(k * length, length))
        }
        sums[i].total += c
        sums[i].cosines.append(c.cosine)
      }
    }
  }

  func report(_ mapping: LayerMapping, images: Int) -> ComparisonReport {
    func mean(_ v: [Double]) -> Double { v.isEmpty ? .nan : v.reduce(0, +) / Double(v.count) }
    func least(_ v: [Double]) -> Double { v.contains(where: \.isNaN) ? .nan : v.min() ?? .nan }
    let layers = mapping.layers.enumerated().map { i, m in
      let (t, c) = (sums[i].total, sums[i].cosines)
      return LayerMetric(
        layer: m.layer, type: m.type, state: m.isQuantized ? "quantized" : "float", cosine: mean(c),
        cosineMin: least(c),
        sqnr_db: t.sqnr, mse: t.mse, max_abs: t.maxAbs, slope: t.slope)
    }
    let outputs = mapping.outputs.enumerated().map { k, m in
      let (t, c) = (sums[mapping.layers.count + k].total, sums[mapping.layers.count + k].cosines)
      return OutputMetric(
        blob: m.blob, cosine: mean(c), cosineMin: least(c), sqnr_db: t.sqnr, mse: t.mse, max_abs: t.maxAbs,
        slope: t.slope)
    }
    return ComparisonReport(images: images, metric: "chain", layers: layers, outputs: outputs)
  }
}
