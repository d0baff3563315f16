import CKernels
import Diagnostics

/// The vendor library could not prepare or run a computation.
package struct KernelError: DiagnosticConvertible {
  package let text: String
  /// True when memory ran out: nothing that another kernel could do better.
  package let isOutOfMemory: Bool

  package init(_ text: String, isOutOfMemory: Bool = false) {
    self.text = text
    self.isOutOfMemory = isOutOfMemory
  }

  static func noMemory(_ bytes: Int, for what: String) -> KernelError {
    KernelError("no memory for \(bytes) bytes of \(what)", isOutOfMemory: true)
  }

  package var diagnostics: [Diagnostic] { [.error(text)] }

  static var last: KernelError { KernelError(String(cString: ck_last_error())) }
}
