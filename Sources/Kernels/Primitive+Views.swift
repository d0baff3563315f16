import Tensors

extension KernelIO {
  /// The first `count` floats of the temporary memory.
  /// - Precondition: the kernel asked for that much.
  package func scratchFloats(_ count: Int) -> MutableFloatView {
    guard let scratch else { preconditionFailure("a kernel that needs temporary memory was given none") }
    return MutableFloatView(scratch.assumingMemoryBound(to: Float.self), count: count)
  }
}

extension Primitive {
  /// Floats of temporary memory, rounded up to whole cache lines so that parts can lie side by side.
  package var scratchFloats: Int { (scratchBytes + 63) / 64 * 16 }

  /// Packs the part of `weights` from `start` on, keeping them alive meanwhile.
  package func pack(_ weights: Tensor, from start: Int = 0, count: Int? = nil) throws(KernelError) -> PackedWeights {
    try withExtendedLifetime(weights) { () throws(KernelError) in
      try pack(weights.view.slice(start, count ?? weights.count - start))
    }
  }

  package func run(
    _ sources: [FloatView], weights: PackedWeights, bias: FloatView?, into top: MutableFloatView,
    scratch: MutableFloatView
  ) throws(KernelError) {
    try run(sources, weights: weights, bias: bias, into: top, scratch: UnsafeMutableRawPointer(scratch.pointer))
  }
}
