import Glibc
import Tensors

/// Local response normalization over C-order `[N, C, H, W]`, in Caffe's way.
package struct LRNLoops: Sendable {
  private static let pixelsPerPart = 512

  package let shape: Shape
  /// Odd length of the window.
  package let size: Int
  package let alpha: Float
  package let beta: Float
  package let k: Float
  private let parallel: Parallel

  package init(_ shape: Shape, size: Int, alpha: Float, beta: Float, k: Float, parallel: Parallel) {
    (self.shape, self.size, self.alpha, self.beta, self.k) = (shape, size, alpha, beta, k)
    self.parallel = parallel
  }

  /// `y[c] = x[c] * (k + alpha / size * sum x[c']^2)^-beta` over `size` channels around `c`.
  package func acrossChannels(_ source: FloatView, _ sink: MutableFloatView) {
    let (channels, pixels, reach) = (shape[1], shape.count(from: 2), size / 2)
    let parts = (pixels + Self.pixelsPerPart - 1) / Self.pixelsPerPart
    parallel.forEach(shape[0] * parts) { part in
      let first = part % parts * Self.pixelsPerPart
      let count = min(Self.pixelsPerPart, pixels - first)
      let base = part / parts * channels * pixels + first
      withUnsafeTemporaryAllocation(of: Float.self, capacity: count) { buffer in
        guard let sums = buffer.baseAddress else { return }
        for c in 0..<channels {
          for i in 0..<count { sums[i] = 0 }
          for d in max(0, c - reach)...min(channels - 1, c + reach) {
            let x = source.pointer + base + d * pixels
            for i in 0..<count { sums[i] += x[i] * x[i] }
          }
          finish(source, sink, base + c * pixels, sums, count, scale: alpha / Float(size), shift: k)
        }
      }
    }
  }

  /// `y = x * (1 + alpha / size^2 * sum x'^2)^-beta` over a `size x size` window of the same channel; zero padding.
  package func withinChannel(_ source: FloatView, _ sink: MutableFloatView) {
    let (height, width, reach) = (shape[2], shape[3], size / 2)
    parallel.forEach(shape[0] * shape[1]) { plane in
      withUnsafeTemporaryAllocation(of: Float.self, capacity: width) { buffer in
        guard let sums = buffer.baseAddress else { return }
        for h in 0..<height {
          for i in 0..<width { sums[i] = 0 }
          for row in max(0, h - reach)...min(height - 1, h + reach) {
            let x = source.pointer + (plane * height + row) * width
            for shift in -min(reach, width - 1)...min(reach, width - 1) {
              for i in max(0, -shift)..<min(width, width - shift) { sums[i] += x[i + shift] * x[i + shift] }
            }
          }
          finish(source, sink, (plane * height + h) * width, sums, width, scale: alpha / Float(size * size), shift: 1)
        }
      }
    }
  }

  /// `y = x * (shift + scale * sum)^-beta`
  private func finish(
    _ source: FloatView, _ sink: MutableFloatView, _ at: Int, _ sums: UnsafeMutablePointer<Float>, _ count: Int,
    scale: Float, shift: Float
  ) {
    let (x, y) = (source.pointer + at, sink.pointer + at)
    if beta == 0.75 {
      // Two square roots vectorise, pow does not.
      for i in 0..<count {
        let root = (shift + scale * sums[i]).squareRoot()
        y[i] = x[i] / (root * root.squareRoot())
      }
    } else {
      for i in 0..<count { y[i] = x[i] * powf(shift + scale * sums[i], -beta) }
    }
  }
}
