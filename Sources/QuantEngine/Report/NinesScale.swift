import Foundation

/// The scale of similarity bars: how many nines a cosine has, so that 0.99 and 0.999 are visibly apart.
///
/// `nines(c) = -log10(1 - c)`: 0.9 is 1, 0.99 is 2; 0 for `c <= 0` and NaN, 5 (the end) from 0.99999 on.
package enum NinesScale {
  package static let end = 5.0
  /// What stands at 0, 1, 2, ...
  package static let ticks = ["0", ".9", ".99", ".999", ".9999", ".99999"]

  package static func nines(_ cosine: Double) -> Double {
    guard cosine > 0 else { return 0 }
    guard cosine < 1 else { return end }
    return min(end, -log10(1 - cosine))
  }
}
