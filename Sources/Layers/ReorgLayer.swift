import CaffeFormat
import Kernels
import LayerGraph
import Tensors

/// Darknet's reorg: `[N, C, H, W]` to `[N, C * stride^2, H / stride, W / stride]`, in darknet's own order of values;
/// `reverse` makes large maps of channels.
///
/// Reversed, channel `(i * stride + j) * C' + c` of the bottom is place (i, j) of the squares of channel c, `C'` being
/// `C / stride^2`. Forward the same is undone, but as if the bottom were `[C', H * stride, W * stride]` and the top
/// `[C, H, W]`: the order in which YOLO v2 was trained, and not that of PassThrough. C must be a multiple of `stride^2`
/// either way, H and W of `stride` forward.
/// - Source: darknet `blas.c`, reorg_cpu; the YOLO v2 forks' `reorg_layer.hpp`.
struct ReorgLayer: LayerType {
  static let caffeTypes = ["Reorg"]
  static let arity = Arity.oneToOne
  static let agreement = Agreement.exact

  private let stride: Int
  private let isReversed: Bool

  init(_ source: LayerSource) throws(LayerError) {
    let p = source.settings("reorg_param")
    stride = try source.positive(p, "stride", default: 2)
    guard stride <= 1024 else { throw source.error("stride must be at most 1024, is \(stride)", p, field: "stride") }
    isReversed = p.bool("reverse") ?? false
  }

  var quantization: QuantizationRole { .data() }

  func topShapes(_ bottoms: [Shape]) throws(LayerError) -> [Shape] {
    let x = bottoms[0]
    guard x.rank == 4 else { throw .shape("needs a bottom of [N, C, H, W], got \(x)") }
    guard x[1] % (stride * stride) == 0 else {
      throw .shape("needs channels that are a multiple of stride x stride = \(stride * stride), got \(x)")
    }
    if isReversed { return [[x[0], x[1] / (stride * stride), x[2] * stride, x[3] * stride]] }
    guard x[2] % stride == 0, x[3] % stride == 0 else {
      throw .shape("needs a height and a width that are multiples of stride \(stride), got \(x)")
    }
    return [[x[0], x[1] * stride * stride, x[2] / stride, x[3] / stride]]
  }

  private func order(_ bottom: Shape) -> SpaceDepth {
    SpaceDepth(
      direction: isReversed ? .toSpace : .toDepth, channels: bottom[1] / (stride * stride), height: bottom[2],
      width: bottom[3], blockH: stride, blockW: stride)
  }

  func reference(_ run: LayerRun) {
    let order = order(run.shapes.bottoms[0])
    order.move(run.bottoms[0], run.tops[0], rows: 0..<order.rows(run.tops[0].count))
  }

  func makeKernel(_ context: KernelContext) throws(KernelError) -> (any LayerKernel)? {
    let (order, count) = (order(context.shapes.bottoms[0]), context.shapes.tops[0].count)
    return LoopKernel.rows(context, order.rows(count), cost: order.width) {
      order.move($0.bottoms[0], $0.tops[0], rows: $1)
    }
  }
}
