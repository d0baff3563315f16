import CaffeFormat
import Datasets
import Diagnostics
import Tensors

/// `cortado dataset info`: what a source of images holds, without decoding it.
package struct DatasetInfo: Encodable, Sendable {
  package struct ShapeCount: Encodable, Sendable, Hashable {
    /// `[C, H, W]`.
    package let shape: [Int]
    package let storage: String
    package var count: Int
  }
  package struct LabelCount: Encodable, Sendable, Hashable {
    package let label: Int
    package let count: Int
  }
  package struct Entry: Encodable, Sendable {
    package let name: String
    package let shape: [Int]
    package let storage: String
    package let label: Int?
  }

  package let spec: String
  /// "folder", "list", "image", "LMDB", "HDF5", "NumPy array".
  package let kind: String
  /// Images that were looked at, and that there are.
  package let count: Int
  package let totalCount: Int
  /// The most frequent first.
  package let shapes: [ShapeCount]
  package let labelled: Int
  /// Ascending by label.
  package let labels: [LabelCount]
  package let first: [Entry]

  /// Looks at every image, or at the first `limit`.
  /// - Throws: exit 3 with the images that cannot be read, up to 20.
  package init(
    _ spec: String, labels: String? = nil, limit: Int? = nil, entries: Int = 5, progress: (Int, Int) -> Void
  ) throws(QuantError) {
    self = try attempting(.badInput) {
      try DatasetInfo(reading: spec, labels: labels, limit: limit, entries: entries, progress)
    }
  }

  private init(
    reading spec: String, labels: String?, limit: Int?, entries: Int, _ progress: (Int, Int) -> Void
  ) throws {
    let source = try ImageSource(
      spec, options: .init(limit: limit, datumDecoder: { try DatumImage(decoding: $0) }), labels: labels)
    var counter = ShapeCounter()
    var histogram: [Int: Int] = [:]
    var first: [Entry] = []
    var log = DiagnosticLog()
    for i in 0..<source.count where !log.isFull {
      if i % 256 == 0 {
        try Interrupt.check()
        progress(i, source.count)
      }
      do throws(DiagnosticError) {
        let info = try source.info(i)
        let label = try source.label(i)
        counter.add(info)
        if let label { histogram[label, default: 0] += 1 }
        if first.count < entries {
          first.append(Entry(name: source.name(i), shape: info.shape.dims, storage: info.storage, label: label))
        }
      } catch {
        log.add(contentsOf: error.diagnostics)
      }
    }
    try log.throwIfErrors()
    progress(source.count, source.count)
    self.spec = spec
    kind = source.kind
    count = source.count
    totalCount = source.totalCount
    shapes = counter.counts
    labelled = histogram.values.reduce(0, +)
    self.labels = histogram.sorted { $0.key < $1.key }.map { LabelCount(label: $0.key, count: $0.value) }
    self.first = first
  }
}

/// Counts images of equal extents and storage.
struct ShapeCounter {
  private var table: [ImageInfo: Int] = [:]

  mutating func add(_ info: ImageInfo) { table[info, default: 0] += 1 }

  /// The most frequent first; equal counts by extents.
  var counts: [DatasetInfo.ShapeCount] {
    table.map { DatasetInfo.ShapeCount(shape: $0.key.shape.dims, storage: $0.key.storage, count: $0.value) }
      .sorted {
        ($1.count, $0.storage) == ($0.count, $1.storage)
          ? $0.shape.lexicographicallyPrecedes($1.shape) : ($1.count, $0.storage) < ($0.count, $1.storage)
      }
  }
}
