import CKernels
import Glibc
import Tensors

/// A prepared oneDNN computation. Not reentrant: one engine thread owns all of them.
package final class Primitive: @unchecked Sendable {
  // Sendable: handed to the engine thread, which alone runs it.
  private let raw: OpaquePointer
  package let bottomLayouts: [Layout]
  package let topLayout: Layout
  package let scratchBytes: Int
  /// e.g. "jit:avx512_core".
  package let implementation: String

  /// Takes `raw` over.
  init(_ raw: OpaquePointer, sources: [Shape], top: Shape) {
    self.raw = raw
    func layout(_ role: ck_role, _ shape: Shape) -> Layout {
      ck_primitive_layout(raw, role).map { Layout(taking: $0, shape: shape) } ?? .plain(shape)
    }
    bottomLayouts = sources.enumerated().map { layout($0.offset == 0 ? CK_SRC : CK_SRC1, $0.element) }
    topLayout = layout(CK_DST, top)
    scratchBytes = ck_primitive_scratch_bytes(raw)
    implementation = String(cString: ck_primitive_implementation(raw))
  }

  deinit { ck_primitive_free(raw) }

  /// Learned weights in the order this primitive wants.
  package func pack(_ weights: FloatView) throws(KernelError) -> PackedWeights {
    guard let layout = ck_primitive_layout(raw, CK_WEIGHTS) else { throw KernelError("primitive without weights") }
    defer { ck_layout_free(layout) }
    let packed = try PackedWeights(bytes: ck_layout_bytes(layout))
    guard ck_weights_pack(raw, weights.pointer, packed.base) else { throw .last }
    return packed
  }

  package func run(
    _ sources: [FloatView], weights: PackedWeights? = nil, bias: FloatView? = nil, into top: MutableFloatView,
    scratch: UnsafeMutableRawPointer?
  ) throws(KernelError) {
    let pointers: [UnsafeRawPointer?] = sources.map { UnsafeRawPointer($0.pointer) }
    guard
      ck_primitive_run(
        raw, pointers, Int32(pointers.count), weights?.base, bias?.pointer, top.pointer, scratch)
    else { throw .last }
  }
}

/// Weights in a primitive's own order.
package final class PackedWeights: @unchecked Sendable {
  // Sendable: written once, before it is shared.
  let base: UnsafeMutableRawPointer
  package let bytes: Int

  init(bytes: Int) throws(KernelError) {
    self.bytes = bytes
    let size = max(64, (bytes + 63) / 64 * 64)
    guard let p = aligned_alloc(64, size) else { throw .noMemory(size, for: "packed weights") }
    base = p
  }

  deinit { free(base) }
}
