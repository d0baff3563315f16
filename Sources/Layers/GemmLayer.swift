import Kernels
import LayerGraph
import Tensors

/// `y = alpha * op(a) * op(b) + beta * c` for matrices a, b and, when there is a third bottom, c; `transA` and `transB` (0
/// or 1) transpose a and b first.
///
/// c is `[M, N]`, or has extents of 1, or fewer axes, where it is spread over the product `[M, N]`. With `beta: 0` it is
/// not read.
/// - Source: `gemm_layer.cpp` of Synopsys' Caffe; the operator Gemm of ONNX.
struct GemmLayer: LayerType {
  static let caffeTypes = ["Gemm"]
  static let arity = Arity(bottoms: 2...3, tops: 1...1)
  static let agreement = Agreement.relativeToLargest(1e-5)

  private let transposesA: Bool
  private let transposesB: Bool
  private let alpha: Float
  private let beta: Float

  init(_ source: LayerSource) throws(LayerError) {
    let p = source.settings("gemm_param")
    func flag(_ field: String) throws(LayerError) -> Bool {
      let value = p.int(field) ?? 0
      guard (0...1).contains(value) else { throw source.error("\(field) must be 0 or 1, is \(value)", p, field: field) }
      return value == 1
    }
    transposesA = try flag("transA")
    transposesB = try flag("transB")
    alpha = try source.finite(p, "alpha", default: 1)
    beta = try source.finite(p, "beta", default: 1)
  }

  var quantization: QuantizationRole { .data(inputs: .all) }

  private func product(_ bottoms: [Shape]) -> MatrixProduct {
    let (a, b) = (bottoms[0], bottoms[1])
    return MatrixProduct(
      rows: a[transposesA ? 1 : 0], columns: b[transposesB ? 0 : 1], inner: a[transposesA ? 0 : 1],
      transposesA: transposesA, transposesB: transposesB, alpha: alpha, beta: bottoms.count > 2 ? beta : 0)
  }

  func topShapes(_ bottoms: [Shape]) throws(LayerError) -> [Shape] {
    guard bottoms[0].rank == 2, bottoms[1].rank == 2 else {
      throw .shape("needs two matrices, got \(bottoms[0]) and \(bottoms[1])")
    }
    let product = product(bottoms)
    let depth = bottoms[1][transposesB ? 1 : 0]
    guard product.inner == depth else {
      throw .shape(
        "cannot multiply \(product.rows) x \(product.inner) by \(depth) x \(product.columns) matrices, from bottoms "
          + "\(bottoms[0]) and \(bottoms[1])")
    }
    guard depth > 0 else { throw .shape("has nothing to sum in its bottoms \(bottoms[0]) and \(bottoms[1])") }
    let top: Shape = [product.rows, product.columns]
    if bottoms.count > 2 {
      let c = bottoms[2]
      guard c.rank <= 2, zip(c.dims.reversed(), top.dims.reversed()).allSatisfy({ $0 == $1 || $0 == 1 }) else {
        throw .shape("needs a bottom 2 that can be spread over \(top), got \(c)")
      }
    }
    return [top]
  }

  func macs(_ shapes: LayerShapes) -> Int { shapes.tops[0].count * product(shapes.bottoms).inner }

  /// Bottom 2, spread over the top: what the product is added to.
  private func spread(_ c: FloatView, _ shape: Shape, _ y: MutableFloatView, _ top: Shape) {
    let strides = ElementComparison.strides(shape, in: top)
    for i in 0..<top[0] {
      for j in 0..<top[1] { y[i * top[1] + j] = c[i * strides[0] + j * strides[1]] }
    }
  }

  func reference(_ run: LayerRun) {
    let product = product(run.shapes.bottoms)
    if product.beta != 0 { spread(run.bottoms[2], run.shapes.bottoms[2], run.tops[0], run.shapes.tops[0]) }
    product.reference(run.bottoms[0], run.bottoms[1], run.tops[0])
  }

  func makeKernel(_ context: KernelContext) throws(KernelError) -> (any LayerKernel)? {
    let (shapes, parallel) = (context.shapes, context.backend.parallel)
    let product = product(shapes.bottoms)
    return LoopKernel(bottoms: shapes.bottoms.map(Layout.plain), tops: [.plain(shapes.tops[0])]) { io in
      if product.beta != 0 { spread(io.bottom(2), shapes.bottoms[2], io.top(0), shapes.tops[0]) }
      product.run(io.bottom(0), io.bottom(1), io.top(0), parallel: parallel)
    }
  }
}
