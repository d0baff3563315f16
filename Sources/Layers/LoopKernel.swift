import Kernels
import LayerGraph
import Tensors

/// A kernel of our own loops: layouts and what to do with the memory.
struct LoopKernel: LayerKernel {
  let bottomLayouts: [Layout]
  let topLayouts: [Layout]
  let canRunInPlace: Bool
  let backend = "own"
  private let body: @Sendable (KernelIO) -> Void

  init(
    bottoms: [Layout], tops: [Layout], canRunInPlace: Bool = false, _ body: @escaping @Sendable (KernelIO) -> Void
  ) {
    bottomLayouts = bottoms
    topLayouts = tops
    self.canRunInPlace = canRunInPlace
    self.body = body
  }

  func run(_ io: KernelIO) { body(io) }
}
