/// splitmix64: the one source of randomness; the same seed gives the same numbers everywhere.
/// - Source: Steele, Lea, Flood 2014, "Fast splittable pseudorandom number generators", doi:10.1145/2714064.2660195.
package struct SeededRandom: RandomNumberGenerator, Sendable {
  private var state: UInt64

  package init(seed: UInt64) { state = seed }

  package mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// Uniform in [0, 1), 24 bits.
  package mutating func uniform() -> Float { Float(next() >> 40) * 0x1p-24 }

  /// Uniform in [0, 1), 53 bits.
  package mutating func wideUniform() -> Double { Double(next() >> 11) * 0x1p-53 }

  /// Uniform in [low, high).
  package mutating func uniform(_ low: Float, _ high: Float) -> Float { low + (high - low) * uniform() }

  /// Normal with mean 0 and deviation 1, as a sum of twelve uniforms (Irwin-Hall; tails end at 6).
  package mutating func normal() -> Float {
    var sum: Double = -6
    for _ in 0..<12 { sum += Double(next() >> 40) * 0x1p-24 }
    return Float(sum)
  }
}

extension Tensor {
  /// Uniform random values in [low, high), fixed by `seed`.
  package static func random(_ shape: Shape, seed: UInt64, low: Float = -1, high: Float = 1) -> Tensor {
    var random = SeededRandom(seed: seed)
    var out = Tensor(shape: shape)
    out.withMutable { values in for i in 0..<values.count { values[i] = random.uniform(low, high) } }
    return out
  }
}
