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
    guard !bottom.dims.contains(0) else { throw .shape("has nothing to choose from in its bottom \(bottom)") }
    if let count, count > bottom[axis] {
      throw .shape("has top_k \(count), more than the \(bottom[axis]) values on axis \(axis) of its bottom \(bottom)")
    }
    var top = bottom
    top[axis] = count ?? bottom[axis]
    return [Shape](repeating: top, count: topCount)
  }

  func reference(_ run: LayerRun) {
    let shape = run.shapes.bottoms[0]
    choose(run, 0..<shape.count / shape[shape.canonicalAxis(axis) ?? 0])
  }

  private func choose(_ run: LayerRun, _ lines: Range<Int>) {
    let shape = run.shapes.bottoms[0]
    guard let axis = shape.canonicalAxis(axis) else { return }
    let (length, stride) = (shape[axis], shape.count(from: axis + 1))
    let count = count ?? length
    let (x, y, places) = (run.bottoms[0], run.tops[0], run.tops.count > 1 ? run.tops[1] : nil)
    ranking.choose(x, length: length, stride: stride, lines: lines, count: count) { line, k, index in
      let to = (line / stride * count + k) * stride + line % stride
      y[to] = x[(line / stride * length + index) * stride + line % stride]
      if let places { places[to] = Float(index) }
    }
  }

  func makeKernel(_ context: KernelContext) -> (any LayerKernel)? {
    let shape = context.shapes.bottoms[0]
    guard let axis = shape.canonicalAxis(axis) else { return nil }
    return LoopKernel.rows(context, shape.count / shape[axis], cost: 8 * shape[axis]) { choose($0, $1) }
  }
}
