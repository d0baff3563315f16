import CaffeFormat
import Kernels
import LayerGraph
import Tensors

/// Squares of `block_height x block_width` places become channels: `[N, C, H, W]` to `[N, bh * bw * C, H / bh, W / bw]`.
///
/// Channel `(i * block_width + j) * C + c` of the top has place (i, j) of each square of channel c. H and W must be
/// multiples. `num_output`, when it is set, must be the channels that come out.
/// - Source: the public forks' `pass_through_layer.cpp`, `reorganize_layer.cpp`; no schema of the chip's own is public.
struct PassThroughLayer: LayerType {
  static let caffeTypes = ["PassThrough"]
  static let arity = Arity.oneToOne
  static let agreement = Agreement.exact

  private let (blockH, blockW): (Int, Int)
  private let outputs: Int

  init(_ source: LayerSource) throws(LayerError) {
    let p = source.settings("pass_through_param")
    blockH = try source.positive(p, "block_height")
    blockW = try source.positive(p, "block_width")
    outputs = try source.natural(p, "num_output", default: 0)
  }

  var quantization: QuantizationRole { .data() }

  func topShapes(_ bottoms: [Shape]) throws(LayerError) -> [Shape] {
    let x = bottoms[0]
    guard x.rank == 4, x[2] % blockH == 0, x[3] % blockW == 0 else {
      throw .shape(
        "needs a bottom of [N, C, H, W] with a height that is a multiple of \(blockH) and a width of \(blockW), got \(x)"
      )
    }
    let channels = x[1] * blockH * blockW
    guard outputs == 0 || outputs == channels else {
      throw .shape("has num_output \(outputs), makes \(channels) channels of \(x)")
    }
    return [[x[0], channels, x[2] / blockH, x[3] / blockW]]
  }

  private func order(_ shapes: LayerShapes) -> SpaceDepth {
    SpaceDepth(
      direction: .toDepth, channels: shapes.bottoms[0][1], height: shapes.tops[0][2], width: shapes.tops[0][3],
      blockH: blockH, blockW: blockW)
  }

  func reference(_ run: LayerRun) {
    let order = order(run.shapes)
    order.move(run.bottoms[0], run.tops[0], rows: 0..<order.rows(run.tops[0].count))
  }

  func makeKernel(_ context: KernelContext) throws(KernelError) -> (any LayerKernel)? {
    let (order, count) = (order(context.shapes), context.shapes.tops[0].count)
    return LoopKernel.rows(context, order.rows(count), cost: order.width) {
      order.move($0.bottoms[0], $0.tops[0], rows: $1)
    }
  }
}
