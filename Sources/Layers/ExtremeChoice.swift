import CaffeFormat
import Kernels
import LayerGraph
import Tensors

/// The `top_k` largest or smallest values along `axis`, or of each item when no axis is set: what ArgMax and ArgMin do.
///
/// NaN comes last. Tops for a bottom `[N, C, ..]`:
/// - without axis: `[N, 1, k]` indices, or `[N, 2, k]` indices and values when values are wanted; padded with ones at the
///   end to the bottom's rank.
/// - with axis: the bottom's shape with extent k there; indices, or the values when they are wanted.
struct ExtremeChoice: Sendable {
  private let ranking: Ranking
  private let wantsValues: Bool
  private let topK: Int
  private let axis: Int?

  init(_ ranking: Ranking, _ source: LayerSource, _ p: ProtoMessage, values field: String) throws(LayerError) {
    self.ranking = ranking
    wantsValues = p.bool(field) ?? false
    topK = try source.positive(p, "top_k", default: 1)
    axis = p.int("axis")
  }

  func topShape(_ shape: Shape) throws(LayerError) -> Shape {
    guard shape.rank > 0 else { throw .shape("needs a bottom with axes, not a scalar") }
    if let axis, shape.canonicalAxis(axis) == nil { throw .shape("has axis \(axis), outside its bottom \(shape)") }
    let lines = lines(shape)
    guard topK <= lines.length else {
      throw .shape("has top_k \(topK), more than the \(lines.length) values it chooses from in its bottom \(shape)")
    }
    guard let axis, let a = shape.canonicalAxis(axis) else {
      return Shape([shape[0], wantsValues ? 2 : 1, topK] + [Int](repeating: 1, count: max(0, shape.rank - 3)))
    }
    var top = shape
    top[a] = topK
    return top
  }

  private func lines(_ shape: Shape) -> AxisLines {
    guard let axis, let a = shape.canonicalAxis(axis) else {
      return AxisLines(count: shape[0], length: shape.count(from: 1), stride: 1)
    }
    return AxisLines(shape, axis: a)
  }

  func reference(_ run: LayerRun) { choose(run, 0..<lines(run.shapes.bottoms[0]).count) }

  private func choose(_ run: LayerRun, _ range: Range<Int>) {
    let lines = lines(run.shapes.bottoms[0])
    let x = run.bottoms[0]
    for line in range {
      let first = lines.start(line, length: lines.length)
      let chosen = ranking.indices(x, first, lines.length, lines.stride, count: topK)
      for (k, index) in chosen.enumerated() {
        let value = x[first + index * lines.stride]
        if axis == nil, wantsValues {
          run.tops[0][2 * line * topK + k] = Float(index)
          run.tops[0][(2 * line + 1) * topK + k] = value
        } else {
          run.tops[0][lines.start(line, length: topK) + k * lines.stride] = wantsValues ? value : Float(index)
        }
      }
    }
  }

  func makeKernel(_ context: KernelContext) -> any LayerKernel {
    let lines = lines(context.shapes.bottoms[0])
    return LoopKernel.rows(context, lines.count, cost: lines.length) { choose($0, $1) }
  }
}
