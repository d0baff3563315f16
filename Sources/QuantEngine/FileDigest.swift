import CDigest
import Diagnostics
import Glibc

/// SHA-256 and size of a file's content.
package struct FileDigest: Sendable, Hashable {
  /// 64 digits, lower case.
  package let sha256: String
  package let bytes: Int

  /// Reads the whole file, piece by piece.
  /// - Throws: at the path, with the system's reason, when it cannot be read.
  /// - Source: FIPS 180-4, computed by libcrypto.
  package init(file: String) throws(DiagnosticError) {
    var hex = [CChar](repeating: 0, count: Int(CDIGEST_HEX_SIZE))
    var size: Int64 = 0
    let status = unsafe cdigest_sha256_file(file, &hex, &size)
    guard status == 0 else {
      let reason = status > 0 ? unsafe String(cString: strerror(status)) : "its digest cannot be computed"
      throw DiagnosticError("cannot read this file: \(reason)", at: SourceLocation(file: file))
    }
    sha256 = String(decoding: hex.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    bytes = Int(size)
  }
}
