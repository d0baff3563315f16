import Kernels
import LayerGraph
import Tensors

/// A oneDNN computation without learned values, of one bottom and one top.
struct PrimitiveKernel: LayerKernel {
  private let primitive: Primitive
  let canRunInPlace: Bool

  init(_ primitive: Primitive, canRunInPlace: Bool = false) {
    self.primitive = primitive
    self.canRunInPlace = canRunInPlace
  }

  var bottomLayouts: [Layout] { primitive.bottomLayouts }
  var topLayouts: [Layout] { [primitive.topLayout] }
  var scratchBytes: Int { primitive.scratchBytes }
  var backend: String { "oneDNN:\(primitive.implementation)" }
  /// oneDNN's last resort: right, but plain loops.
  var isSlow: Bool { primitive.implementation.contains("ref") }

  func run(_ io: KernelIO) throws(KernelError) {
    try unsafe primitive.run([io.bottom(0)], into: io.top(0), scratch: io.scratch)
  }
}
