import Diagnostics
import Glibc

/// A whole file in memory, 64-byte aligned.
///
/// Files are read, not mapped: somebody may overwrite them while we run. Up to 2 GiB - 1, the most a protobuf message
/// can hold.
final class FileBuffer: @unchecked Sendable {
  // Sendable: written only by whoever makes it, before it is shared.
  let base: UnsafeMutableRawPointer
  let count: Int

  static let limit = Int(Int32.max)

  /// - Throws: what the system says, with the path; a file over the limit.
  convenience init(reading path: String) throws(DiagnosticError) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw Self.failure(path) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw Self.failure(path) }
    if status.st_mode & S_IFMT == S_IFDIR { throw DiagnosticError("cannot read \(path): it is a folder") }
    var capacity = status.st_mode & S_IFMT == S_IFREG ? Int(status.st_size) + 1 : 1 << 16
    var count = 0
    var memory = try Self.allocate(min(capacity, Self.limit + 1), path)
    while true {
      if count > Self.limit {
        free(memory)
        throw DiagnosticError(
          "the file is over 2 GiB, more than a protobuf message can hold", at: SourceLocation(file: path))
      }
      if count == capacity {
        capacity = min(capacity * 2, Self.limit + 1)
        let larger: UnsafeMutableRawPointer
        do throws(DiagnosticError) {
          larger = try Self.allocate(capacity, path)
        } catch {
          free(memory)
          throw error
        }
        memcpy(larger, memory, count)
        free(memory)
        memory = larger
      }
      let n = read(descriptor, memory + count, capacity - count)
      if n < 0, errno == EINTR { continue }
      if n < 0 {
        let error = Self.failure(path)
        free(memory)
        throw error
      }
      if n == 0 { break }
      count += n
    }
    self.init(owning: memory, count: count)
  }

  /// - Throws: when there is no memory for a copy; `path` names it.
  convenience init(_ bytes: [UInt8], path: String) throws(DiagnosticError) {
    let memory = try Self.allocate(bytes.count, path)
    bytes.withUnsafeBytes { if let source = $0.baseAddress { memcpy(memory, source, bytes.count) } }
    self.init(owning: memory, count: bytes.count)
  }

  private init(owning memory: UnsafeMutableRawPointer, count: Int) {
    base = memory
    self.count = count
  }

  deinit { free(base) }

  var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: base, count: count) }
  var array: [UInt8] { Array(bytes) }

  private static func allocate(_ count: Int, _ path: String) throws(DiagnosticError) -> UnsafeMutableRawPointer {
    let rounded = max(64, (count + 63) / 64 * 64)
    guard let memory = aligned_alloc(64, rounded) else {
      throw .system("cannot read \(path): no memory for \(rounded) bytes")
    }
    // Few page faults instead of one per 4 KiB.
    if rounded >= 1 << 22 { madvise(memory, rounded, MADV_HUGEPAGE) }
    return memory
  }

  private static func failure(_ path: String) -> DiagnosticError {
    DiagnosticError("cannot read \(path): \(String(cString: strerror(errno)))")
  }

  /// Text protobuf has no control characters but white space; every Caffe message in wire format has some near its
  /// start, among them the tags of its first fields and short lengths.
  var looksBinary: Bool {
    bytes.prefix(1 << 16).contains { $0 < 0x20 && !(0x09...0x0d).contains($0) || $0 == 0x7f }
  }
}
