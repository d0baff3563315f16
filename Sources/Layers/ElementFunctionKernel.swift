import Kernels
import LayerGraph
import Tensors

/// Element-wise functions, one after the other, over whatever layout arrives.
///
/// Blocked memory is treated as one long row; where the functions don't map 0 to 0, the padding is set to zero again.
struct ElementFunctionKernel: LayerKernel {
  enum Step {
    /// One of oneDNN's functions.
    case function(ElementFunction)
    /// Our own loop; called with parts of the data, from several threads; source and sink may be the same memory.
    case loop(@Sendable (FloatView, MutableFloatView) -> Void)
  }

  private enum Work: Sendable {
    case primitive(Primitive)
    case loop(@Sendable (FloatView, MutableFloatView) -> Void)
  }

  let bottomLayouts: [Layout]
  let topLayouts: [Layout]
  let canRunInPlace = true
  let scratchBytes: Int
  let backend: String
  private let work: [Work]
  private let padding: ChannelPadding?
  private let parallel: Parallel

  /// - Parameters:
  ///   - steps: at least one.
  ///   - keepsZero: true when all steps together map 0 to 0.
  init(_ context: KernelContext, _ steps: [Step], keepsZero: Bool) throws(KernelError) {
    precondition(!steps.isEmpty, "a kernel needs something to do")
    var layout = context.bottomLayouts[0]
    padding = keepsZero ? nil : ChannelPadding(layout)
    if !keepsZero, padding == nil, layout.floats != layout.shape.count { layout = .plain(layout.shape) }
    bottomLayouts = [layout]
    topLayouts = [layout]
    parallel = context.backend.parallel
    let row = Layout.plain([layout.floats])
    var work: [Work] = []
    for step in steps {
      switch step {
      case .function(let function): work.append(.primitive(try context.backend.eltwise(row, function)))
      case .loop(let body): work.append(.loop(body))
      }
    }
    let primitives = work.compactMap { if case .primitive(let p) = $0 { p } else { nil } }
    self.work = work
    scratchBytes = primitives.map(\.scratchBytes).max() ?? 0
    backend = primitives.first.map { "oneDNN:\($0.implementation)" } ?? "own"
  }

  func run(_ io: KernelIO) throws(KernelError) {
    var source = io.bottom(0)
    let sink = io.top(0)
    for item in work {
      switch item {
      case .primitive(let primitive): try unsafe primitive.run([source], into: sink, scratch: io.scratch)
      case .loop(let body):
        let from = source
        parallel.forEachPart(of: from.count, minimum: 16384) { start, length in
          body(from.slice(start, length), sink.slice(start, length))
        }
      }
      source = sink.readOnly
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
    guard layout.channelBlock > 1, layout.shape.rank >= 2, layout.shape[1] % layout.channelBlock != 0 else { return nil }
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
