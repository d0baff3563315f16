import Kernels
import LayerGraph
import Tensors

/// Scales each channel and adds: `y[n, c, p] = a[n, c] * x[n, c, p] + z[n, c, p]` for bottoms a, x, z.
///
/// `a` is `[N, C]` or `[N, C, 1, 1]`; x and z have one shape.
/// - Source: hujie-frank/SENet `axpy_layer.cpp`; Hu et al. 2017, arXiv:1709.01507.
struct AxpyLayer: LayerType {
  static let caffeTypes = ["Axpy"]
  static let arity = Arity(bottoms: 3...3, tops: 1...1)

  init(_ source: LayerSource) throws(LayerError) {}

  var quantization: QuantizationRole { .data(inputs: .all) }

  func topShapes(_ bottoms: [Shape]) throws(LayerError) -> [Shape] {
    let (a, x, z) = (bottoms[0], bottoms[1], bottoms[2])
    guard x.rank >= 2, x == z else { throw .shape("needs bottoms 1 and 2 of one shape [N, C, ..], got \(x) and \(z)") }
    guard a.rank >= 2, a[0] == x[0], a[1] == x[1], a.count(from: 2) == 1 else {
      throw .shape("needs a bottom 0 of [\(x[0]), \(x[1])], one value a channel, got \(a)")
    }
    return [x]
  }

  func macs(_ shapes: LayerShapes) -> Int { shapes.tops[0].count }

  func reference(_ run: LayerRun) { combine(run, 0..<run.shapes.tops[0].count(upTo: 2)) }

  private func combine(_ run: LayerRun, _ channels: Range<Int>) {
    let inner = run.shapes.tops[0].count(from: 2)
    let (a, x, z, y) = (run.bottoms[0], run.bottoms[1], run.bottoms[2], run.tops[0])
    for channel in channels {
      let factor = a[channel]
      for i in channel * inner..<(channel + 1) * inner { y[i] = factor * x[i] + z[i] }
    }
  }

  func makeKernel(_ context: KernelContext) throws(KernelError) -> (any LayerKernel)? {
    let shape = context.shapes.tops[0]
    return LoopKernel.rows(context, shape.count(upTo: 2), cost: shape.count(from: 2)) { combine($0, $1) }
  }
}
