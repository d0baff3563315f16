import CKernels
import Tensors

/// Weights seen in steps of their channel, and as codes of a codebook of 16 whole numbers of steps.
///
/// Weights must not be NaN or infinite.
package struct CodebookKernels: Sendable {
  package let layout: ChannelLayout
  /// The step of each channel, > 0.
  package let scales: [Float]

  package init(_ layout: ChannelLayout, scales: [Float]) {
    precondition(scales.count == layout.channels, "\(scales.count) steps for \(layout.channels) channels")
    self.layout = layout
    self.scales = scales
  }

  /// `x / scale` of all weights in float32, ascending.
  package func sortedQuotients(_ x: FloatView) -> [Float] {
    Array(unsafeUninitializedCapacity: x.count) { buffer, count in
      count = x.count
      guard let base = buffer.baseAddress, x.count > 0 else { return }
      layout.forEachRun(in: 0..<x.count) { channel, start, length in
        ck_quotients(x.pointer + start, length, scales[channel], base + start)
      }
      withUnsafeTemporaryAllocation(of: Float.self, capacity: x.count) { room in
        if let room = room.baseAddress { ck_sort(base, x.count, room) }
      }
    }
  }

  /// The code of the centre nearest to each `Double(x) / Double(scale)`, of two equally near ones the lower code.
  ///
  /// Midpoints of whole numbers are multiples of 1/2, so a table over half-steps gives the nearest centre exactly.
  /// - Precondition: 1...16 centres.
  package func codes(_ x: FloatView, centres: [Int8]) -> [Int8] {
    precondition((1...16).contains(centres.count), "\(centres.count) centres")
    let table = (0..<Int(CK_HALF_STEPS)).map { half in
      let twice = half - 256
      let distances = centres.map { abs(twice - 2 * Int($0)) }
      return UInt8(distances.indices.min { (distances[$0], $0) < (distances[$1], $1) } ?? 0)
    }
    return Array(unsafeUninitializedCapacity: x.count) { buffer, count in
      count = x.count
      guard let base = buffer.baseAddress else { return }
      layout.forEachRun(in: 0..<x.count) { channel, start, length in
        ck_book_codes(x.pointer + start, length, scales[channel], table, base + start)
      }
    }
  }

  /// `out = centres[code] * scale` in float32.
  /// - Returns: the sum of `(out - x)^2`.
  /// - Precondition: codes are indices of `centres`.
  package func decode(_ codes: [Int8], centres: [Int8], original x: FloatView, into out: MutableFloatView) -> Double {
    precondition(codes.count == x.count && x.count == out.count, "a code and a result for each weight")
    precondition(codes.allSatisfy { centres.indices.contains(Int($0)) }, "codes are indices of centres")
    var sum = 0.0
    codes.withUnsafeBufferPointer { codes in
      guard let base = codes.baseAddress else { return }
      layout.forEachRun(in: 0..<x.count) { channel, start, length in
        sum += ck_book_values(
          x.pointer + start, base + start, length, scales[channel], centres, out.pointer + start)
      }
    }
    return sum
  }
}
