import Kernels
import LayerGraph
import Tensors

/// The first `count` values of each line along an axis, in order, and where they were: what Sort and TopK do.
///
/// Top 0 has the values, top 1, when there is one, their indices.
struct LineChoice: Sendable {
  let ranking: Ranking
  let axis: Int
  /// How many values of each line; all when `nil`.
  let count: Int?

  func topShapes(_ bottom: Shape, topCount: Int) throws(LayerError) -> [Shape] {
    guard let axis = bottom.canonicalAxis(axis) else { throw .shape("has axis \(axis), outside its bottom \(bottom)") }
    if let count, count > bottom[axis] {
      throw .shape("has top_k \(count), more than the \(bottom[axis]) values on axis \(axis) of its bottom \(bottom)")
    }
    var top = bottom
    top[axis] = count ?? bottom[axis]
    return [Shape](repeating: top, count: topCount)
  }

  private func lines(_ shape: Shape) -> AxisLines { AxisLines(shape, axis: shape.canonicalAxis(axis) ?? 0) }

  func reference(_ run: LayerRun) { choose(run, 0..<lines(run.shapes.bottoms[0]).count) }

  private func choose(_ run: LayerRun, _ range: Range<Int>) {
    let (lines, x) = (lines(run.shapes.bottoms[0]), run.bottoms[0])
    let count = count ?? lines.length
    for line in range {
      let (first, to) = (lines.start(line, length: lines.length), lines.start(line, length: count))
      let chosen = ranking.indices(x, first, lines.length, lines.stride, count: count)
      for (k, index) in chosen.enumerated() {
        run.tops[0][to + k * lines.stride] = x[first + index * lines.stride]
        if run.tops.count > 1 { run.tops[1][to + k * lines.stride] = Float(index) }
      }
    }
  }

  func makeKernel(_ context: KernelContext) -> any LayerKernel {
    let lines = lines(context.shapes.bottoms[0])
    return LoopKernel.rows(context, lines.count, cost: 8 * lines.length) { choose($0, $1) }
  }
}
