import Tensors

/// Searches the right shift N that brings int32 accumulators into 16 bits with the least error.
///
/// `s = round(y / deq)` (half away from zero, saturated to int32); for N in 1...16
/// `z = clip(floor(s / 2^N), -32768, 32767) * 2^N` and `err_N = sum (z - s)^2`; the first smallest wins.
/// - Source: amct-facts 1.2, 2.5.
package enum SearchN {
  package static let shifts = 1...16

  /// `round(y / deq)` with a float32 quotient; NaN counts as 0.
  package static func accumulators(_ y: FloatView, deq: Float) -> [Int32] {
    (0..<y.count).map { i in
      let q = Double((y[i] / deq).rounded(.toNearestOrAwayFromZero))
      return q.isNaN ? 0 : Int32(max(min(q, 2_147_483_647), -2_147_483_648))
    }
  }

  /// The sum of squared errors of each shift in `shifts`, exact up to the rounding of the Double sum.
  package static func errors(_ accumulators: [Int32]) -> [Double] {
    shifts.map { n in
      var sum = 0.0
      for s in accumulators {
        // An arithmetic shift is the floor of the division.
        let z = Int(min(max(s >> Int32(n), -32768), 32767)) << n
        let e = Double(z - Int(s))
        sum += e * e
      }
      return sum
    }
  }

  /// The best shift; 1 without values.
  package static func best(_ errors: [Double]) -> Int {
    var best = 0
    for i in errors.indices where errors[i] < errors[best] { best = i }
    return shifts.lowerBound + best
  }

  /// The best shift of each row of y, and of all rows together.
  ///
  /// - Parameters:
  ///   - rows: equal parts of y, one per channel.
  ///   - deq: `scale_d * scale_w` per row, or one for all.
  package static func search(_ y: FloatView, rows: Int, deq: [Float]) -> (perRow: [Int], tensor: Int) {
    precondition(rows > 0 && y.count % rows == 0, "rows of equal length")
    precondition(deq.count == rows || deq.count == 1, "\(deq.count) scales for \(rows) rows")
    let length = y.count / rows
    var perRow: [Int] = []
    var total = Array(repeating: 0.0, count: shifts.count)
    for row in 0..<rows {
      let scale = deq[deq.count == 1 ? 0 : row]
      let errors = errors(accumulators(y.slice(row * length, length), deq: scale))
      perRow.append(best(errors))
      for i in total.indices { total[i] += errors[i] }
    }
    return (perRow, best(total))
  }
}
