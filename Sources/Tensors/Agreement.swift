/// How close two computations of the same tensor must be; tolerances are explained in docs/numerics.md.
package enum Agreement: Sendable, Hashable {
  /// The same bits, but +0 equals -0.
  case exact
  /// At most this many representable floats apart, per element.
  case ulps(Int)
  /// `|a - b| <= fraction * max|b|` over the whole tensor: for long sums in another order.
  case relativeToLargest(Float)

  /// The first element that disagrees, or `nil`.
  package func firstDisagreement(_ got: Tensor, _ want: Tensor) -> String? {
    guard got.shape == want.shape else { return "shape \(got.shape), expected \(want.shape)" }
    var largest: Float = 0
    for i in 0..<want.count where want[i].isFinite { largest = max(largest, abs(want[i])) }
    for i in 0..<want.count {
      let (a, b) = (got[i], want[i])
      if a == b || (a.isNaN && b.isNaN) { continue }
      let ok: Bool
      switch self {
      case .exact: ok = false
      case .ulps(let n): ok = a.isFinite && b.isFinite && Self.ulpDistance(a, b) <= n
      case .relativeToLargest(let f): ok = abs(a - b) <= f * largest
      }
      if !ok { return "element \(i): \(a), expected \(b) (largest \(largest))" }
    }
    return nil
  }

  /// Number of representable floats between two finite values.
  package static func ulpDistance(_ a: Float, _ b: Float) -> Int {
    func ordered(_ x: Float) -> Int {
      let bits = Int(Int32(bitPattern: x.bitPattern))
      return bits >= 0 ? bits : Int(Int32.min) - bits
    }
    return abs(ordered(a) - ordered(b))
  }
}
