import Tensors

/// The plain loops of convolution and deconvolution, 1 to 3 spatial axes; sums in Double, rounded once.
struct ConvolutionReference {
  /// Extents with leading ones, so that every case has three spatial axes.
  private let bottom: [Int]
  private let top: [Int]
  private let window: ConvolutionWindow
  private let batch: Int
  private let inputs: Int
  private let outputs: Int
  private let groups: Int

  init(bottom: Shape, top: Shape, window: ConvolutionWindow, groups: Int) {
    func three(_ v: [Int], _ filler: Int) -> [Int] { [Int](repeating: filler, count: 3 - v.count) + v }
    self.bottom = three(Array(bottom.dims[2...]), 1)
    self.top = three(Array(top.dims[2...]), 1)
    self.window = ConvolutionWindow(
      kernel: three(window.kernel, 1), stride: three(window.stride, 1), pad: three(window.pad, 0),
      dilation: three(window.dilation, 1))
    (batch, inputs, outputs, self.groups) = (bottom[0], bottom[1], top[1], groups)
  }

  /// `y[n, o, p] = bias[o] + sum w[o, i, k] x[n, i, p * stride - pad + k * dilation]` over the inputs `i` of o's group.
  func convolve(_ x: FloatView, weights w: FloatView, bias: FloatView?, into y: MutableFloatView) {
    let (perGroup, taps) = (inputs / groups, window.taps)
    forEachTop { n, o, at, place in
      var sum = Double(bias?[o] ?? 0)
      let group = o / (outputs / groups)
      forEachTap { tap, k in
        var offset = 0
        for d in 0..<3 {
          let position = place[d] * window.stride[d] - window.pad[d] + k[d] * window.dilation[d]
          guard position >= 0, position < bottom[d] else { return }
          offset = offset * bottom[d] + position
        }
        for i in 0..<perGroup {
          let source = (n * inputs + group * perGroup + i) * bottom.reduce(1, *) + offset
          sum += Double(w[(o * perGroup + i) * taps + tap]) * Double(x[source])
        }
      }
      y[at] = Float(sum)
    }
  }

  /// `y[n, o, q] = bias[o] + sum w[i, o, k] x[n, i, p]` over all `p`, `k` with `p * stride - pad + k * dilation = q`.
  func deconvolve(_ x: FloatView, weights w: FloatView, bias: FloatView?, into y: MutableFloatView) {
    let (perGroup, outputsPerGroup, taps) = (inputs / groups, outputs / groups, window.taps)
    forEachTop { n, o, at, place in
      var sum = Double(bias?[o] ?? 0)
      let group = o / outputsPerGroup
      forEachTap { tap, k in
        var offset = 0
        for d in 0..<3 {
          let scaled = place[d] + window.pad[d] - k[d] * window.dilation[d]
          guard scaled >= 0, scaled % window.stride[d] == 0, scaled / window.stride[d] < bottom[d] else { return }
          offset = offset * bottom[d] + scaled / window.stride[d]
        }
        for i in group * perGroup..<(group + 1) * perGroup {
          let source = (n * inputs + i) * bottom.reduce(1, *) + offset
          sum += Double(w[(i * outputsPerGroup + o % outputsPerGroup) * taps + tap]) * Double(x[source])
        }
      }
      y[at] = Float(sum)
    }
  }

  /// Calls `body(n, o, flat index, place)` for every top element.
  private func forEachTop(_ body: (Int, Int, Int, [Int]) -> Void) {
    var at = 0
    for n in 0..<batch {
      for o in 0..<outputs {
        for z in 0..<top[0] {
          for y in 0..<top[1] {
            for x in 0..<top[2] {
              body(n, o, at, [z, y, x])
              at += 1
            }
          }
        }
      }
    }
  }

  private func forEachTap(_ body: (Int, [Int]) -> Void) {
    var tap = 0
    for z in 0..<window.kernel[0] {
      for y in 0..<window.kernel[1] {
        for x in 0..<window.kernel[2] {
          body(tap, [z, y, x])
          tap += 1
        }
      }
    }
  }
}
