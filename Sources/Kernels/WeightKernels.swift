import CKernels
import Tensors

/// Rounding of weights, a step per channel; the quotient may be a double division.
package struct WeightKernels: Sendable {
  package let layout: ChannelLayout
  /// One per channel.
  package let roundings: [Rounding]
  /// The quotient is `Double(x) / Double(scale)` instead of a float32 division.
  package let wide: Bool

  package init(_ layout: ChannelLayout, _ roundings: [Rounding], wide: Bool) {
    precondition(roundings.count == layout.channels, "\(roundings.count) steps for \(layout.channels) channels")
    self.layout = layout
    self.roundings = roundings
    self.wide = wide
  }

  /// `out = code * scale` in float32.
  package func fakeQuantize(_ x: FloatView, into out: MutableFloatView, _ parallel: Parallel) {
    precondition(x.count == out.count, "as many results as values")
    parallel.forEachPart(of: x.count, minimum: 65536) { start, length in
      layout.forEachRun(in: start..<start + length) { channel, start, length in
        let r = roundings[channel]
        ck_weight_quant(
          x.pointer + start, length, r.scale, r.low, r.high, wide ? 1 : 0, out.pointer + start, nil)
      }
    }
  }

  /// The codes, which must fit 8 bits, in the layout of `x`.
  package func codes(_ x: FloatView, _ parallel: Parallel) -> [Int8] {
    precondition(roundings.allSatisfy { $0.low >= -128 && $0.high <= 127 }, "8-bit codes")
    return Array(unsafeUninitializedCapacity: x.count) { buffer, count in
      count = x.count
      guard let base = buffer.baseAddress else { return }
      nonisolated(unsafe) let codes = base
      parallel.forEachPart(of: x.count, minimum: 65536) { start, length in
        layout.forEachRun(in: start..<start + length) { channel, start, length in
          let r = roundings[channel]
          ck_weight_quant(x.pointer + start, length, r.scale, r.low, r.high, wide ? 1 : 0, nil, codes + start)
        }
      }
    }
  }

  /// Smallest and largest weight of a channel, NaN aside; reversed where there is none.
  package struct Range: Sendable {
    package var min = Float.infinity
    package var max = -Float.infinity
    package var hasNaN = false
  }

  /// The range of each channel.
  package static func ranges(_ x: FloatView, _ layout: ChannelLayout) -> [Range] {
    var found = Array(
      repeating: ck_range(min: .infinity, max: -.infinity, has_inf: 0, has_nan: 0), count: layout.channels)
    layout.forEachRun(in: 0..<x.count) { channel, start, length in
      ck_scan(x.pointer + start, length, &found[channel], nil, nil)
    }
    return found.map { Range(min: $0.min, max: $0.max, hasNaN: $0.has_nan != 0) }
  }
}
