import Tensors

/// Mean and variance of each channel of one batch `[N, C, ..]`.
package struct ChannelMoments: Sendable, Equatable {
  /// `[C]`
  package let means: [Double]
  /// The mean of the squared deviations, `[C]`: divided by the number of values, not by one less.
  package let variances: [Double]
  /// Values per channel: N times the extents from axis 2 on.
  package let count: Int

  package init(means: [Double], variances: [Double], count: Int) {
    (self.means, self.variances, self.count) = (means, variances, count)
  }
}

/// Computes `ChannelMoments` in Double, in two passes: the mean, then the deviations from it.
///
/// It takes C order, channels in blocks of 8 or 16, and channels last. A channel is summed by one thread, in an order
/// that its layout alone decides, so the sums are the same with any number of threads.
package struct MomentLoops: Sendable {
  /// Channels that one task sums side by side.
  private static let stretch = 16

  private let outer: Int
  private let channels: Int
  private let inner: Int
  /// The memory is `[outer, blocks, inner, lanes]`; channel `b * lanes + l`.
  private let blocks: Int
  private let lanes: Int
  private let parallel: Parallel

  /// Axis 1 of `layout` is that of the channels (a rank of 1 has one channel); `nil` for an order not named above.
  package init?(_ layout: Layout, parallel: Parallel) {
    guard [1, 8, 16].contains(layout.channelBlock) || layout.isChannelsLast else { return nil }
    let lanes = layout.isPlain ? 1 : layout.isChannelsLast ? nil : layout.channelBlock
    self.init(layout.shape, lanes: lanes, parallel: parallel)
  }

  /// C order, or channels last.
  package init(_ shape: Shape, channelsLast: Bool, parallel: Parallel) {
    self.init(shape, lanes: channelsLast ? nil : 1, parallel: parallel)
  }

  /// - Parameter lanes: channels side by side in memory; `nil`: all of them.
  private init(_ shape: Shape, lanes: Int?, parallel: Parallel) {
    outer = shape.rank > 0 ? shape[0] : 1
    let channels = shape.rank > 1 ? shape[1] : 1
    let inner = shape.rank > 2 ? shape.count(from: 2) : 1
    // Without spatial axes, C order has all channels side by side.
    let side = lanes.map { $0 == 1 && inner == 1 ? channels : $0 } ?? channels
    (self.channels, self.inner, self.lanes) = (channels, inner, side)
    blocks = (channels + max(1, side) - 1) / max(1, side)
    self.parallel = parallel
  }

  package func moments(_ x: FloatView) -> ChannelMoments {
    let count = outer * inner
    var means = [Double](repeating: 0, count: blocks * lanes)
    var variances = means
    let perBlock = (lanes + Self.stretch - 1) / Self.stretch
    means.withUnsafeMutableBufferPointer { means in
      variances.withUnsafeMutableBufferPointer { variances in
        guard let m = means.baseAddress, let v = variances.baseAddress, count > 0 else { return }
        let sink = Sink(means: m, variances: v)
        parallel.forEach(blocks * perBlock) { task in
          let (block, first) = (task / perBlock, task % perBlock * Self.stretch)
          let at = block * lanes + first
          if lanes == 1 {
            let mean = rowSum(x, block, minus: 0, squared: false) / Double(count)
            sink.means[at] = mean
            sink.variances[at] = rowSum(x, block, minus: mean, squared: true) / Double(count)
          } else {
            let width = min(Self.stretch, lanes - first)
            let mean =
              stretchSum(x, block, first, width, minus: SIMD16<Double>(), squared: false) / Double(count)
            let square = stretchSum(x, block, first, width, minus: mean, squared: true) / Double(count)
            for l in 0..<width { (sink.means[at + l], sink.variances[at + l]) = (mean[l], square[l]) }
          }
        }
      }
    }
    return ChannelMoments(
      means: Array(means.prefix(channels)), variances: Array(variances.prefix(channels)), count: count)
  }

  /// Where the tasks leave what they find, each at places of its own.
  private struct Sink: @unchecked Sendable {
    let means: UnsafeMutablePointer<Double>
    let variances: UnsafeMutablePointer<Double>
  }

  /// Sum over the runs of one channel in C order, of `x - center` or its square.
  private func rowSum(_ x: FloatView, _ channel: Int, minus center: Double, squared: Bool) -> Double {
    var sums = SIMD8<Double>()
    var rest = 0.0
    for n in 0..<outer {
      let row = x.pointer + (n * channels + channel) * inner
      let raw = UnsafeRawPointer(row)
      let whole = inner / 8 * 8
      for i in stride(from: 0, to: whole, by: 8) {
        let values = SIMD8<Double>(raw.loadUnaligned(fromByteOffset: i * 4, as: SIMD8<Float>.self)) - center
        sums += squared ? values * values : values
      }
      for i in whole..<inner {
        let value = Double(row[i]) - center
        rest += squared ? value * value : value
      }
    }
    return sums.sum() + rest
  }

  /// The same for up to 16 channels that lie side by side.
  private func stretchSum(
    _ x: FloatView, _ block: Int, _ first: Int, _ width: Int, minus center: SIMD16<Double>, squared: Bool
  ) -> SIMD16<Double> {
    var sums = SIMD16<Double>()
    for n in 0..<outer {
      let start = x.pointer + (n * blocks + block) * inner * lanes + first
      for i in 0..<inner {
        var values = SIMD16<Float>()
        if width == Self.stretch {
          values = UnsafeRawPointer(start + i * lanes).loadUnaligned(as: SIMD16<Float>.self)
        } else {
          for l in 0..<width { values[l] = start[i * lanes + l] }
        }
        let deviation = SIMD16<Double>(values) - center
        sums += squared ? deviation * deviation : deviation
      }
    }
    return sums
  }
}
