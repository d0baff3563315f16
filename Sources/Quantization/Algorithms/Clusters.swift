import Tensors

/// 16 clusters of values on a line by k-means (Lloyd's iteration). The values are sorted once; then an iteration costs
/// a search for each boundary between clusters.
///
/// A cluster is the values between the midpoints to the neighbouring centres, a midpoint itself included above and not
/// below. An iteration moves each centre to its cluster's mean; a cluster without values keeps its centre. It ends when
/// the squares of all moves add up to `minDistance` or less, or after `maxIteration` iterations.
/// - Source: Lloyd 1982, "Least squares quantization in PCM", doi:10.1109/TIT.1982.1056489; amct-facts 2.3.
package struct Clusters: Sendable {
  package static let count = 16

  /// Ascending.
  package private(set) var centres: [Double]
  package private(set) var iterations = 0

  /// - Parameters:
  ///   - values: ascending and finite; without any, all centres are 0.
  package init(_ values: SortedValues, start: ClusterStart, maxIteration: Int, minDistance: Double) {
    guard values.count > 0 else {
      centres = Array(repeating: 0, count: Self.count)
      return
    }
    centres = start.centres(values)
    while iterations < maxIteration {
      iterations += 1
      if move(values) <= minDistance { break }
    }
  }

  /// One iteration.
  /// - Returns: the sum of the squared moves.
  private mutating func move(_ values: SortedValues) -> Double {
    var moved = 0.0
    var begin = 0
    var next = centres
    for k in centres.indices {
      let end =
        k + 1 == centres.count ? values.count : max(begin, values.countUpTo((centres[k] + centres[k + 1]) / 2))
      if end > begin { next[k] = values.sum(begin..<end) / Double(end - begin) }
      let distance = next[k] - centres[k]
      moved += distance * distance
      begin = end
    }
    centres = next
    return moved
  }
}

/// Where the clustering of non-uniform weights begins: `init_algo`.
package enum ClusterStart: String, Hashable, Sendable, CaseIterable {
  /// `min + (k + 1/2) * (max - min) / 16`.
  case uniform
  /// `mean + deviation * probit((k + 1/2) / 16)`, not beyond the values.
  case gaussian
  /// k-means++: the first centre is any value, each further one a value drawn by the squared distance to the nearest
  /// centre. The draws come from a fixed seed.
  /// - Source: Arthur, Vassilvitskii 2007, "k-means++: the advantages of careful seeding".
  case d2sampling

  /// The centres to begin with, ascending.
  func centres(_ values: SortedValues) -> [Double] {
    switch self {
    case .uniform:
      return (0..<Clusters.count).map {
        values.first + (Double($0) + 0.5) / Double(Clusters.count) * (values.last - values.first)
      }
    case .gaussian:
      let mean = values.mean
      let deviation = values.deviation(from: mean)
      return (Self.upperProbits.reversed().map { -$0 } + Self.upperProbits).map {
        min(max(mean + deviation * $0, values.first), values.last)
      }
    case .d2sampling: return Self.drawn(values)
    }
  }

  /// probit((k + 1/2) / 16) for k = 8...15; those below are the same with a minus sign.
  private static let upperProbits = [
    0.07841241273311219854, 0.23720210932878769112, 0.40225006532172529122, 0.57913216225555592412,
    0.7764217611479276183, 1.0099901692495820954, 1.3180108973035367049, 1.8627318674216514555,
  ]

  private static func drawn(_ values: SortedValues) -> [Double] {
    let count = Clusters.count
    var random = SeededRandom(seed: 16)
    var centres = [values[min(values.count - 1, Int(random.wideUniform() * Double(values.count)))]]
    while centres.count < count {
      // Clusters of the centres so far, and the squared distances in each.
      var cells: [(range: Range<Int>, centre: Double, total: Double)] = []
      var begin = 0
      for k in centres.indices {
        let end = k + 1 == centres.count ? values.count : values.countUpTo((centres[k] + centres[k + 1]) / 2)
        cells.append((begin..<end, centres[k], values.squaredDistance(begin..<end, from: centres[k])))
        begin = end
      }
      let total = cells.reduce(0) { $0 + $1.total }
      var rest = random.wideUniform() * total
      // Fewer values than centres: some centres stand twice and stay without values.
      guard total > 0, let last = cells.lastIndex(where: { $0.total > 0 }) else {
        centres += Array(repeating: values.last, count: count - centres.count)
        break
      }
      var chosen = 0
      while chosen < last, rest >= cells[chosen].total {
        rest -= cells[chosen].total
        chosen += 1
      }
      let (range, centre, _) = cells[chosen]
      // The first value up to which, itself included, the distances pass `rest`.
      var (low, high) = (range.lowerBound, range.upperBound - 1)
      while low < high {
        let middle = (low + high) / 2
        if values.squaredDistance(range.lowerBound..<middle + 1, from: centre) > rest {
          high = middle
        } else {
          low = middle + 1
        }
      }
      centres.append(values[low])
      centres.sort()
    }
    return centres
  }
}
