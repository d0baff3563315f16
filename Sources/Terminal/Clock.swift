/// Time since the program started, for frames and toasts.
enum Clock {
  private static let start = ContinuousClock.now
  static var now: Duration { ContinuousClock.now - start }
}

extension Duration {
  /// Whole milliseconds, rounded up: a wait must not end before its time.
  var milliseconds: Int {
    let (seconds, attoseconds) = components
    return Int(clamping: seconds).multipliedReportingOverflow(by: 1000).partialValue
      + Int((attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
  }
}
