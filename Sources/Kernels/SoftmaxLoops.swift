import Glibc
import Tensors

/// Softmax over the middle axis of C-order `[outer, count, inner]`.
package struct SoftmaxLoops: Sendable {
  private static let lanesPerPart = 256

  package let outer: Int
  package let count: Int
  package let inner: Int
  private let parallel: Parallel

  package init(outer: Int, count: Int, inner: Int, parallel: Parallel) {
    (self.outer, self.count, self.inner) = (outer, count, inner)
    self.parallel = parallel
  }

  /// `y = exp(x - max) / sum exp(x - max)`; source and sink may be the same memory.
  package func run(_ source: FloatView, _ sink: MutableFloatView) {
    let parts = (inner + Self.lanesPerPart - 1) / Self.lanesPerPart
    parallel.forEach(outer * parts) { part in
      let first = part % parts * Self.lanesPerPart
      let lanes = min(Self.lanesPerPart, inner - first)
      let base = part / parts * count * inner + first
      withUnsafeTemporaryAllocation(of: Float.self, capacity: 2 * lanes) { buffer in
        let (largest, sum) = (buffer.baseAddress.unsafelyUnwrapped, buffer.baseAddress.unsafelyUnwrapped + lanes)
        for i in 0..<lanes { (largest[i], sum[i]) = (source.pointer[base + i], 0) }
        for c in 1..<max(count, 1) {
          let x = source.pointer + base + c * inner
          for i in 0..<lanes { largest[i] = x[i] > largest[i] ? x[i] : largest[i] }
        }
        for c in 0..<count {
          let (x, y) = (source.pointer + base + c * inner, sink.pointer + base + c * inner)
          for i in 0..<lanes {
            y[i] = expf(x[i] - largest[i])
            sum[i] += y[i]
          }
        }
        for c in 0..<count {
          let y = sink.pointer + base + c * inner
          for i in 0..<lanes { y[i] /= sum[i] }
        }
      }
    }
  }
}
