import Diagnostics
import Kernels
import Tensors

extension SNQ {
  /// Weights that were clustered `folded`, after the layers behind them are folded in: each step becomes
  /// `scale[c] * |factor[c]|`, codes and levels stay.
  ///
  /// A channel whose step would be below FLT_EPSILON (gamma 0) has step 1 and weights 0, as in `quantize`: its codes
  /// become that of level 0, and where no level is 0, the one nearest to 0 becomes 0 for all.
  /// - Parameters:
  ///   - weights: with the factors folded in; they say the shape alone.
  ///   - factors: one per channel of `axis`.
  /// - Throws: where a step is not a number, infinite, or above 1 / FLT_EPSILON.
  /// - Source: amct-facts 3.2.
  package static func rescaled(
    _ weights: Tensor, axis: Int, codes: [Int8], centres: [Int8], scales: [Float], factors: [Double]
  ) throws(Failure) -> (scales: [Float], centres: [Int8], codes: [Int8], fakeQuantized: Tensor) {
    precondition(scales.count == factors.count, "\(factors.count) factors for \(scales.count) steps")
    var (codes, centres) = (codes, centres)
    var steps: [Float] = []
    var dead: Set<Int> = []
    for (channel, (scale, factor)) in zip(scales, factors).enumerated() {
      let step = Float(Double(scale) * abs(factor))
      if step < .ulpOfOne { dead.insert(channel) }
      do throws(ScaleError) {
        steps.append(try Scheme.sanitized(step))
      } catch {
        throw Failure(cause: .illegalScale(error, channel: channel))
      }
    }
    let layout = ChannelLayout(weights.shape, axis: axis)
    if !dead.isEmpty, let zero = centres.indices.min(by: { centres[$0].magnitude < centres[$1].magnitude }) {
      centres[zero] = 0
      layout.forEachRun(in: 0..<codes.count) { channel, start, length in
        guard dead.contains(channel) else { return }
        for i in start..<start + length { codes[i] = Int8(zero) }
      }
    }
    let kernels = CodebookKernels(layout, scales: steps)
    var fake = Tensor(shape: weights.shape)
    fake.withMutable { sink in
      _ = weights.withView { kernels.decode(codes, centres: centres, original: $0, into: sink) }
    }
    return (steps, centres, codes, fake)
  }
}
