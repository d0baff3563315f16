import Diagnostics
import Synchronization

/// The user's wish to stop, asked for between the steps of long work.
package enum Interrupt {
  private static let flag = Atomic<Bool>(false)

  /// Safe to call from a signal handler.
  package static func request() { flag.store(true, ordering: .relaxed) }
  package static var isRequested: Bool { flag.load(ordering: .relaxed) }

  /// - Throws: `QuantError` with status `interrupted` after a request.
  package static func check() throws(QuantError) {
    if isRequested { throw .interrupted }
  }
}
