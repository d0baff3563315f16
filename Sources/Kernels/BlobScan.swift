import CKernels
import Tensors

/// How a blob's values lie: `items` of `channels` x `inner` values, channels before or after the others.
package struct ItemShape: Sendable, Hashable {
  package var items: Int
  package var channels: Int
  package var inner: Int
  /// False: C order, `[items, channels, inner]`. True: `[items, inner, channels]`.
  package var isChannelsLast: Bool

  package init(items: Int, channels: Int, inner: Int, isChannelsLast: Bool = false) {
    self.items = items
    self.channels = channels
    self.inner = inner
    self.isChannelsLast = isChannelsLast
  }

  /// - Parameter images: what axis 0 must be for the blob to hold one item per image; otherwise it counts as one item
  ///   without channels.
  package init(_ shape: Shape, images: Int, isChannelsLast: Bool = false) {
    guard images > 0, shape.rank > 0, shape[0] == images else {
      self.init(items: 1, channels: 1, inner: shape.count)
      return
    }
    let channels = shape.rank > 1 ? shape[1] : 1
    self.init(
      items: images, channels: channels, inner: shape.count / images / channels, isChannelsLast: isChannelsLast)
  }

  package var itemCount: Int { channels * inner }
  package var count: Int { items * itemCount }

  /// Values that are looked at repeatedly while they are in the cache; of one item, whole rows or pixels.
  fileprivate struct Chunk: Sendable {
    let item: Int
    /// Of the first value.
    let start: Int
    let count: Int
    /// Of the first row; 0 with channels last.
    let firstChannel: Int
  }

  /// Cut without regard to the number of threads, so that sums don't depend on it.
  fileprivate var chunks: [Chunk] {
    let (length, lines) = isChannelsLast ? (channels, inner) : (inner, channels)
    let step = max(1, 32768 / max(1, length))
    return (0..<items).flatMap { item in
      stride(from: 0, to: lines, by: step).map { line in
        Chunk(
          item: item, start: item * itemCount + line * length, count: min(step, lines - line) * length,
          firstChannel: isChannelsLast ? 0 : line)
      }
    }
  }

  /// Contiguous parts of the chunks, one for each thread that is worth it.
  fileprivate func parts(_ threads: Int) -> [ArraySlice<Chunk>] {
    let chunks = chunks
    let parts = max(1, min(threads, count / 16384, chunks.count))
    return (0..<parts).map { chunks[chunks.count * $0 / parts..<chunks.count * ($0 + 1) / parts] }
  }

  /// Of large blobs a histogram counts one block in so many.
  fileprivate var oneIn: Int { itemCount > 1 << 16 ? 4 : 1 }

  /// Length of the rows, or number of the columns, that belong to one channel each.
  fileprivate var lineLength: Int { isChannelsLast ? channels : inner }

  /// The values of channels-last data in C order.
  package func plain(_ x: FloatView) -> [Float] {
    if !isChannelsLast { return x.array }
    var out = [Float](repeating: 0, count: count)
    for item in 0..<items {
      let base = item * itemCount
      for c in 0..<channels { for p in 0..<inner { out[base + c * inner + p] = x[base + p * channels + c] } }
    }
    return out
  }

  /// Where value `i` of an item in C order lies within the item.
  package func place(_ i: Int) -> Int { isChannelsLast ? i % inner * channels + i / inner : i }
}

/// What one quantization loses of a blob's values.
package struct QuantLosses: Sendable, Hashable {
  /// Values whose code is clipped: beyond the clip range by half a step or more.
  package var clipped = 0
  /// Values that are not 0 but get the code of 0.
  package var zeroed = 0
  package var count = 0

  package init() {}

  package mutating func add(_ x: FloatView, _ rounding: Rounding) {
    var c = ck_losses()
    ck_quant_losses(x.pointer, x.count, rounding.scale, rounding.low, rounding.high, &c)
    clipped += Int(c.clipped)
    zeroed += Int(c.zeroed)
    count += x.count
  }

  package static func += (a: inout QuantLosses, b: QuantLosses) {
    a.clipped += b.clipped
    a.zeroed += b.zeroed
    a.count += b.count
  }

  package var clippedShare: Double { count == 0 ? 0 : Double(clipped) / Double(count) }
  package var zeroedShare: Double { count == 0 ? 0 : Double(zeroed) / Double(count) }
}

