import Kernels
import LayerGraph
import Tensors

/// `y = (x - mean[c]) / sqrt(variance[c] + eps)` over `[N, C, ..]`.
///
/// Mean and variance are the stored sums divided by the stored factor (a factor of 0 makes them 0); with an explicit
/// `use_global_stats: false`, those of the batch. Blobs: mean `[C]`, variance `[C]`, factor `[1]`.
/// - Source: Caffe `batch_norm_layer.cpp`.
struct BatchNormLayer: ChannelAffine {
  static let caffeTypes = ["BatchNorm"]
  static let arity = Arity.oneToOne
  static let agreement = Agreement.relativeToLargest(1e-6)

  private let usesGlobalStatistics: Bool
  private let eps: Float

  init(_ source: LayerSource) throws(LayerError) {
    let p = source.settings("batch_norm_param")
    // Unset means "in phase TEST", the only phase that is run.
    usesGlobalStatistics = p.bool("use_global_stats") ?? true
    eps = p.float("eps") ?? 1e-5
    guard eps >= 0 else { throw source.error("eps must not be negative, is \(eps)", p, field: "eps") }
  }

  var quantization: QuantizationRole { .data(on: false) }

  private func channels(_ bottom: Shape) -> Int { bottom.rank > 1 ? bottom[1] : 1 }

  func paramBlobs(_ bottoms: [Shape]) throws(LayerError) -> [ParamBlobSpec] {
    let perChannel: Shape = [channels(bottoms[0])]
    return [
      ParamBlobSpec("mean", perChannel, .mean), ParamBlobSpec("variance", perChannel, .variance),
      ParamBlobSpec("factor", [1], .factor),
    ]
  }

  func topShapes(_ bottoms: [Shape]) throws(LayerError) -> [Shape] {
    guard bottoms[0].rank >= 1 else { throw .shape("needs a bottom of [N, C, ..], got \(bottoms[0])") }
    return bottoms
  }

  /// Stored mean, and `1 / sqrt(variance + eps)`, per channel; in Double.
  private func statistics(_ params: [Tensor]) -> (mean: [Double], scale: [Double]) {
    let unit = params[2][0] == 0 ? 0 : 1 / Double(params[2][0])
    return (
      params[0].array.map { Double($0) * unit },
      params[1].array.map { 1 / (Double($0) * unit + Double(eps)).squareRoot() }
    )
  }

  /// Statistics in Double.
  func reference(_ run: LayerRun) {
    let shape = run.shapes.bottoms[0]
    let (channels, inner) = (channels(shape), shape.rank > 2 ? shape.count(from: 2) : 1)
    let (x, y) = (run.bottoms[0], run.tops[0])
    for c in 0..<channels {
      func forEach(_ body: (Int) -> Void) {
        for n in 0..<shape[0] { for i in 0..<inner { body((n * channels + c) * inner + i) } }
      }
      var mean = 0.0
      var variance = 0.0
      if usesGlobalStatistics {
        let factor = Double(run.params[2][0])
        mean = factor == 0 ? 0 : Double(run.params[0][c]) / factor
        variance = factor == 0 ? 0 : Double(run.params[1][c]) / factor
      } else {
        let count = Double(shape[0] * inner)
        forEach { mean += Double(x[$0]) / count }
        forEach { variance += (Double(x[$0]) - mean) * (Double(x[$0]) - mean) / count }
      }
      let deviation = (variance + Double(eps)).squareRoot()
      forEach { y[$0] = Float((Double(x[$0]) - mean) / deviation) }
    }
  }

  static let fusionStage = FusionStage.batchNorm
  func isChannelAffine(_ bottom: Shape) -> Bool { usesGlobalStatistics }

  func channelAffine(_ params: [Tensor], channels: Int) -> (scale: [Double], shift: [Double]) {
    let (mean, scale) = statistics(params)
    return (scale, zip(mean, scale).map { -$0 * $1 })
  }

  func postOp(_ shapes: LayerShapes, _ params: [Tensor]) -> PostOp? {
    guard usesGlobalStatistics, params.count == 3, shapes.bottoms[0].rank > 1 else { return nil }
    let (mean, scale) = statistics(params)
    return .affine(scale: scale.map { Float($0) }, shift: zip(mean, scale).map { Float(-$0 * $1) })
  }

  func makeKernel(_ context: KernelContext) throws(KernelError) -> (any LayerKernel)? {
    if !usesGlobalStatistics { return batchKernel(context) }
    let layout = context.bottomLayouts[0]
    guard let loops = ChannelLoops(layout, parallel: context.backend.parallel) else { return nil }
    let (means, scales) = statistics(context.params)
    let mean = Tensor(shape: [means.count], means.map { Float($0) })
    let scale = Tensor(shape: [scales.count], scales.map { Float($0) })
    return LoopKernel(bottoms: [layout], tops: [layout], canRunInPlace: true) { io in
      // The mean is taken off first: with a small deviation, x * scale and mean * scale would cancel.
      loops.affine(
        io.bottom(0), io.top(0), center: .init(mean.view, otherwise: 0), scale: .init(scale.view, otherwise: 1),
        shift: .init(nil, otherwise: 0))
    }
  }

  /// Statistics of the batch: one pass for the mean, one for the variance, one for the result.
  private func batchKernel(_ context: KernelContext) -> (any LayerKernel)? {
    let layout = context.bottomLayouts[0]
    let parallel = context.backend.parallel
    guard let moments = MomentLoops(layout, parallel: parallel), let loops = ChannelLoops(layout, parallel: parallel)
    else { return nil }
    return LoopKernel(bottoms: [layout], tops: [layout], canRunInPlace: true) { io in
      let found = moments.moments(io.bottom(0))
      let mean = Tensor(shape: [found.means.count], found.means.map { Float($0) })
      let scale = Tensor(
        shape: mean.shape, found.variances.map { Float(1 / ($0 + Double(eps)).squareRoot()) })
      loops.affine(
        io.bottom(0), io.top(0), center: .init(mean.view, otherwise: 0), scale: .init(scale.view, otherwise: 1),
        shift: .init(nil, otherwise: 0))
      withExtendedLifetime((mean, scale)) {}
    }
  }
}
