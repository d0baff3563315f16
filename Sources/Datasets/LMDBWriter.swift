import CLMDB
import Diagnostics
import Glibc

/// Writes a new LMDB folder: under another name beside it, which is renamed when all is in; an end before that leaves
/// nothing behind.
package final class LMDBWriter {
  /// liblmdb's own limit.
  package static let keyLimit = 511
  /// Entries of one transaction, as in Caffe's tools.
  private static let perTransaction = 1000
  /// Address space for the file: as much as there is, Caffe's 1 TB first.
  private static let mapSizes = [1 << 40, 1 << 36, 1 << 32, 1 << 30]

  private let path: String
  private let temporary: String
  private var writer: OpaquePointer?
  private var pending = 0

  /// - Throws: an error at `path` when something is there already; the system's reason when it cannot be made.
  package init(_ path: String) throws(DiagnosticError) {
    var clean = path[...]
    while clean.count > 1, clean.hasSuffix("/") { clean.removeLast() }
    self.path = String(clean)
    var status = stat()
    guard lstat(self.path, &status) != 0 else {
      throw DiagnosticError(
        "there is something here already", at: SourceLocation(file: path),
        help: ["give another name, or remove it first"])
    }
    try AtomicFile.makeParents(of: self.path)
    let folder = clean.lastIndex(of: "/").map { String(clean[...$0]) } ?? ""
    temporary = "\(folder).cortado-\(getpid())-\(UInt32.random(in: 0...UInt32.max))"
    guard mkdir(temporary, 0o750) == 0 else { throw Self.failure(path, String(cString: strerror(errno))) }
    var message = [CChar](repeating: 0, count: Int(CLMDB_MESSAGE_SIZE))
    for size in Self.mapSizes where writer == nil { writer = clmdb_create(temporary, size, &message) }
    if writer == nil {
      removeTemporary()
      throw Self.failure(path, Self.text(message))
    }
  }

  deinit {
    guard let writer else { return }
    var message = [CChar](repeating: 0, count: Int(CLMDB_MESSAGE_SIZE))
    clmdb_close(writer, 0, &message)
    removeTemporary()
  }

  /// Adds an entry.
  /// - Precondition: the key has 1 to `keyLimit` bytes, and `finish` was not called.
  package func put(_ key: [UInt8], _ value: [UInt8]) throws(DiagnosticError) {
    precondition((1...Self.keyLimit).contains(key.count), "a key of \(key.count) bytes")
    var message = [CChar](repeating: 0, count: Int(CLMDB_MESSAGE_SIZE))
    guard clmdb_put(writer, key, key.count, value, value.count, &message) == 0 else {
      throw Self.failure(path, Self.text(message))
    }
    pending += 1
    if pending == Self.perTransaction {
      pending = 0
      guard clmdb_flush(writer, &message) == 0 else { throw Self.failure(path, Self.text(message)) }
    }
  }

  /// Commits and gives the folder its name.
  package func finish() throws(DiagnosticError) {
    var message = [CChar](repeating: 0, count: Int(CLMDB_MESSAGE_SIZE))
    let status = clmdb_close(writer, 1, &message)
    writer = nil
    var reason = status == 0 ? nil : Self.text(message)
    // A folder that somebody made meanwhile and that holds something is not replaced.
    if status == 0, rename(temporary, path) != 0 {
      reason = String(cString: strerror(errno))
    }
    guard let reason else { return }
    removeTemporary()
    throw Self.failure(path, reason)
  }

  private func removeTemporary() {
    for name in ["data.mdb", "lock.mdb"] { unlink("\(temporary)/\(name)") }
    rmdir(temporary)
  }

  private static func text(_ message: [CChar]) -> String {
    String(decoding: message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  private static func failure(_ path: String, _ reason: String) -> DiagnosticError {
    .system("cannot write \(path): \(reason)")
  }
}
