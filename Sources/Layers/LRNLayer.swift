import Glibc
import Kernels
import LayerGraph
import Tensors

/// Local response normalization: over `local_size` neighbouring channels, or over a square window within each channel.
///
/// ACROSS_CHANNELS: `y = x * (k + alpha / size * sum x'^2)^-beta`. WITHIN_CHANNEL: `y = x * (1 + alpha / size^2 * sum
/// x'^2)^-beta` with zero padding; `k` is not used there, as in Caffe.
/// - Source: Caffe `lrn_layer.cpp`.
struct LRNLayer: LayerType {
  static let caffeTypes = ["LRN"]
  static let arity = Arity.oneToOne
  static let agreement = Agreement.relativeToLargest(2e-6)

  private let size: Int
  private let alpha: Float
  private let beta: Float
  private let k: Float
  private let withinChannel: Bool

  init(_ source: LayerSource) throws(LayerError) {
    let p = source.settings("lrn_param")
    size = try source.positive(p, "local_size", default: 5)
    guard size % 2 == 1 else { throw source.error("local_size must be odd, is \(size)", p, field: "local_size") }
    alpha = p.float("alpha") ?? 1
    beta = p.float("beta") ?? 0.75
    k = p.float("k") ?? 1
    withinChannel = p.enumName("norm_region") == "WITHIN_CHANNEL"
  }

  var quantization: QuantizationRole { .data() }

  func topShapes(_ bottoms: [Shape]) throws(LayerError) -> [Shape] {
    guard bottoms[0].rank == 4 else { throw .shape("needs a bottom of [N, C, H, W], got \(bottoms[0])") }
    return bottoms
  }

  /// Sums and powers in Double.
  func reference(_ run: LayerRun) {
    let shape = run.shapes.bottoms[0]
    let (channels, height, width, reach) = (shape[1], shape[2], shape[3], size / 2)
    func square(_ n: Int, _ c: Int, _ h: Int, _ w: Int) -> Double {
      guard (0..<channels).contains(c), (0..<height).contains(h), (0..<width).contains(w) else { return 0 }
      let x = Double(run.bottoms[0][((n * channels + c) * height + h) * width + w])
      return x * x
    }
    var at = 0
    for n in 0..<shape[0] {
      for c in 0..<channels {
        for h in 0..<height {
          for w in 0..<width {
            var sum = 0.0
            if withinChannel {
              for y in max(0, h - reach)...min(height - 1, h + reach) {
                for x in max(0, w - reach)...min(width - 1, w + reach) { sum += square(n, c, y, x) }
              }
              sum = 1 + Double(alpha) / (Double(size) * Double(size)) * sum
            } else {
              for d in max(0, c - reach)...min(channels - 1, c + reach) { sum += square(n, d, h, w) }
              sum = Double(k) + Double(alpha) / Double(size) * sum
            }
            run.tops[0][at] = Float(Double(run.bottoms[0][at]) * pow(sum, -Double(beta)))
            at += 1
          }
        }
      }
    }
  }

  func makeKernel(_ context: KernelContext) throws(KernelError) -> (any LayerKernel)? {
    let shape = context.shapes.bottoms[0]
    if !withinChannel, shape[1] % 16 == 0 {
      let kernel = PrimitiveKernel(
        try context.backend.lrn(context.bottomLayouts[0], size: size, alpha: alpha, beta: beta, k: k))
      if !kernel.isSlow { return kernel }
    }
    let loops = LRNLoops(shape, size: size, alpha: alpha, beta: beta, k: k, parallel: context.backend.parallel)
    let within = withinChannel
    return LoopKernel(bottoms: [.plain(shape)], tops: [.plain(shape)]) { io in
      within ? loops.withinChannel(io.bottom(0), io.top(0)) : loops.acrossChannels(io.bottom(0), io.top(0))
    }
  }
}
