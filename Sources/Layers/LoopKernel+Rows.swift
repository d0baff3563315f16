import Kernels
import LayerGraph

extension LoopKernel {
  /// Loops over C-order memory whose rows don't depend on each other, spread over the threads.
  ///
  /// - Parameter cost: roughly the elements touched by one row; small work stays on one thread.
  static func rows(
    _ context: KernelContext, _ rows: Int, cost: Int, _ body: @escaping @Sendable (LayerRun, Range<Int>) -> Void
  ) -> LoopKernel {
    let (shapes, params, parallel) = (context.shapes, context.params, context.backend.parallel)
    let parts = max(1, min(parallel.threads, rows, rows * max(1, cost) / 16384))
    return LoopKernel(bottoms: shapes.bottoms.map(Layout.plain), tops: shapes.tops.map(Layout.plain)) { io in
      let run = LayerRun(
        shapes: shapes, bottoms: io.bottoms, tops: io.tops, params: params.map(\.view))
      parallel.forEach(parts) { part in body(run, rows * part / parts..<rows * (part + 1) / parts) }
    }
  }
}
