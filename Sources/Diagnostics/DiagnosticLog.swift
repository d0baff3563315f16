/// Collects diagnostics while a reader goes on, up to a limit of errors.
package struct DiagnosticLog: Sendable {
  /// More errors than this in one file help nobody.
  package static let errorLimit = 20

  package private(set) var diagnostics: [Diagnostic] = []
  package private(set) var errorCount = 0

  package init() {}

  package var isFull: Bool { errorCount >= Self.errorLimit }
  package var hasErrors: Bool { errorCount > 0 }
  package var warnings: [Diagnostic] { diagnostics.filter { $0.severity != .error } }

  package mutating func add(_ diagnostic: Diagnostic) {
    if diagnostic.severity == .error {
      errorCount += 1
      if errorCount > Self.errorLimit { return }
    }
    diagnostics.append(diagnostic)
  }

  /// A second place of what was added last; nothing without that.
  package mutating func addToLast(_ note: Diagnostic.Note) {
    if !diagnostics.isEmpty, errorCount <= Self.errorLimit { diagnostics[diagnostics.count - 1].notes.append(note) }
  }

  package mutating func add(contentsOf list: some Sequence<Diagnostic>) { for d in list { add(d) } }

  /// - Throws: everything collected when at least one entry is an error.
  package func throwIfErrors() throws(DiagnosticError) {
    if hasErrors { throw DiagnosticError(diagnostics) }
  }
}
