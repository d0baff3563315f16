import Tensors

extension KernelIO {
  /// The first `count` floats of the temporary memory.
  /// - Precondition: the kernel asked for that much.
  package func scratchFloats(_ count: Int) -> MutableFloatView {
    guard let scratch else { preconditionFailure("a kernel that needs temporary memory was given none") }
    return MutableFloatView(scratch.assumingMemoryBound(to: Float.self), count: count)
  }

  /// The temporary memory behind its first `floats` floats.
  package func scratch(after floats: Int) -> UnsafeMutableRawPointer? { scratch.map { $0 + floats * 4 } }
}
