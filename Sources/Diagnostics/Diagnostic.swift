/// One message to the user: what is wrong, where, and what helps.
package struct Diagnostic: Hashable, Sendable {
  package enum Severity: String, Sendable, Comparable {
    case note, warning, error

    package static func < (a: Severity, b: Severity) -> Bool { a.rank < b.rank }
    private var rank: Int { self == .note ? 0 : self == .warning ? 1 : 2 }
  }

  /// A second place or sentence that explains the first.
  package struct Note: Hashable, Sendable {
    package var text: String
    package var location: SourceLocation?

    package init(_ text: String, at location: SourceLocation? = nil) {
      self.text = text
      self.location = location
    }
  }

  package var severity: Severity
  package var text: String
  package var location: SourceLocation?
  package var notes: [Note]
  package var help: [String]

  package init(
    _ severity: Severity, _ text: String, at location: SourceLocation? = nil, notes: [Note] = [], help: [String] = []
  ) {
    self.severity = severity
    self.text = text
    self.location = location
    self.notes = notes
    self.help = help
  }

  package static func error(
    _ text: String, at location: SourceLocation? = nil, notes: [Note] = [], help: [String] = []
  ) -> Diagnostic {
    Diagnostic(.error, text, at: location, notes: notes, help: help)
  }

  package static func warning(
    _ text: String, at location: SourceLocation? = nil, notes: [Note] = [], help: [String] = []
  ) -> Diagnostic {
    Diagnostic(.warning, text, at: location, notes: notes, help: help)
  }

  package static func note(_ text: String, at location: SourceLocation? = nil) -> Diagnostic {
    Diagnostic(.note, text, at: location)
  }

  /// The lines a terminal shows: `file:line:column: error: what`, then `note:` and `help:` lines.
  package var lines: [String] {
    var out = [(location.map { "\($0): " } ?? "") + "\(severity.rawValue): \(text)"]
    for note in notes { out.append((note.location.map { "\($0): " } ?? "") + "note: \(note.text)") }
    for line in help { out.append("help: \(line)") }
    return out
  }
}

/// An error that knows how to tell the user about itself.
package protocol DiagnosticConvertible: Error, Sendable, CustomStringConvertible {
  var diagnostics: [Diagnostic] { get }
}

extension DiagnosticConvertible {
  package var description: String { diagnostics.flatMap(\.lines).joined(separator: "\n") }
}

/// One or more diagnostics, at least one of them an error: what readers throw.
package struct DiagnosticError: DiagnosticConvertible {
  package var diagnostics: [Diagnostic]
  /// True when the system refused to write: no fault of what the user gave to read.
  package private(set) var isSystemFailure = false

  package init(_ diagnostics: [Diagnostic]) { self.diagnostics = diagnostics }

  /// What the system said when something could not be written.
  package static func system(_ text: String) -> DiagnosticError {
    var error = DiagnosticError(text)
    error.isSystemFailure = true
    return error
  }

  package init(
    _ text: String, at location: SourceLocation? = nil, notes: [Diagnostic.Note] = [], help: [String] = []
  ) {
    diagnostics = [.error(text, at: location, notes: notes, help: help)]
  }

  /// The same error with a sentence of context before it, e.g. "while fusing 'conv1'".
  package func adding(context: String) -> DiagnosticError {
    var copy = self
    guard !copy.diagnostics.isEmpty else { return copy }
    copy.diagnostics[0].notes.append(.init(context))
    return copy
  }
}
