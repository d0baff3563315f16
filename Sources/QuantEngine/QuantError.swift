import Diagnostics

/// Why a command ends without its result, in the terms of the process's exit status.
package enum ExitStatus: Int32, Sendable {
  case done = 0
  /// Model, weights, config, recipe, record, images, tensor.
  case badInput = 3
  /// Data not finite, an illegal scale, no room on the disk.
  case runFailed = 4
  /// A threshold or goal was not met.
  case thresholdMissed = 5
  case usage = 64
  case interrupted = 130
}

/// The one error of the engine's facade: what to say and how to end.
public struct QuantError: DiagnosticConvertible {
  package var status: ExitStatus
  package var diagnostics: [Diagnostic]

  package init(_ status: ExitStatus, _ diagnostics: [Diagnostic]) {
    self.status = status
    self.diagnostics = diagnostics
  }

  package init(_ status: ExitStatus, _ text: String, help: [String] = []) {
    self.init(status, [.error(text, help: help)])
  }

  /// What went wrong, where, and what can be done, as the command line prints it: a line or more for each mistake found.
  public var description: String { diagnostics.flatMap(\.lines).joined(separator: "\n") }

  /// The exit status of a program that ends for it: 3 bad input, 4 the run failed, 64 wrong usage, 130 interrupted.
  public var exitStatus: Int32 { status.rawValue }

  static let interrupted = QuantError(.interrupted, "interrupted")
}

/// Runs `body` and gives its errors an exit status; a failure to write is `runFailed` whatever was attempted.
package func attempting<R>(_ status: ExitStatus, _ body: () throws -> R) throws(QuantError) -> R {
  do {
    return try body()
  } catch let error as QuantError {
    throw error
  } catch let error as DiagnosticError where error.isSystemFailure {
    throw QuantError(.runFailed, error.diagnostics)
  } catch let error as any DiagnosticConvertible {
    throw QuantError(status, error.diagnostics)
  } catch {
    throw QuantError(status, "\(error)")
  }
}
