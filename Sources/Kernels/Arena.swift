import Diagnostics
import Glibc
import Tensors

/// The buffers of a run: one region per lane, in memory, or in an unlinked file when they would pass the memory limit.
///
/// A file-backed arena behaves the same and is slower: the system writes pages out instead of killing the process.
package final class Arena: @unchecked Sendable {
  // Sendable: one engine thread writes; views are handed out lane by lane.
  private let base: UnsafeMutableRawPointer
  private let laneBytes: Int
  private let total: Int
  package let isSpilled: Bool

  /// - Parameters:
  ///   - limit: bytes that may be held in memory; above it the arena lives in a file in `spillFolder`.
  /// - Throws: when neither memory nor disk holds `laneBytes * lanes`.
  package init(laneBytes: Int, lanes: Int, limit: Int = .max, spillFolder: String) throws(DiagnosticError) {
    let page = 4096
    self.laneBytes = (max(laneBytes, page) + page - 1) / page * page
    let (product, overflow) = self.laneBytes.multipliedReportingOverflow(by: max(1, lanes))
    guard !overflow else { throw DiagnosticError("a run of this size needs more than the address space") }
    total = product
    isSpilled = total > limit
    if isSpilled {
      let path = spillFolder + "/cortado-spill-XXXXXX"
      var template = Array(path.utf8CString)
      let fd = mkstemp(&template)
      guard fd >= 0 else {
        throw DiagnosticError("cannot create a spill file in \(spillFolder): \(String(cString: strerror(errno)))")
      }
      unlink(template)
      defer { close(fd) }
      let status = posix_fallocate(fd, 0, off_t(total))
      guard status == 0 else {
        throw DiagnosticError(
          "no room for \(total) bytes of activations in \(spillFolder): \(String(cString: strerror(status)))",
          help: ["raise --memory, or lower batch_num or the batch size"])
      }
      guard let p = mmap(nil, total, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0), p != MAP_FAILED else {
        throw DiagnosticError("cannot map \(total) bytes: \(String(cString: strerror(errno)))")
      }
      base = p
    } else {
      guard let p = mmap(nil, total, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), p != MAP_FAILED else {
        throw DiagnosticError(
          "no memory for \(total) bytes of activations", help: ["lower --memory so that they go to disk"])
      }
      madvise(p, total, MADV_HUGEPAGE)
      base = p
    }
  }

  deinit { munmap(base, total) }

  /// `floats` floats at byte `offset` of a lane.
  package func view(lane: Int, offset: Int, floats: Int) -> MutableFloatView {
    precondition(
      offset >= 0 && offset + floats * 4 <= laneBytes && (lane + 1) * laneBytes <= total, "outside the arena")
    let p = (base + lane * laneBytes + offset).assumingMemoryBound(to: Float.self)
    return MutableFloatView(p, count: floats)
  }

  /// Lets the system take a lane's pages back once they are written; only of use when spilled.
  package func release(lane: Int) {
    if isSpilled { madvise(base + lane * laneBytes, laneBytes, MADV_DONTNEED) }
  }
}

/// Temporary memory of kernels, as large as the largest asks for.
package final class Scratch: @unchecked Sendable {
  // Sendable: used by the engine thread alone.
  package let base: UnsafeMutableRawPointer

  package init(bytes: Int) throws(KernelError) {
    let size = max(4096, (bytes + 4095) / 4096 * 4096)
    guard let p = aligned_alloc(4096, size) else { throw .noMemory(size, for: "scratch") }
    base = p
  }

  deinit { free(base) }

  package func view(floats: Int) -> MutableFloatView {
    MutableFloatView(base.assumingMemoryBound(to: Float.self), count: floats)
  }
}

/// Highest resident memory of this process so far, in bytes.
///
/// `VmHWM`, because getrusage's figure starts with what the parent had before exec.
package func peakResidentBytes() -> Int { statusBytes("VmHWM:") }

/// Memory of this process that is resident now, in bytes.
package func residentBytes() -> Int { statusBytes("VmRSS:") }

private func statusBytes(_ key: String) -> Int {
  var buffer = [UInt8](repeating: 0, count: 8192)
  let descriptor = open("/proc/self/status", O_RDONLY | O_CLOEXEC)
  guard descriptor >= 0 else { return 0 }
  defer { close(descriptor) }
  let n = read(descriptor, &buffer, buffer.count)
  let text = String(decoding: buffer.prefix(max(0, n)), as: UTF8.self)
  for line in text.split(separator: "\n") where line.hasPrefix(key) {
    return (line.split(whereSeparator: { $0 == " " || $0 == "\t" }).dropFirst().first.flatMap { Int($0) } ?? 0) * 1024
  }
  return 0
}

/// Seconds on a clock that never goes back.
package func monotonicSeconds() -> Double {
  var t = timespec()
  clock_gettime(CLOCK_MONOTONIC, &t)
  return Double(t.tv_sec) + Double(t.tv_nsec) * 1e-9
}
