import Kernels
import LayerGraph
import Tensors

/// Picks items of its bottom by their numbers: bottoms `[N, ..]` and indices `[R]`, top `[R, ..]`.
/// - Source: Caffe `batch_reindex_layer.cpp`.
struct BatchReindexLayer: LayerType {
  static let caffeTypes = ["BatchReindex"]
  static let arity = Arity(bottoms: 2...2, tops: 1...1)
  static let agreement = Agreement.exact

  init(_ source: LayerSource) throws(LayerError) {}

  func topShapes(_ bottoms: [Shape]) throws(LayerError) -> [Shape] {
    guard bottoms[0].rank >= 1 else { throw .shape("needs a bottom 0 of [N, ..], got \(bottoms[0])") }
    guard bottoms[1].rank == 1 else { throw .shape("needs indices of one axis, got \(bottoms[1])") }
    return [Shape([bottoms[1][0]] + bottoms[0].dims.dropFirst())]
  }

  func reference(_ run: LayerRun) { pick(run, 0..<run.shapes.tops[0][0]) }

  private func pick(_ run: LayerRun, _ items: Range<Int>) {
    let length = run.shapes.bottoms[0].count(from: 1)
    for item in items {
      let target = run.tops[0].slice(item * length, length)
      guard let from = Int(index: run.bottoms[1][item], below: run.shapes.bottoms[0][0]) else {
        target.fill(.nan)
        continue
      }
      target.copy(run.bottoms[0].slice(from * length, length))
    }
  }

  func makeKernel(_ context: KernelContext) throws(KernelError) -> (any LayerKernel)? {
    let (items, top) = (context.shapes.bottoms[0][0], context.shapes.tops[0])
    let loops = LoopKernel.rows(context, top[0], cost: top.count(from: 1)) { pick($0, $1) }
    return CheckedKernel(loops) { io throws(KernelError) in
      for i in 0..<top[0] where Int(index: io.bottoms[1][i], below: items) == nil {
        throw KernelError("index \(i) is \(io.bottoms[1][i]); the bottom has \(items) items")
      }
    }
  }
}
