import Diagnostics

/// A step that the number format does not admit.
package enum ScaleError: DiagnosticConvertible, Hashable {
  case infinite
  case notANumber
  /// Its reciprocal is below FLT_EPSILON.
  case tooLarge(Float)

  /// The largest legal step, 1 / FLT_EPSILON; the smallest is FLT_EPSILON.
  package static let largest = 1 / Float.ulpOfOne

  /// The algorithm library's own words.
  package var text: String {
    switch self {
    case .infinite: "Not support scale is +inf."
    case .notANumber: "Not support scale is nan."
    // Above 2^23 a float is a whole number below 2^128, so this is what printf's %f writes.
    case .tooLarge(let scale):
      "Not support scale greater than 1 / FLT_EPSILON. currentScale: \(UInt128(scale)).000000"
    }
  }

  package var diagnostics: [Diagnostic] { [.error(text)] }
}

extension Scheme {
  /// The step that is really used for a computed one: 1 when it is below FLT_EPSILON (constant or tiny data), else
  /// itself.
  ///
  /// - Throws: `ScaleError` when it is infinite, not a number, or `1 / scale` is below FLT_EPSILON.
  /// - Source: amct-facts 1.5.
  package static func sanitized(_ scale: Float) throws(ScaleError) -> Float {
    if scale < .ulpOfOne { return 1 }
    if scale == .infinity { throw .infinite }
    if scale.isNaN { throw .notANumber }
    if 1 / scale < .ulpOfOne { throw .tooLarge(scale) }
    return scale
  }
}
