import Kernels
import QuantEngine
import Quantization

/// What the details of a run tell of a layer, beyond its metric, ready to be shown.
struct LayerFindings: Sendable, Equatable {
  /// A quantised input.
  struct Input: Sendable, Equatable {
    /// Which bottom.
    var bottom: Int
    /// Values of the original, what quantizing makes of them, and the clip range.
    var histogram: Histogram
    /// Where the tail begins: `99.9999% at 8.9`.
    var tail: String?
  }

  var run: Int
  var layer: String
  var inputs: [Input] = []
  /// What the numbers suggest, the most important first.
  var hints: [String] = []

  init(_ details: LayerDetails, run: Int, of row: LayerRow, _ workspace: Workspace, threshold: Double) {
    self.run = run
    layer = details.layer
    inputs = details.inputs.map { input in
      Input(
        bottom: input.bottom, histogram: Self.histogram(input),
        tail: input.tail.map { "\(PlotNumber.text($0.percent))% at \(PlotNumber.text(Double($0.at)))" })
    }
    var isChannelWise: Bool?
    switch workspace.node(of: row).flatMap({ workspace.config.weights(of: $0) }) {
    case .uniform(let flag, _), .nonUniform(let flag, _, _, _, _): isChannelWise = flag
    case nil: break
    }
    hints = LayerHint.all(
      details, metric: workspace.metrics[layer], threshold: threshold, hasChannelWiseWeights: isChannelWise
    ).map(\.text)
    if let worst = details.channelsWorstFirst.first, details.channelCosine.count > 1, !(worst.cosine >= threshold) {
      hints.append("worst channel \(worst.index), cos \(Digits.cosine(worst.cosine))")
    }
  }

  private static func histogram(_ input: LayerDetails.Input) -> Histogram {
    let bins = input.histogram
    let end = bins.start + bins.width * Double(max(1, bins.counts.count))
    var clips: [Double] = []
    // A clip bound at the end of the data clips nothing.
    if input.clipMin > input.rangeMin { clips.append(Double(input.clipMin)) }
    if input.clipMax < input.rangeMax { clips.append(Double(input.clipMax)) }
    return Histogram(
      counts: bins.counts, overlay: quantized(bins, input), range: bins.start...max(end, bins.start), clips: clips)
  }

  /// Where the values of each bin are when they are quantized: the middle of the bin goes to the nearest step, within
  /// the clip range.
  static func quantized(_ bins: BinCounts, _ input: LayerDetails.Input) -> [Int] {
    guard input.scale > 0, bins.width > 0 else { return [] }
    let scale = Double(input.scale)
    var counts = [Int](repeating: 0, count: bins.counts.count)
    for (bin, count) in bins.counts.enumerated() where count > 0 {
      let middle = bins.start + (Double(bin) + 0.5) * bins.width
      let step = (middle / scale).rounded() * scale
      let value = min(max(step, Double(input.clipMin)), Double(input.clipMax))
      let place = ((value - bins.start) / bins.width).rounded(.down)
      counts[Int(min(max(place, 0), Double(counts.count - 1)))] += count
    }
    return counts
  }
}

extension Histogram {
  /// The value that a share of all counted values do not pass, to within a bin; `nil` when nothing is counted.
  func quantile(_ share: Double) -> Double? {
    let total = counts.reduce(0, +)
    guard total > 0 else { return nil }
    let width = (range.upperBound - range.lowerBound) / Double(counts.count)
    var sum = 0
    for (bin, count) in counts.enumerated() {
      sum += count
      if Double(sum) >= share * Double(total) {
        return min(range.upperBound, range.lowerBound + Double(bin + 1) * width)
      }
    }
    return range.upperBound
  }
}
