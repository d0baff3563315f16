import CKernels
import Tensors

/// Codes between two integer limits: `code = clip(round(x / scale), low, high)`, round = half away from zero, the
/// quotient a float32 division; NaN counts as 0, infinities and large quotients saturate by their sign.
package struct Rounding: Sendable, Hashable {
  package let scale: Float
  package let low: Int32
  package let high: Int32

  /// - Precondition: `scale > 0`, `low <= high`, both within 2^24.
  package init(scale: Float, low: Int32, high: Int32) {
    precondition(scale > 0 && low <= high, "a positive step and ordered limits")
    precondition(low >= -(1 << 24) && high <= 1 << 24, "codes that float32 holds exactly")
    self.scale = scale
    self.low = low
    self.high = high
  }

  /// `out = code * scale`; `out` may be the memory of `x`.
  package func fakeQuantize(_ x: FloatView, into out: MutableFloatView, _ parallel: Parallel) {
    precondition(x.count == out.count, "as many results as values")
    parallel.forEachPart(of: x.count, minimum: 65536) { start, length in
      ck_fake_quant(x.pointer + start, length, scale, low, high, out.pointer + start)
    }
  }

  /// `code + offset`, which must fit 16 bits.
  package func codes(_ x: FloatView, offset: Int32) -> [Int16] {
    precondition(Int16(exactly: low + offset) != nil && Int16(exactly: high + offset) != nil, "16-bit codes")
    return Array(unsafeUninitializedCapacity: x.count) { buffer, count in
      ck_quant_codes(x.pointer, x.count, scale, low, high, offset, buffer.baseAddress)
      count = x.count
    }
  }

  /// Mean of `(code * scale - x)^2` over all segments, summed in double; 0 without values.
  package func meanSquaredError(_ segments: [FloatView], _ parallel: Parallel) -> Double {
    // Parts of a fixed size keep the sum independent of the number of threads.
    let parts = Pieces(segments, size: 1 << 18)
    var sums = Array(repeating: 0.0, count: parts.count)
    parallel.update(&sums) { part, sum in
      for piece in parts[part] { sum += ck_fake_quant_error(piece.pointer, piece.count, scale, low, high) }
    }
    let count = segments.reduce(0) { $0 + $1.count }
    return count == 0 ? 0 : sums.reduce(0, +) / Double(count)
  }
}
