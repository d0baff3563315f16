import Kernels
import LayerGraph
import Tensors

/// Puts the axes into another order: axis `i` of the top is axis `order[i]` of the bottom; axes that `order` leaves out
/// follow in their own order.
/// - Source: SSD's Caffe, `permute_layer.cpp`.
struct PermuteLayer: LayerType {
  static let caffeTypes = ["Permute"]
  static let arity = Arity.oneToOne
  static let agreement = Agreement.exact

  private let given: [Int]

  init(_ source: LayerSource) throws(LayerError) {
    let p = source.settings("permute_param")
    given = p.ints("order")
    if let twice = given.enumerated().first(where: { given[..<$0.offset].contains($0.element) }) {
      throw source.error("order names axis \(twice.element) twice", p, field: "order")
    }
    if let bad = given.first(where: { !(0..<12).contains($0) }) {
      throw source.error("order must name axes 0 to 11, it has \(bad)", p, field: "order")
    }
  }

  var quantization: QuantizationRole { .data() }
  var topsAreViews: Bool { given == Array(0..<given.count) }

  private func order(rank: Int) -> [Int] { given + (0..<rank).filter { !given.contains($0) } }

  func topShapes(_ bottoms: [Shape]) throws(LayerError) -> [Shape] {
    if let bad = given.first(where: { $0 >= bottoms[0].rank }) {
      throw .shape("orders axis \(bad), which its bottom \(bottoms[0]) does not have")
    }
    return [Shape(order(rank: bottoms[0].rank).map { bottoms[0][$0] })]
  }

  func reference(_ run: LayerRun) {
    let (bottom, top) = (run.shapes.bottoms[0], run.shapes.tops[0])
    let order = order(rank: bottom.rank)
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
    let copy = StridedCopy(extents: top.dims, strides: order(rank: bottom.rank).map { strides[$0] })
    return LoopKernel.rows(context, copy.rows, cost: top.count / copy.rows) { run, rows in
      copy.run(run.bottoms[0], run.tops[0], rows)
    }
  }
}
