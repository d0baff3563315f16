/// Ascending floats whose sums over any range are at hand.
///
/// Sums up to every 64th value are kept, in double; a sum over a range adds at most 126 values to two of them.
package struct SortedValues: Sendable {
  private static let block = 64
  private let values: [Float]
  private let sums: [Double]
  private let squares: [Double]

  /// - Precondition: `values` are ascending and finite.
  package init(_ values: [Float]) {
    self.values = values
    var (sum, square) = (0.0, 0.0)
    var sums: [Double] = []
    var squares: [Double] = []
    sums.reserveCapacity(values.count / Self.block + 1)
    squares.reserveCapacity(values.count / Self.block + 1)
    for (i, value) in values.enumerated() {
      if i % Self.block == 0 {
        sums.append(sum)
        squares.append(square)
      }
      let wide = Double(value)
      sum += wide
      square += wide * wide
    }
    sums.append(sum)
    squares.append(square)
    (self.sums, self.squares) = (sums, squares)
  }

  package var count: Int { values.count }
  package subscript(index: Int) -> Double { Double(values[index]) }
  var first: Double { self[0] }
  var last: Double { self[count - 1] }
  var mean: Double { sum(0..<count) / Double(count) }

  /// The root of the mean squared distance.
  func deviation(from centre: Double) -> Double {
    var sum = 0.0
    for value in values {
      let distance = Double(value) - centre
      sum += distance * distance
    }
    return (sum / Double(count)).squareRoot()
  }

  /// How many values are at most `limit`.
  package func countUpTo(_ limit: Double) -> Int {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if Double(values[middle]) <= limit { low = middle + 1 } else { high = middle }
    }
    return low
  }

  package func sum(_ range: Range<Int>) -> Double { sumUpTo(range.upperBound).sum - sumUpTo(range.lowerBound).sum }

  /// `sum (x - centre)^2`, from the sums of x and x^2; never negative.
  func squaredDistance(_ range: Range<Int>, from centre: Double) -> Double {
    let (high, low) = (sumUpTo(range.upperBound), sumUpTo(range.lowerBound))
    let sum = high.sum - low.sum
    return max(0, high.square - low.square - 2 * centre * sum + Double(range.count) * centre * centre)
  }

  private func sumUpTo(_ index: Int) -> (sum: Double, square: Double) {
    let block = index / Self.block
    var (sum, square) = (sums[block], squares[block])
    for i in block * Self.block..<index {
      let wide = Double(values[i])
      sum += wide
      square += wide * wide
    }
    return (sum, square)
  }
}
