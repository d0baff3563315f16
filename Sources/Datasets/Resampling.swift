/// Where one output position of a bilinear resize reads: `(1 - weight) * source[low] + weight * source[high]`.
struct BilinearTap: Equatable {
  var low: Int
  var high: Int
  var weight: Float

  /// The tap of output position `i` when `source` samples become `target`: half-pixel centres,
  /// `s = (i + 0.5) * source / target - 0.5`, clamped to the first and last sample; no smoothing when shrinking.
  init(_ i: Int, source: Int, target: Int) {
    let position = (Double(i) + 0.5) * Double(source) / Double(target) - 0.5
    let clamped = min(max(position, 0), Double(source - 1))
    low = Int(clamped)
    high = min(low + 1, source - 1)
    weight = Float(clamped - Double(low))
  }

  /// The taps of the output positions in `range`.
  static func taps(_ range: Range<Int>, source: Int, target: Int) -> [BilinearTap] {
    range.map { BilinearTap($0, source: source, target: target) }
  }
}

/// Height and width in pixels.
package struct Extent: Hashable, Sendable, CustomStringConvertible {
  package var height: Int
  package var width: Int

  package init(height: Int, width: Int) {
    self.height = height
    self.width = width
  }

  package var description: String { "\(height) x \(width)" }
}

/// The size an image is brought to before it is cropped.
package enum Resize: Hashable, Sendable {
  case exact(Extent)
  /// The shorter side gets this length; the longer one keeps the proportion, rounded to nearest (halves up).
  case shorter(Int)

  package func applied(to source: Extent) -> Extent {
    switch self {
    case .exact(let extent): return extent
    case .shorter(let side):
      let (short, long) = (min(source.height, source.width), max(source.height, source.width))
      let longer = (2 * long * side + short) / (2 * short)
      return source.height <= source.width
        ? Extent(height: side, width: longer) : Extent(height: longer, width: side)
    }
  }
}
