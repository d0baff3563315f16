import Diagnostics
import Glibc

/// The bytes of one file, mapped when it is large, read otherwise; valid as long as this object lives.
package final class FileBytes: @unchecked Sendable {
  // Sendable: the bytes are read only once the object exists.
  private static let mapFrom = 1 << 20

  package let path: String
  /// For this target's own types that keep the object beside the pointer.
  let buffer: UnsafeRawBufferPointer
  private let isMapped: Bool

  /// - Throws: an error at `path` with the system's reason when it cannot be read; a folder is no file.
  package init(_ path: String) throws(DiagnosticError) {
    self.path = path
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    if descriptor < 0 { throw Self.failure(path, errno) }
    defer { close(descriptor) }
    var status = stat()
    if fstat(descriptor, &status) != 0 { throw Self.failure(path, errno) }
    if status.st_mode & S_IFMT == S_IFREG && Int(status.st_size) >= Self.mapFrom {
      let size = Int(status.st_size)
      guard let map = mmap(nil, size, PROT_READ, MAP_PRIVATE, descriptor, 0), map != MAP_FAILED else {
        throw Self.failure(path, errno)
      }
      buffer = UnsafeRawBufferPointer(start: map, count: size)
      isMapped = true
      return
    }
    // The size is only a hint: pipes have none.
    buffer = try Self.contents(of: descriptor, hint: Int(status.st_size), path)
    isMapped = false
  }

  /// Bytes that come from memory; `path` names them in messages.
  package init(copying bytes: [UInt8], path: String) {
    self.path = path
    let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 64)
    copy.copyBytes(from: bytes)
    buffer = UnsafeRawBufferPointer(copy)
    isMapped = false
  }

  deinit {
    if isMapped {
      munmap(UnsafeMutableRawPointer(mutating: buffer.baseAddress), buffer.count)
    } else {
      buffer.deallocate()
    }
  }

  package var count: Int { buffer.count }

  /// Calls `body` with the bytes; they must not leave it.
  package func withBytes<R, E: Error>(_ body: (UnsafeRawBufferPointer) throws(E) -> R) throws(E) -> R {
    defer { withExtendedLifetime(self) {} }
    return try body(buffer)
  }

  /// A copy of all of them.
  package var bytes: [UInt8] { withBytes { Array($0) } }

  /// `true` when the file begins with `magic`.
  package func starts(with magic: [UInt8]) -> Bool { withBytes { $0.starts(with: magic) } }

  /// The lines as text, without line ends and a byte order mark; bytes that are no UTF-8 become U+FFFD.
  package func lines() -> [String] {
    withBytes { bytes in
      bytes.dropFirst(bytes.starts(with: [0xef, 0xbb, 0xbf]) ? 3 : 0)
        .split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        .map { String(decoding: $0.last == UInt8(ascii: "\r") ? $0.dropLast() : $0, as: UTF8.self) }
    }
  }

  private static func contents(
    of descriptor: Int32, hint: Int, _ path: String
  ) throws(DiagnosticError) -> UnsafeRawBufferPointer {
    var memory = UnsafeMutableRawBufferPointer.allocate(byteCount: max(hint, 0) + 4096, alignment: 64)
    var used = 0
    while true {
      if used == memory.count {
        let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: memory.count * 2, alignment: 64)
        larger.copyMemory(from: UnsafeRawBufferPointer(memory))
        memory.deallocate()
        memory = larger
      }
      let n = Glibc.read(descriptor, memory.baseAddress.map { $0 + used }, memory.count - used)
      if n == 0 { return UnsafeRawBufferPointer(start: memory.baseAddress, count: used) }
      if n > 0 {
        used += n
      } else if errno != EINTR {
        let code = errno
        memory.deallocate()
        throw failure(path, code)
      }
    }
  }

  private static func failure(_ path: String, _ code: Int32) -> DiagnosticError {
    DiagnosticError("cannot read this: \(String(cString: strerror(code)))", at: SourceLocation(file: path))
  }
}
