/// The integer codes of `numBits` bits: `-2^(n-1) ... 2^(n-1) - 1`.
///
/// Data may have 8...16 bits, uniform weights have 8.
package struct Scheme: Hashable, Sendable {
  package let numBits: Int

  /// - Precondition: `2 <= numBits <= 16`.
  package init(numBits: Int) {
    precondition(Self.legalBits.contains(numBits), "\(numBits) bits; 2 to 16 are possible")
    self.numBits = numBits
  }

  package static let legalBits = 2...16

  package var qmin: Int { -(1 << (numBits - 1)) }
  package var qmax: Int { (1 << (numBits - 1)) - 1 }
  /// Steps between the lowest and the highest code: 2^n - 1.
  package var steps: Int { (1 << numBits) - 1 }

  /// The step of a symmetric range that ends at `extreme`: `extreme / qmax`, or `extreme / qmin` when that is not
  /// positive.
  ///
  /// - Source: amct-facts 1.3.
  package func symmetricScale(_ extreme: Float) -> Float {
    extreme > 0 ? extreme / Float(qmax) : extreme / Float(qmin)
  }
}
