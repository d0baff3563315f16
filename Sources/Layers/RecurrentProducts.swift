import Kernels
import Tensors

/// How a recurrent layer multiplies rows of values with a matrix: with sums in Double, which defines the layer, or by
/// oneDNN's float product of all rows at once.
struct RecurrentProducts: Sendable {
  /// `nil`: sums in Double.
  var parallel: Parallel?

  /// `W v` for each of several rows `v`: `[count, rows]` from `[count, columns]` and weights of `[rows, columns]`.
  func product(_ values: [Double], _ weights: FloatView, rows: Int, columns: Int) -> [Double] {
    let count = values.count / columns
    if parallel != nil {
      let floats = Tensor(shape: [count, columns], values.map { Float($0) })
      return floats.withView { product($0, weights, rows: rows, columns: columns) }
    }
    var sums = [Double](repeating: 0, count: count * rows)
    for k in 0..<count {
      for row in 0..<rows {
        var sum = 0.0
        for i in 0..<columns { sum += Double(weights[row * columns + i]) * values[k * columns + i] }
        sums[k * rows + row] = sum
      }
    }
    return sums
  }

  /// The same of values that are floats.
  func product(_ values: FloatView, _ weights: FloatView, rows: Int, columns: Int) -> [Double] {
    let count = values.count / columns
    guard let parallel else {
      return product(values.array.map { Double($0) }, weights, rows: rows, columns: columns)
    }
    var sums = Tensor(shape: [count, rows])
    sums.withMutable { sums in
      MatrixProduct(rows: count, columns: rows, inner: columns, transposesB: true)
        .run(values, weights, sums, parallel: parallel)
    }
    return sums.array.map { Double($0) }
  }
}
