import CaffeFormat
import Kernels
import LayerGraph
import Tensors

/// Average of bilinear samples in each of `pooled_h x pooled_w` bins of a region, whose corners are not rounded.
///
/// Bottoms `[N, C, H, W]` and `[R, 5]`, top `[R, C, pooled_h, pooled_w]`. Each bin has `sampling_ratio` samples per axis
/// (0 and below: as many as it has places, rounded up), in the middle of equal parts. A sample further than one place
/// outside the map counts as 0, one at the border has the border's value. `roi_end_mode` says what a region is, after
/// `spatial_scale`: 0, from corner to corner, at least one place large; 1, one image place more to the right and below;
/// 2, moved by half a place and not widened; 3, moved by half a place, at least one place large.
/// - Source: He et al. 2017, arXiv:1703.06870; Caffe2's `roi_align_op.cc`; ATC's ROIAlign for `roi_end_mode`. The forks
///   that take the largest of four samples, or put samples on the corners of the bins, are something else.
struct ROIAlignLayer: LayerType {
  static let caffeTypes = ["ROIAlign"]
  static let arity = Arity(bottoms: 2...2, tops: 1...1)
  static let agreement = Agreement.exact

  private let (pooledH, pooledW): (Int, Int)
  private let scale: Float
  private let samples: Int
  private let endMode: Int

  init(_ source: LayerSource) throws(LayerError) {
    let p = source.settings("roi_align_param")
    pooledH = try source.positive(p, "pooled_h")
    pooledW = try source.positive(p, "pooled_w")
    scale = try source.finite(p, "spatial_scale", default: 1)
    guard scale > 0 else { throw source.error("spatial_scale must be above 0, is \(scale)", p, field: "spatial_scale") }
    samples = p.int("sampling_ratio") ?? -1
    guard samples <= 1024 else {
      throw source.error("sampling_ratio must be at most 1024, is \(samples)", p, field: "sampling_ratio")
    }
    endMode = p.int("roi_end_mode") ?? 0
    guard (0...3).contains(endMode) else {
      throw source.error("roi_end_mode must be 0 to 3, is \(endMode)", p, field: "roi_end_mode")
    }
  }

  var quantization: QuantizationRole { .data() }

  func topShapes(_ bottoms: [Shape]) throws(LayerError) -> [Shape] {
    try RegionOfInterest.check(bottoms)
    return [[bottoms[1][0], bottoms[0][1], pooledH, pooledW]]
  }

  func reference(_ run: LayerRun) { pool(run, 0..<run.shapes.tops[0][0]) }

  /// Two neighbouring places and their weights.
  private struct Sample {
    let (low, high): (Int, Int)
    let (lowWeight, highWeight): (Float, Float)

    /// `nil` more than one place outside.
    init?(_ position: Float, limit: Int) {
      guard position >= -1, position <= Float(limit) else { return nil }
      let place = max(position, 0)
      let at = Int(place)
      if at >= limit - 1 {
        (low, high, lowWeight, highWeight) = (limit - 1, limit - 1, 1, 0)
      } else {
        let part = place - Float(at)
        (low, high, lowWeight, highWeight) = (at, at + 1, 1 - part, part)
      }
    }
  }

  /// The samples of one axis of a region, bin by bin, and how many each bin would have without borders.
  private struct AxisSamples {
    var bins: [[Sample]] = []
    var perBin = 0
  }

  private func axis(_ from: Float, _ to: Float, bins: Int, limit: Int) -> AxisSamples {
    var (start, end) = (RegionOfInterest.bounded(from * scale), RegionOfInterest.bounded(to * scale))
    if endMode == 1 { end += scale }
    if endMode >= 2 { (start, end) = (start - 0.5, end - 0.5) }
    let length = endMode == 2 ? end - start : max(end - start, 1)
    let size = length / Float(bins)
    let grid = samples > 0 ? samples : max(0, Int(size.rounded(.up)))
    var out = AxisSamples(bins: [], perBin: grid)
    for bin in 0..<bins {
      func position(_ i: Int) -> Float { start + Float(bin) * size + (Float(i) + 0.5) * size / Float(grid) }
      var range = 0..<grid
      if grid > 1024 {
        // A region far larger than the map: steps are above a half, so few samples lie inside.
        let step = size / Float(grid)
        let first = (-1 - start - Float(bin) * size) / step - 2
        let last = (Float(limit) - start - Float(bin) * size) / step + 2
        let lower = Int(min(max(first, 0), Float(grid)))
        range = lower..<max(lower, Int(min(max(last, 0), Float(grid))))
      }
      out.bins.append(range.compactMap { Sample(position($0), limit: limit) })
    }
    return out
  }

  private func pool(_ run: LayerRun, _ regions: Range<Int>) {
    let x = run.shapes.bottoms[0]
    let (map, top) = (run.bottoms[0], run.tops[0])
    let perRegion = x[1] * pooledH * pooledW
    for r in regions {
      guard let region = RegionOfInterest(run.bottoms[1], r, images: x[0]) else {
        top.slice(r * perRegion, perRegion).fill(0)
        continue
      }
      let rows = axis(region.y1, region.y2, bins: pooledH, limit: x[2])
      let columns = axis(region.x1, region.x2, bins: pooledW, limit: x[3])
      let count = max(Float(rows.perBin) * Float(columns.perBin), 1)
      var to = r * perRegion
      for c in 0..<x[1] {
        let base = (region.image * x[1] + c) * x[2] * x[3]
        for i in 0..<pooledH {
          for j in 0..<pooledW {
            var sum: Float = 0
            for v in rows.bins[i] {
              let (upper, lower) = (base + v.low * x[3], base + v.high * x[3])
              for h in columns.bins[j] {
                sum +=
                  v.lowWeight * h.lowWeight * map[upper + h.low] + v.lowWeight * h.highWeight * map[upper + h.high]
                  + v.highWeight * h.lowWeight * map[lower + h.low] + v.highWeight * h.highWeight * map[lower + h.high]
              }
            }
            top[to] = sum / count
            to += 1
          }
        }
      }
    }
  }

  func makeKernel(_ context: KernelContext) throws(KernelError) -> (any LayerKernel)? {
    let top = context.shapes.tops[0]
    let loops = LoopKernel.rows(context, top[0], cost: 16 * top.count(from: 1)) { pool($0, $1) }
    return RegionOfInterest.checking(loops, context.shapes)
  }
}
