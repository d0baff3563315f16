import Kernels
import LayerGraph
import Tensors

/// Takes the mean off each channel (or each sample, `across_channels`) and divides by `deviation + eps`.
///
/// eps is added to the standard deviation, not to the variance, as in Caffe.
/// - Source: Caffe `mvn_layer.cpp`.
struct MVNLayer: LayerType {
  static let caffeTypes = ["MVN"]
  static let arity = Arity.oneToOne
  static let agreement = Agreement.relativeToLargest(1e-5)

  private let normalizesVariance: Bool
  private let acrossChannels: Bool
  private let eps: Float

  init(_ source: LayerSource) throws(LayerError) {
    let p = source.settings("mvn_param")
    normalizesVariance = p.bool("normalize_variance") ?? true
    acrossChannels = p.bool("across_channels") ?? false
    eps = p.float("eps") ?? 1e-9
  }

  var quantization: QuantizationRole { .data() }

  func topShapes(_ bottoms: [Shape]) throws(LayerError) -> [Shape] {
    guard (1...4).contains(bottoms[0].rank) else { throw .shape("needs a bottom of up to 4 axes, got \(bottoms[0])") }
    return bottoms
  }

  private func rows(_ shape: Shape) -> Int { acrossChannels ? shape.legacy(0) : shape.legacy(0) * shape.legacy(1) }

  /// Sums in Double.
  func reference(_ run: LayerRun) {
    let rows = rows(run.shapes.bottoms[0])
    let length = run.shapes.bottoms[0].count / max(1, rows)
    for row in 0..<rows {
      let (x, y) = (run.bottoms[0].slice(row * length, length), run.tops[0].slice(row * length, length))
      var mean = 0.0
      for i in 0..<length { mean += Double(x[i]) / Double(length) }
      var variance = 0.0
      for i in 0..<length { variance += (Double(x[i]) - mean) * (Double(x[i]) - mean) / Double(length) }
      let divisor = normalizesVariance ? variance.squareRoot() + Double(eps) : 1
      for i in 0..<length { y[i] = Float((Double(x[i]) - mean) / divisor) }
    }
  }

  func makeKernel(_ context: KernelContext) throws(KernelError) -> (any LayerKernel)? {
    let shape = context.shapes.bottoms[0]
    let (rows, parallel, eps) = (rows(shape), context.backend.parallel, normalizesVariance ? eps : nil)
    let length = shape.count / max(1, rows)
    return LoopKernel(bottoms: [.plain(shape)], tops: [.plain(shape)], canRunInPlace: true) { io in
      MVNLoops.run(io.bottom(0), io.top(0), rows: rows, length: length, eps: eps, parallel: parallel)
    }
  }
}
