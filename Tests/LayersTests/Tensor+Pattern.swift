import Tensors

extension Tensor {
  /// Values that are easy to make elsewhere: `(i * factor mod modulus / modulus * 2 - 1) * scale` at index i, in Double.
  static func pattern(_ shape: Shape, _ factor: Int, _ modulus: Int, _ scale: Double) -> Tensor {
    let part = { (i: Int) in Double(i * factor % modulus) / Double(modulus) }
    return Tensor(shape: shape, (0..<shape.count).map { Float((part($0) * 2 - 1) * scale) })
  }
}

/// What differs by more than `tolerance`; empty when nothing does.
func differences(_ got: [Float], _ want: [Float], _ tolerance: Float = 2e-6) -> String {
  if got.count != want.count { return "\(got.count) values, expected \(want.count): \(got)" }
  let bad = zip(got, want).enumerated().filter { !(abs($0.element.0 - $0.element.1) <= tolerance) }
  return bad.map { "[\($0.offset)] \($0.element.0), expected \($0.element.1)" }.joined(separator: "; ")
}
