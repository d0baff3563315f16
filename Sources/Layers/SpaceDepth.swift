import Kernels
import LayerGraph
import Tensors

/// Squares of `[N, C, H * bh, W * bw]` as channels of `[N, bh * bw * C, H, W]`: place (i, j) of a square is the channels
/// from `(i * bw + j) * C` on.
struct SpaceDepth: Sendable {
  enum Direction: Sendable { case toDepth, toSpace }

  let direction: Direction
  /// Channels of the spacious side.
  let channels: Int
  /// Height and width of the deep side.
  let (height, width): (Int, Int)
  let (blockH, blockW): (Int, Int)

  /// Moves rows `[n, channel, y]` of the deep side.
  func move(_ source: FloatView, _ sink: MutableFloatView, rows: Range<Int>) {
    let deep = channels * blockH * blockW
    for row in rows {
      let (y, channel, n) = (row % height, row / height % deep, row / height / deep)
      let (i, j) = (channel / channels / blockW, channel / channels % blockW)
      let space = (((n * channels + channel % channels) * height + y) * blockH + i) * width * blockW + j
      for x in 0..<width {
        switch direction {
        case .toDepth: sink[row * width + x] = source[space + x * blockW]
        case .toSpace: sink[space + x * blockW] = source[row * width + x]
        }
      }
    }
  }

  /// Number of deep rows of `count` values.
  func rows(_ count: Int) -> Int { count / width }
}
