import Diagnostics

/// Why a search found no factors.
package enum IFMRError: DiagnosticConvertible, Hashable {
  case noData
  case infiniteData
  case notANumberData
  /// No candidate has a legal step; the error is that of the first one.
  case illegalScale(ScaleError, withOffset: Bool)
  case illegalParameter(String)

  /// The original's return value for bad data and bad steps.
  package static let code = -65519

  package var diagnostics: [Diagnostic] {
    switch self {
    case .noData: [.error("IFMR calibration needs at least one value.")]
    case .infiniteData: [.error("IFMR calibration data has inf value.")]
    case .notANumberData: [.error("IFMR calibration data has nan value.")]
    case .illegalScale(let error, let withOffset):
      error.diagnostics + [.error("IfmrQuant\(withOffset ? "With" : "Without")Offset scale is illegal.")]
    case .illegalParameter(let text): [.error(text)]
    }
  }
}
