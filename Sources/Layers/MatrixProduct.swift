import Kernels
import Tensors

/// Products of matrices, both of which are data: `C = alpha * op(A) * op(B) + beta * C`, many of them in one go.
///
/// `op(A)` is `[rows, inner]`, `op(B)` is `[inner, columns]`, all in C order. Cut into blocks that do not depend on the
/// threads, each computed by one of them, so that neither do the bits.
struct MatrixProduct: Sendable {
  let rows: Int
  let columns: Int
  let inner: Int
  /// Stored as `[inner, rows]`.
  var transposesA = false
  /// Stored as `[columns, inner]`.
  var transposesB = false
  var alpha: Float = 1
  var beta: Float = 0
  /// How many products there are, along axes of their own; a scalar is one.
  var batch: Shape = []
  /// How many matrices further A and B are for one step along each axis of the batch; 0 where one serves all.
  var steps: (a: [Int], b: [Int]) = ([], [])

  /// Where the matrices of a product begin.
  private func place(_ item: Int) -> (a: Int, b: Int, c: Int) {
    var (rest, a, b) = (item, 0, 0)
    for axis in (0..<batch.rank).reversed() {
      a += rest % batch[axis] * steps.a[axis]
      b += rest % batch[axis] * steps.b[axis]
      rest /= batch[axis]
    }
    return (a * rows * inner, b * inner * columns, item * rows * columns)
  }

  private var rowStep: Int { rows < 128 ? rows : max(64, (rows / 16 + 15) / 16 * 16) }
  private var columnStep: Int { rows >= 128 || columns < 256 ? columns : max(128, (columns / 16 + 15) / 16 * 16) }

  func run(_ a: FloatView, _ b: FloatView, _ c: MutableFloatView, parallel: Parallel) {
    let (rowStep, columnStep) = (rowStep, columnStep)
    let (down, across) = ((rows + rowStep - 1) / rowStep, (columns + columnStep - 1) / columnStep)
    parallel.forEach(batch.count * down * across) { block in
      let place = place(block / (down * across))
      let (row, column) = (block / across % down * rowStep, block % across * columnStep)
      let (m, n) = (min(rowStep, rows - row), min(columnStep, columns - column))
      MatrixLoops.multiply(
        a.slice(place.a, rows * inner), from: transposesA ? row : row * inner, stride: transposesA ? rows : inner,
        transposed: transposesA,
        b.slice(place.b, inner * columns), from: transposesB ? column * inner : column,
        stride: transposesB ? inner : columns, transposed: transposesB,
        into: c.slice(place.c, rows * columns), from: row * columns + column, stride: columns,
        extents: (m, n, inner), alpha: alpha, beta: beta)
    }
  }

  /// Plain loops with sums in Double.
  func reference(_ a: FloatView, _ b: FloatView, _ c: MutableFloatView) {
    for item in 0..<batch.count {
      let place = place(item)
      for i in 0..<rows {
        for j in 0..<columns {
          var sum = 0.0
          for k in 0..<inner {
            sum +=
              Double(a[place.a + (transposesA ? k * rows + i : i * inner + k)])
              * Double(b[place.b + (transposesB ? j * inner + k : k * columns + j)])
          }
          let at = place.c + i * columns + j
          c[at] = Float(Double(alpha) * sum + (beta == 0 ? 0 : Double(beta) * Double(c[at])))
        }
      }
    }
  }
}
