import Kernels
import LayerGraph
import Tensors

/// An element-wise function over whatever layout arrives.
///
/// Blocked memory is treated as one long row; where the function doesn't map 0 to 0, the padding is set to zero again.
struct ElementFunctionKernel: LayerKernel {
  enum Work: Sendable {
    case primitive(Primitive)
    /// Called with parts of the data, from several threads; source and sink may be the same memory.
    case loop(@Sendable (FloatView, MutableFloatView) -> Void)
  }

  let bottomLayouts: [Layout]
  let topLayouts: [Layout]
  let canRunInPlace = true
  private let work: Work
  private let padding: ChannelPadding?
  private let parallel: Parallel

  /// One of oneDNN's functions.
  init(_ context: KernelContext, _ function: ElementFunction, keepsZero: Bool) throws(KernelError) {
    let layout = Self.layout(context, keepsZero: keepsZero)
    let primitive = try context.backend.eltwise(.plain([layout.floats]), function)
    self.init(layout, .primitive(primitive), keepsZero: keepsZero, context.backend.parallel)
  }

  /// Our own loop.
  init(
    _ context: KernelContext, keepsZero: Bool, _ body: @escaping @Sendable (FloatView, MutableFloatView) -> Void
  ) {
    let layout = Self.layout(context, keepsZero: keepsZero)
    self.init(layout, .loop(body), keepsZero: keepsZero, context.backend.parallel)
  }

  private init(_ layout: Layout, _ work: Work, keepsZero: Bool, _ parallel: Parallel) {
    bottomLayouts = [layout]
    topLayouts = [layout]
    padding = keepsZero ? nil : ChannelPadding(layout)
    self.work = work
    self.parallel = parallel
  }

  /// The layout that arrives, unless it has padding in places unknown.
  private static func layout(_ context: KernelContext, keepsZero: Bool) -> Layout {
    let layout = context.bottomLayouts[0]
    let isClear = keepsZero || layout.floats == layout.shape.count || ChannelPadding(layout) != nil
    return isClear ? layout : .plain(layout.shape)
  }

  var scratchBytes: Int { if case .primitive(let p) = work { p.scratchBytes } else { 0 } }
  var backend: String { if case .primitive(let p) = work { "oneDNN:\(p.implementation)" } else { "own" } }

  func run(_ io: KernelIO) throws(KernelError) {
    let (source, sink) = (io.bottom(0), io.top(0))
    switch work {
    case .primitive(let primitive): try unsafe primitive.run([source], into: sink, scratch: io.scratch)
    case .loop(let body):
      parallel.forEachPart(of: source.count, minimum: 16384) { start, length in
        body(source.slice(start, length), sink.slice(start, length))
      }
    }
    padding?.clear(sink)
  }
}

/// The lanes behind the last channel of a layout `[N, C/b, spatial.., b]` whose channels don't fill the last block.
struct ChannelPadding {
  private let shape: Shape
  private let block: Int

  /// `nil` when there are none, or when the layout is of another kind.
  init?(_ layout: Layout) {
    guard layout.channelBlock > 1, layout.shape.rank >= 2, layout.shape[1] % layout.channelBlock != 0 else {
      return nil
    }
    shape = layout.shape
    block = layout.channelBlock
  }

  /// Sets them to zero, as every reader of blocked memory may expect.
  func clear(_ view: MutableFloatView) {
    let (blocks, spatial) = ((shape[1] + block - 1) / block, shape.count(from: 2))
    for n in 0..<shape[0] {
      let base = (n * blocks + blocks - 1) * spatial * block
      for s in 0..<spatial {
        for lane in (shape[1] % block)..<block { view[base + s * block + lane] = 0 }
      }
    }
  }
}
