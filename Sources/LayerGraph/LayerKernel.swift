import Kernels
import Tensors

/// A prepared computation of one layer for fixed shapes, layouts and learned values.
package protocol LayerKernel: Sendable {
  /// The layout in which each bottom must arrive; the plan reorders where the producer made another one.
  var bottomLayouts: [Layout] { get }
  /// The layout in which each top is left.
  var topLayouts: [Layout] { get }
  /// True when top 0 may be the same memory as bottom 0.
  var canRunInPlace: Bool { get }
  /// For a kernel that adds into its top (residual sum as post-op): index of the bottom whose memory top 0 must be.
  var accumulatesInto: Int? { get }
  /// Bytes of temporary memory used while running.
  var scratchBytes: Int { get }
  /// Bytes of learned values in the kernel's own order, besides those of the net.
  var packedBytes: Int { get }
  /// Where the work is done, for reports: `oneDNN:jit...`, `own`, `reference`.
  var backend: String { get }
  func run(_ io: KernelIO) throws(KernelError)
}

extension LayerKernel {
  package var canRunInPlace: Bool { false }
  package var accumulatesInto: Int? { nil }
  package var scratchBytes: Int { 0 }
  package var packedBytes: Int { 0 }
}

/// What a layer may look at when it prepares a kernel.
package struct KernelContext {
  package let shapes: LayerShapes
  package let params: [Tensor]
  /// How each bottom is laid out by its producer; a kernel that doesn't care keeps it.
  package let bottomLayouts: [Layout]
  /// Operations of the following layers that this kernel is asked to do as well, in order.
  package let postOps: [PostOp]
  package let backend: Backend

  package init(
    shapes: LayerShapes, params: [Tensor], bottomLayouts: [Layout], postOps: [PostOp] = [], backend: Backend
  ) {
    self.shapes = shapes
    self.params = params
    self.bottomLayouts = bottomLayouts
    self.postOps = postOps
    self.backend = backend
  }
}

/// The kernel that runs a layer's `reference` loops on C-order memory.
package struct ReferenceKernel: LayerKernel {
  package let layer: any LayerType
  package let shapes: LayerShapes
  package let params: [Tensor]
  package let bottomLayouts: [Layout]
  package let topLayouts: [Layout]
  package var backend: String { "reference" }

  package init(_ layer: any LayerType, _ shapes: LayerShapes, _ params: [Tensor]) {
    self.layer = layer
    self.shapes = shapes
    self.params = params
    bottomLayouts = shapes.bottoms.map(Layout.plain)
    topLayouts = shapes.tops.map(Layout.plain)
  }

  package func run(_ io: KernelIO) {
    layer.reference(
      LayerRun(
        shapes: shapes,
        bottoms: shapes.bottoms.indices.map { io.bottom($0) },
        tops: shapes.tops.indices.map { io.top($0) },
        params: params.map(\.view)))
  }
}

/// An element-wise kernel over whatever layout arrives; the function must map 0 to 0, because blocked layouts are padded
/// with zeros that have to stay zeros.
package struct FlatKernel: LayerKernel {
  package let bottomLayouts: [Layout]
  package let topLayouts: [Layout]
  package let backend = "own"
  package let canRunInPlace = true
  private let parallel: Parallel
  private let body: @Sendable (FloatView, MutableFloatView) -> Void

  /// `body` is called with parts of the data, from several threads.
  package init(
    _ layout: Layout, parallel: Parallel, _ body: @escaping @Sendable (FloatView, MutableFloatView) -> Void
  ) {
    bottomLayouts = [layout]
    topLayouts = [layout]
    self.parallel = parallel
    self.body = body
  }

  package func run(_ io: KernelIO) {
    let (source, sink) = (io.bottom(0), io.top(0))
    parallel.forEachPart(of: source.count, minimum: 16384) { start, length in
      body(source.slice(start, length), sink.slice(start, length))
    }
  }
}
