import Tensors

/// Combines many values into one: sums, products, extremes. In Double, so that the order matters little.
package enum FoldLoops {
  package enum Operation: Sendable { case sum, product, largest, smallest }

  /// What nothing combines to.
  package static func start(_ operation: Operation) -> Double {
    switch operation {
    case .sum: 0
    case .product: 1
    case .largest: -.infinity
    case .smallest: .infinity
    }
  }

  package static func combine(_ operation: Operation, _ a: Double, _ b: Double) -> Double {
    switch operation {
    case .sum: a + b
    case .product: a * b
    case .largest: larger(a, b)
    case .smallest: smaller(a, b)
    }
  }

  /// NaN once either is.
  @inline(__always)
  private static func larger(_ a: Double, _ b: Double) -> Double { b > a || b != b ? b : a }

  @inline(__always)
  private static func smaller(_ a: Double, _ b: Double) -> Double { b < a || b != b ? b : a }

  /// All of `x` combined.
  package static func all(_ operation: Operation, _ x: FloatView) -> Double {
    switch operation {
    case .sum: all(x, 0) { $0 + $1 }
    case .product: all(x, 1) { $0 * $1 }
    case .largest: all(x, -.infinity) { larger($0, $1) }
    case .smallest: all(x, .infinity) { smaller($0, $1) }
    }
  }

  /// Eight partial results, which the compiler keeps in vector registers.
  @inline(__always)
  private static func all(_ x: FloatView, _ start: Double, _ combine: (Double, Double) -> Double) -> Double {
    var lanes = SIMD8<Double>(repeating: start)
    let whole = x.count / 8 * 8
    for i in stride(from: 0, to: whole, by: 8) {
      for lane in 0..<8 { lanes[lane] = combine(lanes[lane], Double(x.pointer[i + lane])) }
    }
    var value = start
    for lane in 0..<8 { value = combine(value, lanes[lane]) }
    for i in whole..<x.count { value = combine(value, Double(x.pointer[i])) }
    return value
  }

  /// The lines combined element by element and divided: `y[i] = combined(line(0)[i], line(1)[i], ..) / divisor`.
  ///
  /// - Parameter line: a view as long as `sink`, for each index below `count`. Lines are best short enough for the
  ///   first-level cache.
  package static func sideBySide(
    _ operation: Operation, _ count: Int, into sink: MutableFloatView, divisor: Double, _ line: (Int) -> FloatView
  ) {
    let length = sink.count
    withUnsafeTemporaryAllocation(of: Double.self, capacity: length) { values in
      values.initialize(repeating: start(operation))
      for k in 0..<count {
        let x = line(k)
        precondition(x.count == length, "lines of one length")
        switch operation {
        case .sum: for i in 0..<length { values[i] += Double(x.pointer[i]) }
        case .product: for i in 0..<length { values[i] *= Double(x.pointer[i]) }
        case .largest: for i in 0..<length { values[i] = larger(values[i], Double(x.pointer[i])) }
        case .smallest: for i in 0..<length { values[i] = smaller(values[i], Double(x.pointer[i])) }
        }
      }
      for i in 0..<length { sink.pointer[i] = Float(values[i] / divisor) }
    }
  }
}
