import Tensors

/// Element-wise loops that the compiler turns into vector code.
package enum ElementLoops {
  /// `y = x < 0 ? slope * x : x`; NaN stays NaN. Source and sink may be the same memory.
  package static func relu(_ source: FloatView, _ sink: MutableFloatView, slope: Float) {
    let (x, y) = (source.pointer, sink.pointer)
    if slope == 0 {
      for i in 0..<sink.count { y[i] = x[i] < 0 ? 0 : x[i] }
    } else {
      for i in 0..<sink.count { y[i] = x[i] < 0 ? slope * x[i] : x[i] }
    }
  }

  /// The smallest whole number not below `x`; NaN stays NaN. Source and sink may be the same memory.
  package static func ceil(_ source: FloatView, _ sink: MutableFloatView) {
    // From 2^23 on floats are whole; below, adding and taking off 2^23 rounds to the nearest whole number.
    let (x, y, large) = (source.pointer, sink.pointer, Float(8_388_608))
    for i in 0..<sink.count {
      let v = x[i]
      let nearest = v < 0 ? (v - large) + large : (v + large) - large
      let up = nearest < v ? nearest + 1 : nearest
      y[i] = abs(v) < large ? up : v
    }
  }

  /// What `combine` does with its sources, from the first to the last.
  package enum Combination: Sendable {
    /// `sum coefficient[i] * x[i]`, rounded after each operation.
    case sum(coefficients: [Float])
    case product
    /// `y > x ? y : x`
    case max
  }

  /// Combines at least two sources; the sink may be the same memory as any of them.
  package static func combine(_ sources: [FloatView], _ combination: Combination, into sink: MutableFloatView) {
    if sources.count == 2 {
      return pair(sources[0], sources[1], combination, at: (0, 1), into: sink)
    }
    // Pieces that stay in the first-level cache; complete before any source is overwritten.
    let piece = 2048
    withUnsafeTemporaryAllocation(of: Float.self, capacity: piece) { buffer in
      guard let base = buffer.baseAddress else { return }
      for start in stride(from: 0, to: sink.count, by: piece) {
        let count = min(piece, sink.count - start)
        let y = MutableFloatView(base, count: count)
        pair(sources[0].slice(start, count), sources[1].slice(start, count), combination, at: (0, 1), into: y)
        for i in 2..<sources.count {
          pair(y.readOnly, sources[i].slice(start, count), combination, at: (nil, i), into: y)
        }
        sink.slice(start, count).copy(y.readOnly)
      }
    }
  }

  /// - Parameter at: the coefficients' indices; `nil` for a partial result.
  private static func pair(
    _ first: FloatView, _ second: FloatView, _ combination: Combination, at: (Int?, Int), into sink: MutableFloatView
  ) {
    let (a, b, y) = (first.pointer, second.pointer, sink.pointer)
    switch combination {
    case .sum(let coefficients):
      let (p, q) = (at.0.map { coefficients[$0] } ?? 1, coefficients[at.1])
      if p == 1, q == 1 {
        for i in 0..<sink.count { y[i] = a[i] + b[i] }
      } else {
        for i in 0..<sink.count { y[i] = p * a[i] + q * b[i] }
      }
    case .product: for i in 0..<sink.count { y[i] = a[i] * b[i] }
    case .max: for i in 0..<sink.count { y[i] = a[i] > b[i] ? a[i] : b[i] }
    }
  }
}
