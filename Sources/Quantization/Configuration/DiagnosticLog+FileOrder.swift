import Diagnostics

extension DiagnosticLog {
  /// What was collected, by line and column; what has no place comes first.
  var inFileOrder: [Diagnostic] {
    func key(_ entry: (offset: Int, element: Diagnostic)) -> (Int, Int, Int) {
      (entry.element.location?.line ?? 0, entry.element.location?.column ?? 0, entry.offset)
    }
    return diagnostics.enumerated().sorted { key($0) < key($1) }.map(\.element)
  }

  /// - Throws: everything collected, by line and column, when at least one entry is an error.
  func throwErrorsInFileOrder() throws(DiagnosticError) {
    if hasErrors { throw DiagnosticError(inFileOrder) }
  }
}
