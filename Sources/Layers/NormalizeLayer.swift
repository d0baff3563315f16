import CaffeFormat
import Glibc
import Kernels
import LayerGraph
import Tensors

/// Divides by the L2 norm of each image, or of each place over its channels, and multiplies by a learned scale:
/// `y = x / sqrt(sum x^2 + eps) * scale`.
///
/// The sum runs over `[C, H, W]` with `across_spatial` (default), else over C at each place. The scale is one value with
/// `channel_shared` (default), else one per channel.
/// - Source: SSD's Caffe, `normalize_layer.cpp`; Liu et al. 2015, arXiv:1506.04579.
struct NormalizeLayer: LayerType {
  static let caffeTypes = ["Normalize"]
  static let arity = Arity.oneToOne
  static let agreement = Agreement.relativeToLargest(1e-6)

  private let acrossSpatial: Bool
  private let isShared: Bool
  private let epsilon: Float
  private let filler: ProtoMessage?

  init(_ source: LayerSource) throws(LayerError) {
    let p = source.settings("norm_param")
    acrossSpatial = p.bool("across_spatial") ?? true
    isShared = p.bool("channel_shared") ?? true
    epsilon = try source.finite(p, "eps", default: 1e-10)
    guard epsilon >= 0 else { throw source.error("eps must not be negative, is \(epsilon)", p, field: "eps") }
    // SSD: without a filler the scale starts at 1.
    filler =
      p.message("scale_filler")
      ?? ProtoMessage("FillerParameter", fields: [ProtoField("value", .real(1))], location: p.location)
  }

  var quantization: QuantizationRole { .data() }

  func paramBlobs(_ bottoms: [Shape]) throws(LayerError) -> [ParamBlobSpec] {
    guard bottoms[0].rank >= 2 else { throw .shape("needs a bottom of [N, C, ..], got \(bottoms[0])") }
    return [ParamBlobSpec("scale", isShared ? [] : [bottoms[0][1]], .scale, filler: filler)]
  }

  func topShapes(_ bottoms: [Shape]) throws(LayerError) -> [Shape] {
    _ = try paramBlobs(bottoms)
    return [bottoms[0]]
  }

  func reference(_ run: LayerRun) { normalize(run, 0..<run.shapes.bottoms[0][0]) }

  /// Images of the batch; sums in Double.
  private func normalize(_ run: LayerRun, _ images: Range<Int>) {
    let shape = run.shapes.bottoms[0]
    let (channels, places) = (shape[1], shape.count(from: 2))
    let (x, y, scale) = (run.bottoms[0], run.tops[0], run.params[0])
    for image in images {
      let base = image * channels * places
      var sums = [Double](repeating: Double(epsilon), count: acrossSpatial ? 1 : places)
      for c in 0..<channels {
        for p in 0..<places {
          let v = Double(x[base + c * places + p])
          sums[acrossSpatial ? 0 : p] += v * v
        }
      }
      let norms = sums.map { Float($0.squareRoot()) }
      for c in 0..<channels {
        let factor = scale[isShared ? 0 : c]
        for p in 0..<places {
          let i = base + c * places + p
          y[i] = x[i] / norms[acrossSpatial ? 0 : p] * factor
        }
      }
    }
  }

  func makeKernel(_ context: KernelContext) throws(KernelError) -> (any LayerKernel)? {
    let shape = context.shapes.bottoms[0]
    return LoopKernel.rows(context, shape[0], cost: shape.count(from: 1)) { normalize($0, $1) }
  }
}