/// What a blob's values look like over all batches: histogram, range per channel, losses of the quantizations that read it.
package struct BlobScan: Sendable {
  package private(set) var histogram = Histogram()
  /// Finite range per channel; infinite where there is none. Empty before the first batch.
  package private(set) var channelMin: [Float] = []
  package private(set) var channelMax: [Float] = []
  package let roundings: [Rounding]
  package private(set) var losses: [QuantLosses]

  package init(_ roundings: [Rounding] = []) {
    self.roundings = roundings
    losses = roundings.map { _ in QuantLosses() }
  }

  private struct Part: Sendable {
    var histogram = Histogram()
    var min: [Float]
    var max: [Float]
    var losses: [QuantLosses]
  }

  /// Looks at one batch; copies it to `copy` on the way.
  package mutating func add(_ x: FloatView, _ shape: ItemShape, copy: MutableFloatView? = nil, _ parallel: Parallel) {
    precondition(x.count == shape.count, "as many values as the shape says")
    let work = shape.parts(parallel.threads)
    let roundings = roundings
    let start = Part(
      min: Array(repeating: .infinity, count: shape.channels), max: Array(repeating: -.infinity, count: shape.channels),
      losses: roundings.map { _ in QuantLosses() })
    var parts = work.map { _ in start }
    parallel.update(&parts) { i, part in
      for chunk in work[i] {
        let piece = x.slice(chunk.start, chunk.count)
        if let copy { copy.slice(chunk.start, chunk.count).copy(piece) }
        part.histogram.add(
          piece, shape, position: chunk.start, from: chunk.firstChannel, &part.min, &part.max)
        for (k, rounding) in roundings.enumerated() { part.losses[k].add(piece, rounding) }
      }
    }
    if channelMin.isEmpty { (channelMin, channelMax) = (start.min, start.max) }
    for part in parts {
      histogram += part.histogram
      for k in losses.indices { losses[k] += part.losses[k] }
      guard channelMin.count == shape.channels else { continue }
      for c in channelMin.indices {
        channelMin[c] = min(channelMin[c], part.min[c])
        channelMax[c] = max(channelMax[c], part.max[c])
      }
    }
  }
}

extension Histogram {
  /// Adds rows or columns, each of a channel, and widens the channels' ranges.
  /// - Parameter first: channel of the first row.
  fileprivate mutating func add(
    _ x: FloatView, _ shape: ItemShape, position: Int, from first: Int, _ min: inout [Float], _ max: inout [Float]
  ) {
    let (length, columns) = (shape.lineLength, shape.isChannelsLast)
    let channels = columns ? length : x.count / length
    var low = [Float](repeating: .infinity, count: channels)
    var high = [Float](repeating: -.infinity, count: channels)
    let bad =
      columns
      ? ck_column_ranges(x.pointer, x.count / length, length, &low, &high)
      : ck_row_ranges(x.pointer, channels, length, &low, &high)
    add(
      x, min: low.min() ?? .infinity, max: high.max() ?? -.infinity, notFinite: bad, oneIn: shape.oneIn,
      position: position)
    for c in 0..<channels {
      min[first + c] = Swift.min(min[first + c], low[c])
      max[first + c] = Swift.max(max[first + c], high[c])
    }
  }
}

/// Two blobs compared over all batches: in all, image by image, channel by channel.
package struct PairScan: Sendable {
  package private(set) var total = Comparison()
  /// One per image, in order.
  package private(set) var cosines: [Double] = []
  /// One per channel; empty unless asked for.
  package private(set) var channels: [Comparison] = []
  /// Of the quantized side; empty unless asked for.
  package private(set) var histogram = Histogram()
  private let isDetailed: Bool

  /// - Parameter isDetailed: whether channels and the histogram are wanted.
  package init(isDetailed: Bool) { self.isDetailed = isDetailed }

  private struct Part: Sendable {
    /// Per chunk, of the channels in it.
    var sums: [[Comparison]] = []
    var histogram = Histogram()
  }

  package mutating func add(original o: FloatView, quantized q: FloatView, _ shape: ItemShape, _ parallel: Parallel) {
    precondition(o.count == shape.count && q.count == shape.count, "as many values as the shape says")
    let work = shape.parts(parallel.threads)
    let isDetailed = isDetailed
    var parts = work.map { _ in Part() }
    parallel.update(&parts) { i, part in
      for chunk in work[i] {
        let (a, b) = (o.slice(chunk.start, chunk.count), q.slice(chunk.start, chunk.count))
        part.sums.append(
          Comparison.parts(original: a, quantized: b, length: shape.lineLength, columns: shape.isChannelsLast))
        if isDetailed { part.histogram.add(b, oneIn: shape.oneIn, position: chunk.start) }
      }
    }
    if isDetailed, channels.isEmpty { channels = [Comparison](repeating: Comparison(), count: shape.channels) }
    let hasChannels = isDetailed && channels.count == shape.channels
    var items = [Comparison](repeating: Comparison(), count: shape.items)
    for (chunk, sums) in zip(work.joined(), parts.lazy.flatMap(\.sums)) {
      for (k, sum) in sums.enumerated() {
        items[chunk.item] += sum
        if hasChannels { channels[chunk.firstChannel + k] += sum }
      }
    }
    for item in items {
      total += item
      cosines.append(item.cosine)
    }
    for part in parts { histogram += part.histogram }
  }
}
