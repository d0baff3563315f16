/// What the details of a run tell of a layer, beyond its metric.
package struct LayerFindings: Sendable, Equatable {
  /// A quantised input.
  struct Input: Sendable, Equatable {
    /// Which bottom.
    var bottom: Int
    /// Values of the original, what quantizing makes of them as far as it is known, and the clip range.
    var histogram: Histogram
    /// Shares in 0...1; `nil`: not known.
    var saturated: Double?
    /// Where the tail begins: `99.9999% at 8.9`.
    var tail: String?
  }

  var run: Int
  var layer: String
  var inputs: [Input] = []
  /// Similarity of the layer alone.
  var local: Double?
  /// What the numbers suggest, the most important first.
  var hints: [String] = []
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
