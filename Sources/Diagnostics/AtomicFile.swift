import Glibc

/// Writes a whole file or none of it: bytes go to a temporary name beside the target, are synced, then renamed.
package enum AtomicFile {
  /// Permissions of folders made on the way, before the umask.
  package static let folderMode: mode_t = 0o750

  /// Writes what `body` gives to its writer under `path`, replacing an older file only when everything is on disk.
  ///
  /// Missing parent folders are made. A symbolic link keeps pointing where it did: its target is replaced. A device or a
  /// pipe (`/dev/stdout`) is written directly, for renaming over it would destroy it.
  /// - Parameter mode: permissions of a new file, before the umask.
  /// - Throws: `FileWriteError` when a step fails, or what `body` throws; the older file then stands untouched.
  package static func write(_ path: String, mode: mode_t = 0o640, _ body: (inout Writer) throws -> Void) throws {
    var status = stat()
    let exists = unsafe stat(path, &status) == 0
    if exists && !isKind(status, S_IFREG) && !isKind(status, S_IFDIR) {
      return try fill(path, named: path, O_WRONLY | O_CLOEXEC, mode, sync: false, body)
    }
    if exists && isKind(status, S_IFDIR) { throw FileWriteError(path: path, step: "write", code: EISDIR) }
    let target = exists ? resolved(path) : path
    let folder = parent(of: target)
    try makeFolders(folder)
    let temporary = "\(target).tmp-\(randomSuffix())"
    do {
      try fill(temporary, named: path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode, sync: true, body)
      if unsafe rename(temporary, target) != 0 { throw FileWriteError(path: path, step: "replace", code: errno) }
    } catch {
      _ = unsafe unlink(temporary)
      throw error
    }
    syncFolder(folder)
  }

  /// Writes `text` as UTF-8 in one go.
  package static func write(_ path: String, mode: mode_t = 0o640, text: String) throws {
    try write(path, mode: mode) { try $0.write(text) }
  }

  /// Makes `folder` and what is missing above it; an existing folder is fine.
  /// - Throws: `FileWriteError` when a part of the path cannot be made or is no folder.
  package static func makeFolders(_ folder: String) throws {
    if folder.isEmpty { return }
    if unsafe mkdir(folder, folderMode) == 0 { return }
    var status = stat()
    if errno == ENOENT && parent(of: folder) != folder {
      try makeFolders(parent(of: folder))
      if unsafe mkdir(folder, folderMode) == 0 { return }
    }
    let code = errno
    if unsafe stat(folder, &status) == 0 && isKind(status, S_IFDIR) { return }
    throw FileWriteError(path: folder, step: "make the folder", code: code == EEXIST ? ENOTDIR : code)
  }

  private static func fill(
    _ path: String, named name: String, _ flags: Int32, _ mode: mode_t, sync: Bool,
    _ body: (inout Writer) throws -> Void
  ) throws {
    let descriptor = unsafe open(path, flags, mode)
    if descriptor < 0 { throw FileWriteError(path: name, step: "create", code: errno) }
    var isOpen = true
    defer { if isOpen { close(descriptor) } }
    var writer = Writer(descriptor: descriptor, path: name)
    try body(&writer)
    try writer.flush()
    if sync && fsync(descriptor) != 0 { throw FileWriteError(path: name, step: "sync", code: errno) }
    isOpen = false
    // A network file system may report a full disk only here.
    if close(descriptor) != 0 { throw FileWriteError(path: name, step: "close", code: errno) }
  }

  /// Makes the rename itself durable; some file systems refuse to sync a folder, which costs nothing but that.
  private static func syncFolder(_ folder: String) {
    let descriptor = unsafe open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    if descriptor >= 0 {
      _ = fsync(descriptor)
      close(descriptor)
    }
  }

  private static func isKind(_ status: stat, _ kind: mode_t) -> Bool { status.st_mode & S_IFMT == kind }

  private static func resolved(_ path: String) -> String {
    guard let real = unsafe realpath(path, nil) else { return path }
    defer { unsafe free(real) }
    return unsafe String(cString: real)
  }

  private static func parent(of path: String) -> String {
    var bytes = Array(path.utf8)
    while bytes.count > 1 && bytes.last == UInt8(ascii: "/") { bytes.removeLast() }
    guard let slash = bytes.lastIndex(of: UInt8(ascii: "/")) else { return "." }
    return slash == 0 ? "/" : String(decoding: bytes[..<slash], as: UTF8.self)
  }

  private static func randomSuffix() -> String { String(UInt32.random(in: 0 ... .max), radix: 36) }
}

extension AtomicFile {
  /// Takes the bytes of one file, in order; small pieces are gathered before they go to the disk.
  package struct Writer: ~Copyable {
    private static let capacity = 1 << 16

    private let descriptor: Int32
    private let path: String
    private var pending: [UInt8] = []

    fileprivate init(descriptor: Int32, path: String) {
      self.descriptor = descriptor
      self.path = path
      pending.reserveCapacity(Self.capacity)
    }

    package mutating func write(_ text: String) throws {
      var text = text
      try text.withUTF8 { try unsafe write(UnsafeRawBufferPointer($0)) }
    }

    package mutating func write(_ bytes: [UInt8]) throws {
      try unsafe bytes.withUnsafeBytes { try unsafe write($0) }
    }

    /// Appends `bytes`; large pieces are not copied.
    package mutating func write(_ bytes: UnsafeRawBufferPointer) throws {
      if pending.count + bytes.count <= Self.capacity {
        return unsafe pending.append(contentsOf: bytes)
      }
      try flush()
      try unsafe put(bytes)
    }

    fileprivate mutating func flush() throws {
      try unsafe pending.withUnsafeBytes { try unsafe put($0) }
      pending.removeAll(keepingCapacity: true)
    }

    private func put(_ bytes: UnsafeRawBufferPointer) throws {
      var done = 0
      while done < bytes.count {
        let n = unsafe Glibc.write(descriptor, bytes.baseAddress.map { unsafe $0 + done }, bytes.count - done)
        if n > 0 {
          done += n
        } else if n == 0 || errno != EINTR {
          throw FileWriteError(path: path, step: "write", code: n == 0 ? EIO : errno)
        }
      }
    }
  }
}

/// A file that could not be written: which one, at which step, and the system's reason.
package struct FileWriteError: DiagnosticConvertible {
  package let path: String
  /// What was tried, as a verb: "create", "write", "sync", "close", "replace", "make the folder".
  package let step: String
  /// The value of `errno`.
  package let code: Int32

  package init(path: String, step: String, code: Int32) {
    self.path = path
    self.step = step
    self.code = code
  }

  /// The disk, or the user's share of it, is full: a failed run rather than a wrong input.
  package var isDiskFull: Bool { code == ENOSPC || code == EDQUOT }

  package var diagnostics: [Diagnostic] {
    let reason = unsafe String(cString: strerror(code))
    return [.error("cannot \(step) this: \(reason)", at: SourceLocation(file: path))]
  }
}
