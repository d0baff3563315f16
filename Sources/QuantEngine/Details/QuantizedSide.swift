import Diagnostics
import Engine
import Kernels
import LayerGraph
import Tensors

/// Watches the quantized net and compares its values with those that `OriginalSide` kept of the same images.
final class QuantizedSide: RunObserver {
  private let original: OriginalSide
  private let parallel: Parallel
  private let pairs: [(original: BlobID, quantized: BlobID)]
  private let byQuantized: [BlobID: [Int]]
  private let pointLimit: Int
  private(set) var scans: [PairScan]
  private(set) var scatters: [ScatterSample?]

  /// - Parameters:
  ///   - pairs: blobs of the two nets, the original's in the graph of the local net.
  ///   - detailed: how many of them, from the first on, are layers of which details are wanted.
  init(_ original: OriginalSide, _ pairs: [(original: BlobID, quantized: BlobID)], detailed: Int, threads: Int) {
    self.original = original
    self.pairs = pairs
    parallel = Parallel(threads: threads)
    var table: [BlobID: [Int]] = [:]
    for (i, pair) in pairs.enumerated() { table[pair.quantized, default: []].append(i) }
    byQuantized = table
    scans = pairs.indices.map { PairScan(isDetailed: $0 < detailed) }
    scatters = [ScatterSample?](repeating: nil, count: detailed)
    pointLimit = ScatterSample.limit(layers: detailed)
  }

  var observed: Set<BlobID> { Set(byQuantized.keys) }

  func wants(_ blob: BlobID) -> Bool { byQuantized[blob] != nil }

  let takesChannelsLast = true

  func observe(_ blob: BlobID, _ lanes: LaneValues) throws(DiagnosticError) {
    for i in byQuantized[blob] ?? [] {
      try original.compare(pairs[i].original, lanes) { o, q, shape in
        let before = scans[i].cosines.count
        scans[i].add(original: o, quantized: q, shape, parallel)
        if i < scatters.count { sample(i, from: before, o, q, shape) }
      }
    }
  }

  /// Keeps points of the worst image so far, the first of several.
  private func sample(_ i: Int, from first: Int, _ o: FloatView, _ q: FloatView, _ shape: ItemShape) {
    let length = shape.itemCount
    for item in 0..<shape.items {
      let cosine = scans[i].cosines[first + item]
      if let known = scatters[i]?.cosine, known.isNaN || !(cosine.isNaN || cosine < known) { continue }
      scatters[i] = ScatterSample(
        image: first + item, cosine: cosine, original: o.slice(item * length, length),
        quantized: q.slice(item * length, length), shape, limit: pointLimit)
    }
  }
}

/// Points (original, fake-quant) of one image.
struct ScatterSample: Sendable {
  let image: Int
  let cosine: Double
  let original: [Float]
  let quantized: [Float]

  /// Points per layer: 4096, fewer where thousands of layers would make the file large.
  static func limit(layers: Int) -> Int { min(4096, max(256, (1 << 20) / max(1, layers))) }

  /// - Parameter limit: points at most; of more values as many are taken, one from each of equal stretches.
  init(image: Int, cosine: Double, original o: FloatView, quantized q: FloatView, _ shape: ItemShape, limit: Int) {
    self.image = image
    self.cosine = cosine
    let places = Self.places(o.count, limit: limit).map(shape.place)
    original = places.map { o[$0] }
    quantized = places.map { q[$0] }
  }

  /// Ascending places in `0 ..< count`. Within its stretch a place is chosen by multiples of the golden ratio, so that the
  /// period of rows and channels doesn't show.
  static func places(_ count: Int, limit: Int) -> [Int] {
    if count <= limit { return Array(0..<count) }
    return (0..<limit).map { k in
      let (start, end) = (k * count / limit, (k + 1) * count / limit)
      let fraction = UInt32(truncatingIfNeeded: k) &* 2_654_435_769
      return start + Int((UInt64(fraction) * UInt64(end - start)) >> 32)
    }
  }
}
