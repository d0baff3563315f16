import Diagnostics
import QuantEngine
import Testing

@Suite struct `The status of an error` {
  private struct Strange: Error {}

  private func status(_ attempt: QuantEngine.ExitStatus, _ thrown: any Error) -> QuantEngine.ExitStatus? {
    do throws(QuantError) {
      try attempting(attempt) { throw thrown }
      return nil
    } catch {
      return error.status
    }
  }

  @Test func `is what was attempted`() {
    #expect(status(.badInput, DiagnosticError("x")) == .badInput)
    #expect(status(.runFailed, DiagnosticError("x")) == .runFailed)
    #expect(status(.badInput, Strange()) == .badInput)
  }

  @Test func `stays when it is known already`() {
    #expect(status(.badInput, QuantError(.interrupted, "x")) == .interrupted)
  }

  @Test func `is a failed run when the system refuses to write`() {
    let error = #expect(throws: DiagnosticError.self) { try AtomicFile.write(path: "/dev/full", text: "x") }
    #expect(error?.isSystemFailure == true)
    #expect(error.flatMap { status(.badInput, $0) } == .runFailed)
    #expect(DiagnosticError("x").isSystemFailure == false)
  }
}
