import Glibc

/// Writes files so that a reader sees the old content or the new one, never a part.
package enum AtomicFile {
  /// Writes `path` through a temporary file beside it, synced and renamed over it. Missing parent folders are made
  /// (0750).
  ///
  /// A symbolic link is followed; a device or pipe is written as it is.
  /// - Parameter mode: permissions of the file, less the process's umask.
  /// - Throws: what `body` throws, or what the system says, with the path; nothing is left behind then.
  package static func write(
    path: String, mode: mode_t = 0o640, _ body: (inout FileWriter) throws(DiagnosticError) -> Void
  ) throws(DiagnosticError) {
    try makeParents(of: path)
    let target = try resolve(path)
    guard target.replaceable else { return try writeDirectly(target.path, body) }
    let temporary = try openTemporary(beside: target.path, mode, path)
    var writer = FileWriter(descriptor: temporary.descriptor, path: path)
    do throws(DiagnosticError) {
      try body(&writer)
      try writer.flush()
      if fsync(temporary.descriptor) != 0 { throw failure(path) }
      if close(writer.release()) != 0 { throw failure(path) }
      if unsafe rename(temporary.path, target.path) != 0 { throw failure(path) }
    } catch {
      writer.closeIfOpen()
      unsafe unlink(temporary.path)
      throw error
    }
    syncFolder(of: target.path)
  }

  /// Writes the bytes of `text`.
  package static func write(path: String, mode: mode_t = 0o640, text: String) throws(DiagnosticError) {
    try write(path: path, mode: mode) { (file: inout FileWriter) throws(DiagnosticError) in try file.write(text) }
  }

  package static func write(path: String, mode: mode_t = 0o640, bytes: [UInt8]) throws(DiagnosticError) {
    try write(path: path, mode: mode) { (file: inout FileWriter) throws(DiagnosticError) in try file.write(bytes) }
  }

  /// Makes the folders above `path` that are missing, with permissions 0750 less the umask.
  package static func makeParents(of path: String) throws(DiagnosticError) {
    let folder = parent(path)
    if unsafe access(folder, F_OK) == 0 { return }
    try makeParents(of: folder)
    if unsafe mkdir(folder, 0o750) != 0, errno != EEXIST {
      throw DiagnosticError.system("cannot make folder \(folder): \(reason())")
    }
  }

  private static func parent(_ path: String) -> String {
    var trimmed = path[...]
    while trimmed.count > 1, trimmed.hasSuffix("/") { trimmed.removeLast() }
    guard let slash = trimmed.lastIndex(of: "/") else { return "." }
    return slash == trimmed.startIndex ? "/" : String(trimmed[..<slash])
  }

  /// Where the bytes go, and whether a rename may replace what is there.
  private static func resolve(_ path: String) throws(DiagnosticError) -> (path: String, replaceable: Bool) {
    var status = stat()
    guard unsafe stat(path, &status) == 0 else { return (path, true) }
    let kind = status.st_mode & S_IFMT
    if kind == S_IFDIR { throw DiagnosticError.system("cannot write \(path): it is a folder") }
    guard kind == S_IFREG else { return (path, false) }
    guard let real = unsafe realpath(path, nil) else { return (path, true) }
    defer { unsafe free(real) }
    return unsafe (String(cString: real), true)
  }

  private static func openTemporary(
    beside target: String, _ mode: mode_t, _ path: String
  ) throws(DiagnosticError) -> (descriptor: Int32, path: String) {
    for attempt in 0..<100 {
      // The name stays short: the target's own may already be as long as the file system allows.
      let name = "\(parent(target))/.cortado-\(getpid())-\(UInt32.random(in: 0...UInt32.max))-\(attempt)"
      let descriptor = unsafe open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
      if descriptor >= 0 { return (descriptor, name) }
      if errno != EEXIST { throw failure(path) }
    }
    throw failure(path)
  }

  private static func writeDirectly(
    _ path: String, _ body: (inout FileWriter) throws(DiagnosticError) -> Void
  ) throws(DiagnosticError) {
    let descriptor = unsafe open(path, O_WRONLY | O_CLOEXEC)
    if descriptor < 0 { throw failure(path) }
    var writer = FileWriter(descriptor: descriptor, path: path)
    do throws(DiagnosticError) {
      try body(&writer)
      try writer.flush()
    } catch {
      writer.closeIfOpen()
      throw error
    }
    if close(writer.release()) != 0 { throw failure(path) }
  }

  /// Makes the rename itself survive a crash; a file system that can't sync folders is none of the user's business.
  private static func syncFolder(of path: String) {
    let descriptor = unsafe open(parent(path), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    if descriptor < 0 { return }
    _ = fsync(descriptor)
    close(descriptor)
  }

  static func failure(_ path: String) -> DiagnosticError { .system("cannot write \(path): \(reason())") }

  private static func reason() -> String { unsafe String(cString: strerror(errno)) }
}

/// Buffered writing to one open file.
package struct FileWriter {
  private var descriptor: Int32
  private let path: String
  private var buffer: [UInt8] = []
  private static let capacity = 1 << 18

  init(descriptor: Int32, path: String) {
    self.descriptor = descriptor
    self.path = path
    buffer.reserveCapacity(Self.capacity)
  }

  package mutating func write(_ text: String) throws(DiagnosticError) {
    buffer.append(contentsOf: text.utf8)
    if buffer.count >= Self.capacity { try flush() }
  }

  package mutating func write(_ bytes: [UInt8]) throws(DiagnosticError) {
    if bytes.count >= Self.capacity {
      try flush()
      return try put(bytes)
    }
    buffer.append(contentsOf: bytes)
    if buffer.count >= Self.capacity { try flush() }
  }

  /// Writes memory that somebody else owns, without copying large pieces.
  package mutating func write(_ bytes: UnsafeRawBufferPointer) throws(DiagnosticError) {
    if bytes.count >= Self.capacity {
      try flush()
      return try unsafe put(bytes)
    }
    unsafe buffer.append(contentsOf: bytes)
    if buffer.count >= Self.capacity { try flush() }
  }

  mutating func flush() throws(DiagnosticError) {
    if buffer.isEmpty { return }
    try put(buffer)
    buffer.removeAll(keepingCapacity: true)
  }

  private func put(_ bytes: [UInt8]) throws(DiagnosticError) {
    var result: Result<Void, DiagnosticError> = .success(())
    unsafe bytes.withUnsafeBytes { raw in
      do throws(DiagnosticError) { try unsafe put(raw) } catch { result = .failure(error) }
    }
    try result.get()
  }

  private func put(_ bytes: UnsafeRawBufferPointer) throws(DiagnosticError) {
    var done = 0
    while done < bytes.count {
      let rest = unsafe UnsafeRawBufferPointer(rebasing: bytes[done...])
      let n = unsafe Glibc.write(descriptor, rest.baseAddress, rest.count)
      if n < 0, errno == EINTR { continue }
      if n <= 0 { throw AtomicFile.failure(path) }
      done += n
    }
  }

  /// The descriptor, now the caller's to close.
  mutating func release() -> Int32 {
    defer { descriptor = -1 }
    return descriptor
  }

  mutating func closeIfOpen() {
    if descriptor >= 0 { close(release()) }
  }
}
