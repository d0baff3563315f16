import CKernels
import Diagnostics

/// The vendor library could not prepare or run a computation.
package struct KernelError: DiagnosticConvertible {
  package let text: String

  package init(_ text: String) { self.text = text }
  package var diagnostics: [Diagnostic] { [.error(text)] }

  static var last: KernelError { KernelError(String(cString: ck_last_error())) }
}
