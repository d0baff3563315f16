import Glibc

/// Float32 memory, 64-byte aligned when owned; may also borrow from another object's memory, which it keeps alive.
package final class TensorStorage: @unchecked Sendable {
  // Sendable: storage is written only before it is shared (Tensor copies before it writes).
  package let base: UnsafeMutablePointer<Float>
  package let count: Int
  private let owner: AnyObject?

  /// Zero-filled memory for `count` floats.
  package init(count: Int) {
    self.count = count
    let bytes = max(64, (count * 4 + 63) / 64 * 64)
    guard let raw = aligned_alloc(64, bytes) else { fatalError("out of memory: \(bytes) bytes for a tensor") }
    memset(raw, 0, bytes)
    base = raw.bindMemory(to: Float.self, capacity: bytes / 4)
    owner = nil
  }

  /// Memory of `owner`, read only; it must stay valid and unchanged as long as `owner` lives.
  package init(borrowing pointer: UnsafePointer<Float>, count: Int, owner: AnyObject) {
    base = UnsafeMutablePointer(mutating: pointer)
    self.count = count
    self.owner = owner
  }

  package var isBorrowed: Bool { owner != nil }

  deinit { if owner == nil { free(base) } }
}
