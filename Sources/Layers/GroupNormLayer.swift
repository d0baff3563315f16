import CaffeFormat
import Kernels
import LayerGraph
import Tensors

/// `y = (x - mean) / sqrt(variance + eps)`, mean and variance over each of `group_num` groups of the channels of each item
/// `[N, C, ..]`; with `group` for `group_num`, or with fillers, then times a learned scale plus a learned bias for each
/// channel. `affine`, which is ours, says so either way.
///
/// The two spellings are those of two forks: one has no blobs, the other two of `[1, C, 1, 1]`.
/// - Source: Wu & He 2018, arXiv:1803.08494; `group_norm_layer.cpp` of GroupNorm-caffe and of SENet's author.
struct GroupNormLayer: LayerType {
  static let caffeTypes = ["GroupNorm"]
  static let arity = Arity.oneToOne
  static let agreement = Agreement.relativeToLargest(1e-5)

  private let groups: Int
  private let eps: Float
  private let isAffine: Bool
  private let scaleFiller: ProtoMessage
  private let biasFiller: ProtoMessage?

  init(_ source: LayerSource) throws(LayerError) {
    let p = source.settings("group_norm_param")
    if p.has("group"), p.has("group_num") {
      throw source.error("group and group_num are both set", p, field: "group")
    }
    groups = try source.positive(p, p.has("group") ? "group" : "group_num", default: 32)
    eps = try source.finite(p, "eps", default: 1e-5)
    guard eps >= 0 else { throw source.error("eps must not be negative, is \(eps)", p, field: "eps") }
    isAffine = p.bool("affine") ?? (p.has("group") || p.has("scale_filler") || p.has("bias_filler"))
    scaleFiller = p.message("scale_filler") ?? .ones(at: p)
    biasFiller = p.message("bias_filler")
  }

  var quantization: QuantizationRole { .data() }

  func paramBlobs(_ bottoms: [Shape]) throws(LayerError) -> [ParamBlobSpec] {
    _ = try topShapes(bottoms)
    let shape: Shape = [1, bottoms[0][1], 1, 1]
    return isAffine
      ? [
        ParamBlobSpec("scale", shape, .scale, filler: scaleFiller),
        ParamBlobSpec("bias", shape, .bias, filler: biasFiller),
      ] : []
  }

  func topShapes(_ bottoms: [Shape]) throws(LayerError) -> [Shape] {
    let shape = bottoms[0]
    guard shape.rank >= 2 else { throw .shape("needs a bottom [N, C, ..], got \(shape)") }
    guard !shape.dims.contains(0) else { throw .shape("has nothing to normalize in its bottom \(shape)") }
    guard shape[1] % groups == 0 else {
      throw .shape("cannot cut the \(shape[1]) channels of its bottom \(shape) into \(groups) groups")
    }
    return bottoms
  }

  func reference(_ run: LayerRun) {
    let shape = run.shapes.bottoms[0]
    let (channels, inner) = (shape[1] / groups, shape.count(from: 2))
    let length = channels * inner
    for row in 0..<shape[0] * groups {
      let normalized = RowStatistics.reference(run.bottoms[0].slice(row * length, length), eps: eps)
      for (i, value) in normalized.enumerated() {
        let channel = row % groups * channels + i / inner
        let (scale, bias) = isAffine ? (run.params[0][channel], run.params[1][channel]) : (1, 0)
        run.tops[0][row * length + i] = Float(value * Double(scale) + Double(bias))
      }
    }
  }

  func makeKernel(_ context: KernelContext) throws(KernelError) -> (any LayerKernel)? {
    let shape = context.shapes.bottoms[0]
    let (channels, inner) = (shape[1] / groups, shape.count(from: 2))
    let length = channels * inner
    return LoopKernel.rows(context, shape[0] * groups, cost: 3 * length) { run, rows in
      for row in rows {
        let (x, y) = (run.bottoms[0].slice(row * length, length), run.tops[0].slice(row * length, length))
        let statistics = RowStatistics(x, eps: eps)
        guard isAffine else {
          statistics.apply(x, y, scale: 1, bias: 0)
          continue
        }
        for c in 0..<channels {
          let channel = row % groups * channels + c
          statistics.apply(
            x.slice(c * inner, inner), y.slice(c * inner, inner), scale: run.params[0][channel],
            bias: run.params[1][channel])
        }
      }
    }
  }
}

extension ProtoMessage {
  /// A filler that makes ones, placed where `settings` stands.
  static func ones(at settings: ProtoMessage) -> ProtoMessage {
    ProtoMessage("FillerParameter", fields: [ProtoField("value", .real(1))], location: settings.location)
  }
}
