import Kernels
import LayerGraph
import Tensors

/// The `top_k` largest values along `axis`, or of each item when no axis is set: their indices, or the values.
///
/// Of equal values the one with the larger index comes first; NaN comes last. Tops for a bottom `[N, C, ..]`:
/// - without axis: `[N, 1, k]` indices, or `[N, 2, k]` indices and values with `out_max_val`; padded with ones at the end
///   to the bottom's rank.
/// - with axis: the bottom's shape with extent k there; indices, or with `out_max_val` the values.
/// - Source: Caffe `argmax_layer.cpp`.
struct ArgMaxLayer: LayerType {
  static let caffeTypes = ["ArgMax"]
  static let arity = Arity.oneToOne
  static let agreement = Agreement.exact

  private let wantsValues: Bool
  private let topK: Int
  private let axis: Int?

  init(_ source: LayerSource) throws(LayerError) {
    let p = source.settings("argmax_param")
    wantsValues = p.bool("out_max_val") ?? false
    topK = try source.positive(p, "top_k", default: 1)
    axis = p.int("axis")
  }

  var quantization: QuantizationRole { .data() }

  func topShapes(_ bottoms: [Shape]) throws(LayerError) -> [Shape] {
    let shape = bottoms[0]
    guard shape.rank > 0 else { throw .shape("needs a bottom with axes, not a scalar") }
    let lines = lines(shape)
    if let axis { _ = try canonical(axis, of: shape) }
    guard topK <= lines.length else {
      throw .shape("has top_k \(topK), more than the \(lines.length) values it chooses from in its bottom \(shape)")
    }
    var top = shape
    if let axis, let a = shape.canonicalAxis(axis) {
      top[a] = topK
    } else {
      top = Shape([shape[0], wantsValues ? 2 : 1, topK] + [Int](repeating: 1, count: max(0, shape.rank - 3)))
    }
    return [top]
  }

  /// The lines of values chosen from: how many, how long, and how far apart their elements are.
  private func lines(_ shape: Shape) -> (count: Int, length: Int, stride: Int) {
    guard let axis, let a = shape.canonicalAxis(axis) else { return (shape[0], shape.count(from: 1), 1) }
    return (shape.count / max(1, shape[a]), shape[a], shape.count(from: a + 1))
  }

  func reference(_ run: LayerRun) { choose(run, 0..<lines(run.shapes.bottoms[0]).count) }

  private func choose(_ run: LayerRun, _ range: Range<Int>) {
    let (_, length, stride) = lines(run.shapes.bottoms[0])
    let x = run.bottoms[0]
    for line in range {
      let first = line / stride * length * stride + line % stride
      for (k, index) in largest(x, first, length, stride).enumerated() {
        let value = x[first + index * stride]
        if axis == nil, wantsValues {
          run.tops[0][2 * line * topK + k] = Float(index)
          run.tops[0][(2 * line + 1) * topK + k] = value
        } else {
          let to = (line / stride * topK + k) * stride + line % stride
          run.tops[0][to] = wantsValues ? value : Float(index)
        }
      }
    }
  }

  /// Indices of the `topK` largest of `x[first], x[first + stride], ..`, best first.
  private func largest(_ x: FloatView, _ first: Int, _ length: Int, _ stride: Int) -> [Int] {
    func before(_ a: Int, _ b: Int) -> Bool {
      let (p, q) = (x[first + a * stride], x[first + b * stride])
      if p.isNaN || q.isNaN { return p.isNaN == q.isNaN ? a > b : q.isNaN }
      return p == q ? a > b : p > q
    }
    if topK > 32 { return Array((0..<length).sorted(by: before).prefix(topK)) }
    var best: [Int] = []
    best.reserveCapacity(topK + 1)
    for i in 0..<length {
      if best.count == topK, before(best[topK - 1], i) { continue }
      best.insert(i, at: best.firstIndex { before(i, $0) } ?? best.count)
      if best.count > topK { best.removeLast() }
    }
    return best
  }

  func makeKernel(_ context: KernelContext) throws(KernelError) -> (any LayerKernel)? {
    let lines = lines(context.shapes.bottoms[0])
    return LoopKernel.rows(context, lines.count, cost: lines.length) { choose($0, $1) }
  }
}
