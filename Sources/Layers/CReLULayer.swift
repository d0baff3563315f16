import Kernels
import LayerGraph
import Tensors

/// The rectified values and the rectified negatives one after the other along `concat_axis`: `relu(x)`, then `relu(-x)`,
/// with `relu(v) = v > 0 ? v : negative_slope * v`.
/// - Source: Shang et al. 2016, arXiv:1603.05201; `crelu_layer.cpp` of Cambricon's Caffe.
struct CReLULayer: LayerType {
  static let caffeTypes = ["CReLU"]
  static let arity = Arity.oneToOne
  static let agreement = Agreement.exact

  private let slope: Float
  private let axis: Int

  init(_ source: LayerSource) throws(LayerError) {
    let p = source.settings("crelu_param")
    slope = try source.finite(p, "negative_slope", default: 0)
    axis = p.int("concat_axis") ?? 1
  }

  var quantization: QuantizationRole { .data() }

  func topShapes(_ bottoms: [Shape]) throws(LayerError) -> [Shape] {
    var top = bottoms[0]
    let axis = try canonical(axis, of: top, "concat_axis")
    guard top.isLegal else { throw .shape("has a bottom of \(top), more than \(Shape.countLimit) values") }
    top[axis] *= 2
    return [top]
  }

  private func rectified(_ x: Float) -> Float { x < 0 ? (slope == 0 ? 0 : slope * x) : x }

  func reference(_ run: LayerRun) {
    guard let axis = run.shapes.bottoms[0].canonicalAxis(axis) else { return }
    let length = run.shapes.bottoms[0].count(from: axis)
    for i in 0..<run.bottoms[0].count {
      let to = i / length * 2 * length + i % length
      run.tops[0][to] = rectified(run.bottoms[0][i])
      run.tops[0][to + length] = rectified(-run.bottoms[0][i])
    }
  }

  func makeKernel(_ context: KernelContext) throws(KernelError) -> (any LayerKernel)? {
    let shape = context.shapes.bottoms[0]
    guard let axis = shape.canonicalAxis(axis) else { return nil }
    let length = shape.count(from: axis)
    let piece = min(length, 4096)
    let pieces = (length + piece - 1) / piece
    return LoopKernel.rows(context, shape.count(upTo: axis) * pieces, cost: piece) { [slope] run, range in
      for part in range {
        let (row, start) = (part / pieces, part % pieces * piece)
        let count = min(piece, length - start)
        let x = run.bottoms[0].slice(row * length + start, count)
        let positive = run.tops[0].slice(row * 2 * length + start, count)
        let negative = run.tops[0].slice((row * 2 + 1) * length + start, count)
        ElementLoops.relu(x, positive, slope: slope)
        for i in 0..<count { negative[i] = -x[i] }
        ElementLoops.relu(negative.readOnly, negative, slope: slope)
      }
    }
  }
}
