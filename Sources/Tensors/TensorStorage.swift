import Glibc

/// Float32 memory, 64-byte aligned when owned; may also borrow from another object's memory, which it keeps alive.
package final class TensorStorage: @unchecked Sendable {
  // Sendable: storage is written only before it is shared (Tensor copies before it writes).
  package let base: UnsafeMutablePointer<Float>
  package let count: Int
  private let owner: AnyObject?

  /// Zero-filled memory for `count` floats.
  package convenience init(count: Int) {
    self.init(uninitialized: count)
    memset(base, 0, count * 4)
  }

  /// Memory for `count` floats that the caller fills.
  package init(uninitialized count: Int) {
    self.count = count
    let bytes = max(64, (count * 4 + 63) / 64 * 64)
    // Large buffers begin on a huge page, whose first touch costs one fault instead of 512.
    let isLarge = bytes >= 1 << 22
    guard let raw = aligned_alloc(isLarge ? 1 << 21 : 64, isLarge ? (bytes + 0x1fffff) & ~0x1fffff : bytes) else {
      Self.endForLackOfMemory(bytes)
    }
    if isLarge { madvise(raw, bytes, MADV_HUGEPAGE) }
    base = raw.bindMemory(to: Float.self, capacity: bytes / 4)
    owner = nil
  }

  /// Memory of `owner`, read only; it must stay valid and unchanged as long as `owner` lives.
  package init(borrowing pointer: UnsafePointer<Float>, count: Int, owner: AnyObject) {
    base = UnsafeMutablePointer(mutating: pointer)
    self.count = count
    self.owner = owner
  }

  /// Tensors are values, made everywhere: no caller could go on. The status is that of a failed run.
  private static func endForLackOfMemory(_ bytes: Int) -> Never {
    let text = "error: no memory for a tensor of \(bytes) bytes\n"
    _ = text.withCString { write(STDERR_FILENO, $0, strlen($0)) }
    exit(4)
  }

  package var isBorrowed: Bool { owner != nil }

  deinit { if owner == nil { free(base) } }
}
