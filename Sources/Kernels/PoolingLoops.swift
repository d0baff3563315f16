import Tensors

/// Pooling in Caffe's way where oneDNN has none.
///
/// That is a mask of the maxima, and averages whose windows reach beyond the padding.
package struct PoolingLoops: Sendable {
  /// `[N x C, H, W]` in C order, `[N x C / b, H, W, b]` with channels in blocks of `b`, `[N, H, W, C]` channels last.
  package let planes: Int
  package let input: [Int]
  package let output: [Int]
  package let kernel: [Int]
  package let stride: [Int]
  package let pad: [Int]
  package let block: Int
  private let parallel: Parallel

  package init(
    planes: Int, input: [Int], output: [Int], kernel: [Int], stride: [Int], pad: [Int], block: Int, parallel: Parallel
  ) {
    (self.planes, self.input, self.output) = (planes, input, output)
    (self.kernel, self.stride, self.pad, self.block) = (kernel, stride, pad, block)
    self.parallel = parallel
  }

  /// Sum of the window's values divided by its area, which counts padding but nothing beyond it.
  /// - Source: Caffe `pooling_layer.cpp`.
  package func average(_ source: FloatView, _ sink: MutableFloatView) {
    parallel.forEach(planes) { plane in
      let x = source.pointer + plane * input[0] * input[1] * block
      var y = sink.pointer + plane * output[0] * output[1] * block
      for oh in 0..<output[0] {
        let (h0, h1, rows) = span(oh, 0)
        for ow in 0..<output[1] {
          let (w0, w1, columns) = span(ow, 1)
          let area = Float(rows * columns)
          if block == 1 {
            var sum: Float = 0
            for h in h0..<h1 { for w in w0..<w1 { sum += x[h * input[1] + w] } }
            y[0] = sum / area
            y += 1
            continue
          }
          for l in 0..<block { y[l] = 0 }
          for h in h0..<h1 {
            for w in w0..<w1 {
              let pixel = x + (h * input[1] + w) * block
              for l in 0..<block { y[l] += pixel[l] }
            }
          }
          for l in 0..<block { y[l] /= area }
          y += block
        }
      }
    }
  }

  /// The largest value of each window and, in `mask`, its index `h * W + w` within the plane (-1: empty window).
  /// - Precondition: `block` is 1.
  package func maximum(_ source: FloatView, _ sink: MutableFloatView, mask: MutableFloatView) {
    precondition(block == 1, "the mask is made in C order")
    parallel.forEach(planes) { plane in
      let x = source.pointer + plane * input[0] * input[1]
      var at = plane * output[0] * output[1]
      for oh in 0..<output[0] {
        let (h0, h1, _) = span(oh, 0)
        for ow in 0..<output[1] {
          let (w0, w1, _) = span(ow, 1)
          var (best, index) = (-Float.greatestFiniteMagnitude, -1)
          for h in h0..<h1 {
            for w in w0..<w1 where x[h * input[1] + w] > best {
              index = h * input[1] + w
              best = x[index]
            }
          }
          sink.pointer[at] = best
          mask.pointer[at] = Float(index)
          at += 1
        }
      }
    }
  }

  /// Real elements `begin..<end` that window `o` covers on `axis`, and its length with padding.
  @inline(__always) private func span(_ o: Int, _ axis: Int) -> (begin: Int, end: Int, length: Int) {
    let start = o * stride[axis] - pad[axis]
    let stop = min(start + kernel[axis], input[axis] + pad[axis])
    let end = min(stop, input[axis])
    return (min(max(start, 0), max(end, 0)), max(end, 0), stop - start)
  }
}
