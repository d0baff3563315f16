import Kernels
import LayerGraph
import Tensors

/// Puts the axes into another order: axis `i` of the top is axis `dim[i]` of the bottom; `dim` names every axis once.
/// - Source: `transpose_layer.cpp` of the OCR and CTC forks.
struct TransposeLayer: LayerType {
  static let caffeTypes = ["Transpose"]
  static let arity = Arity.oneToOne
  static let agreement = Agreement.exact

  private let dim: [Int]

  init(_ source: LayerSource) throws(LayerError) {
    let p = source.settings("transpose_param")
    dim = p.ints("dim")
    guard !dim.isEmpty else { throw source.error("needs dim: the axes of its bottom in their new order", p) }
  }

  private func order(_ shape: Shape) -> [Int] { dim.compactMap { shape.canonicalAxis($0) } }

  func topShapes(_ bottoms: [Shape]) throws(LayerError) -> [Shape] {
    let order = order(bottoms[0])
    guard dim.count == order.count, order.sorted() == Array(0..<bottoms[0].rank) else {
      throw .shape("has dim \(dim), which does not name each axis of its bottom \(bottoms[0]) once")
    }
    return [Shape(order.map { bottoms[0][$0] })]
  }

  func reference(_ run: LayerRun) {
    let (bottom, top) = (run.shapes.bottoms[0], run.shapes.tops[0])
    let order = order(bottom)
    for i in 0..<run.tops[0].count {
      var (rest, from) = (i, 0)
      for axis in order.indices.reversed() {
        from += rest % top[axis] * bottom.count(from: order[axis] + 1)
        rest /= top[axis]
      }
      run.tops[0][i] = run.bottoms[0][from]
    }
  }

  func makeKernel(_ context: KernelContext) throws(KernelError) -> (any LayerKernel)? {
    let (bottom, top) = (context.shapes.bottoms[0], context.shapes.tops[0])
    let strides = StridedCopy.strides(of: bottom)
    let copy = StridedCopy(extents: top.dims, strides: order(bottom).map { strides[$0] })
    return LoopKernel.rows(context, copy.rows, cost: top.count / copy.rows) { run, rows in
      copy.run(run.bottoms[0], run.tops[0], rows)
    }
  }
}
