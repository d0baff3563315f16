import Kernels
import LayerGraph
import Tensors

/// `y = (x - mean) / sqrt(variance + eps) * scale + bias`, mean and variance over all axes from `axis` on (1, as in the
/// forks; the field is ours).
///
/// Scale and bias are learned and have the extents of those axes; with `elementwise_affine: false` there are none.
/// - Source: Ba et al. 2016, arXiv:1607.06450; `layer_norm_layer.cpp` of Synopsys' Caffe.
struct LayerNormalizationLayer: LayerType {
  static let caffeTypes = ["LayerNormalization", "LayerNorm"]
  static let arity = Arity.oneToOne
  static let agreement = Agreement.relativeToLargest(1e-5)

  private let axis: Int
  private let eps: Float
  private let isAffine: Bool

  init(_ source: LayerSource) throws(LayerError) {
    let p = source.settings("layer_norm_param")
    axis = p.int("axis") ?? 1
    eps = try source.finite(p, "eps", default: 1e-5)
    guard eps >= 0 else { throw source.error("eps must not be negative, is \(eps)", p, field: "eps") }
    isAffine = p.bool("elementwise_affine") ?? true
  }

  var quantization: QuantizationRole { .data() }

  func paramBlobs(_ bottoms: [Shape]) throws(LayerError) -> [ParamBlobSpec] {
    let shape = Shape(Array(bottoms[0].dims[(try canonical(axis, of: bottoms[0]))...]))
    return isAffine
      ? [
        ParamBlobSpec("scale", shape, .scale, filler: .ones(at: .init("FillerParameter"))),
        ParamBlobSpec("bias", shape, .bias),
      ] : []
  }

  func topShapes(_ bottoms: [Shape]) throws(LayerError) -> [Shape] {
    _ = try canonical(axis, of: bottoms[0])
    guard !bottoms[0].dims.contains(0) else { throw .shape("has nothing to normalize in its bottom \(bottoms[0])") }
    return bottoms
  }

  private func extents(_ shape: Shape) -> (rows: Int, length: Int) {
    let first = shape.canonicalAxis(axis) ?? 0
    return (shape.count(upTo: first), shape.count(from: first))
  }

  func reference(_ run: LayerRun) {
    let (rows, length) = extents(run.shapes.bottoms[0])
    for row in 0..<rows {
      let normalized = RowStatistics.reference(run.bottoms[0].slice(row * length, length), eps: eps)
      for (i, value) in normalized.enumerated() {
        let (scale, bias) = isAffine ? (run.params[0][i], run.params[1][i]) : (1, 0)
        run.tops[0][row * length + i] = Float(value * Double(scale) + Double(bias))
      }
    }
  }

  func makeKernel(_ context: KernelContext) throws(KernelError) -> (any LayerKernel)? {
    let (rows, length) = extents(context.shapes.bottoms[0])
    return LoopKernel.rows(context, rows, cost: 3 * length) { run, range in
      for row in range {
        let (x, y) = (run.bottoms[0].slice(row * length, length), run.tops[0].slice(row * length, length))
        let statistics = RowStatistics(x, eps: eps)
        if isAffine {
          statistics.apply(x, y, scale: run.params[0], bias: run.params[1])
        } else {
          statistics.apply(x, y, scale: 1, bias: 0)
        }
      }
    }
  }
}
