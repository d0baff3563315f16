import Kernels
import LayerGraph
import Tensors

/// Products of the matrices in the last two axes: `y = op(a) * op(b)`, transposed first with `transpose_a`, `transpose_b`.
///
/// `op(a)` is `[.., M, K]`, `op(b)` is `[.., K, N]`, the top `[.., M, N]`; of the axes before, those of extent 1, and those
/// that are not there, are spread over the other bottom's.
/// - Source: `matmul_layer.cpp` of Synopsys' Caffe, which takes equal axes only.
struct MatMulLayer: LayerType {
  static let caffeTypes = ["MatMul"]
  static let arity = Arity(bottoms: 2...2, tops: 1...1)
  static let agreement = Agreement.relativeToLargest(1e-5)

  private let transposesA: Bool
  private let transposesB: Bool

  init(_ source: LayerSource) throws(LayerError) {
    let p = source.settings("matmul_param")
    transposesA = p.bool("transpose_a") ?? false
    transposesB = p.bool("transpose_b") ?? false
  }

  var quantization: QuantizationRole { .data(inputs: .all) }

  /// The last two extents, in the order in which they are multiplied.
  private static func matrix(_ shape: Shape, _ transposed: Bool) -> (rows: Int, columns: Int) {
    let (m, n) = (shape[shape.rank - 2], shape[shape.rank - 1])
    return transposed ? (n, m) : (m, n)
  }

  func topShapes(_ bottoms: [Shape]) throws(LayerError) -> [Shape] {
    guard bottoms.allSatisfy({ $0.rank >= 2 }) else {
      throw .shape("needs bottoms of at least two axes, got \(bottoms[0]) and \(bottoms[1])")
    }
    let (a, b) = (Self.matrix(bottoms[0], transposesA), Self.matrix(bottoms[1], transposesB))
    guard a.columns == b.rows else {
      throw .shape(
        "cannot multiply \(a.rows) x \(a.columns) by \(b.rows) x \(b.columns) matrices, from bottoms \(bottoms[0]) and "
          + "\(bottoms[1])")
    }
    guard a.columns > 0 else { throw .shape("has nothing to sum in its bottoms \(bottoms[0]) and \(bottoms[1])") }
    let batch = try ElementComparison.topShape(bottoms.map { Shape(Array($0.dims.dropLast(2))) })
    return [Shape(batch.dims + [a.rows, b.columns])]
  }

  func macs(_ shapes: LayerShapes) -> Int {
    shapes.tops[0].count * Self.matrix(shapes.bottoms[0], transposesA).columns
  }

  private func product(_ shapes: LayerShapes) -> MatrixProduct {
    let (a, b) = (Self.matrix(shapes.bottoms[0], transposesA), Self.matrix(shapes.bottoms[1], transposesB))
    let batch = Shape(Array(shapes.tops[0].dims.dropLast(2)))
    let steps = shapes.bottoms.map { ElementComparison.strides(Shape(Array($0.dims.dropLast(2))), in: batch) }
    return MatrixProduct(
      rows: a.rows, columns: b.columns, inner: a.columns, transposesA: transposesA, transposesB: transposesB,
      batch: batch, steps: (steps[0], steps[1]))
  }

  func reference(_ run: LayerRun) { product(run.shapes).reference(run.bottoms[0], run.bottoms[1], run.tops[0]) }

  func makeKernel(_ context: KernelContext) throws(KernelError) -> (any LayerKernel)? {
    let (product, parallel) = (product(context.shapes), context.backend.parallel)
    return LoopKernel(bottoms: context.shapes.bottoms.map(Layout.plain), tops: [.plain(context.shapes.tops[0])]) { io in
      product.run(io.bottom(0), io.bottom(1), io.top(0), parallel: parallel)
    }
  }
}
