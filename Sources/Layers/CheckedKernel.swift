import Kernels
import LayerGraph

/// A kernel whose data may make no sense, as indices into another blob do: they are looked at before it runs.
struct CheckedKernel: LayerKernel {
  private let kernel: any LayerKernel
  private let check: @Sendable (KernelIO) throws(KernelError) -> Void

  init(_ kernel: any LayerKernel, _ check: @escaping @Sendable (KernelIO) throws(KernelError) -> Void) {
    self.kernel = kernel
    self.check = check
  }

  var bottomLayouts: [Layout] { kernel.bottomLayouts }
  var topLayouts: [Layout] { kernel.topLayouts }
  var canRunInPlace: Bool { kernel.canRunInPlace }
  var accumulatesInto: Int? { kernel.accumulatesInto }
  var scratchBytes: Int { kernel.scratchBytes }
  var backend: String { kernel.backend }

  func run(_ io: KernelIO) throws(KernelError) {
    try check(io)
    try kernel.run(io)
  }
}
