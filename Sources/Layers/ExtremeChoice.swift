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
    guard !shape.dims.contains(0) else { throw .shape("has nothing to choose from in its bottom \(shape)") }
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

  /// The lines of values chosen from: how many, how long, and how far apart their elements are.
  private func lines(_ shape: Shape) -> (count: Int, length: Int, stride: Int) {
    guard let axis, let a = shape.canonicalAxis(axis) else { return (shape[0], shape.count(from: 1), 1) }
    return (shape.count / max(1, shape[a]), shape[a], shape.count(from: a + 1))
  }

  func reference(_ run: LayerRun) { choose(run, 0..<lines(run.shapes.bottoms[0]).count) }

  private func choose(_ run: LayerRun, _ range: Range<Int>) {
    let (_, length, stride) = lines(run.shapes.bottoms[0])
    let (x, y) = (run.bottoms[0], run.tops[0])
    ranking.choose(x, length: length, stride: stride, lines: range, count: topK) { line, k, index in
      let value = x[(line / stride * length + index) * stride + line % stride]
      if axis == nil, wantsValues {
        y[2 * line * topK + k] = Float(index)
        y[(2 * line + 1) * topK + k] = value
      } else {
        y[(line / stride * topK + k) * stride + line % stride] = wantsValues ? value : Float(index)
      }
    }
  }

  func makeKernel(_ context: KernelContext) -> any LayerKernel {
    let lines = lines(context.shapes.bottoms[0])
    return LoopKernel.rows(context, lines.count, cost: lines.length) { choose($0, $1) }
  }
}
