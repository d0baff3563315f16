import CaffeFormat
import Kernels
import LayerGraph
import Tensors

/// Position-sensitive average pooling of regions: each of `group_size x group_size` bins of a region reads channels of
/// its own.
///
/// Bottoms `[N, output_dim * group_size^2, H, W]` and `[R, 5]`, top `[R, output_dim, group_size, group_size]`. A region
/// reaches from its rounded corner to one place behind its rounded other corner, both times `spatial_scale`, and is at
/// least 0.1 places large; bin (i, j) of output d is the mean of channel `(d * group_size + i) * group_size + j` from
/// the floor of the bin's beginning to the ceiling of its end. Bins outside the map give 0.
/// - Source: R-FCN's Caffe, `psroi_pooling_layer.cu`; Dai et al. 2016, arXiv:1605.06409.
struct PSROIPoolingLayer: LayerType {
  static let caffeTypes = ["PSROIPooling"]
  static let arity = Arity(bottoms: 2...2, tops: 1...1)
  static let agreement = Agreement.exact

  private let scale: Float
  private let outputs: Int
  private let group: Int

  init(_ source: LayerSource) throws(LayerError) {
    let p = source.settings("psroi_pooling_param")
    guard p.has("spatial_scale") else { throw source.error("needs spatial_scale", p) }
    scale = try source.finite(p, "spatial_scale", default: 1)
    guard scale > 0 else { throw source.error("spatial_scale must be above 0, is \(scale)", p, field: "spatial_scale") }
    outputs = try source.positive(p, "output_dim")
    group = try source.positive(p, "group_size")
    guard Shape([outputs, group, group]).isLegal else {
      throw source.error("output_dim \(outputs) with group_size \(group) is too large", p, field: "group_size")
    }
  }

  var quantization: QuantizationRole { .data() }

  func topShapes(_ bottoms: [Shape]) throws(LayerError) -> [Shape] {
    try RegionOfInterest.check(bottoms)
    guard bottoms[0][1] == outputs * group * group else {
      throw .shape(
        "needs output_dim \(outputs) x group_size \(group) x \(group) = \(outputs * group * group) channels, "
          + "got \(bottoms[0])")
    }
    return [[bottoms[1][0], outputs, group, group]]
  }

  func reference(_ run: LayerRun) { pool(run, 0..<run.shapes.tops[0][0]) }

  /// The places of each bin along one axis of a region from `from` to `to`.
  private func bins(_ from: Float, _ to: Float, limit: Int) -> [Range<Int>] {
    let start = RegionOfInterest.bounded(from.rounded(.toNearestOrAwayFromZero) * scale)
    let end = RegionOfInterest.bounded((to.rounded(.toNearestOrAwayFromZero) + 1) * scale)
    let size = max(end - start, 0.1) / Float(group)
    return (0..<group).map { i in
      let first = min(max(Int((Float(i) * size + start).rounded(.down)), 0), limit)
      let last = min(max(Int((Float(i + 1) * size + start).rounded(.up)), 0), limit)
      return first..<max(first, last)
    }
  }

  private func pool(_ run: LayerRun, _ regions: Range<Int>) {
    let x = run.shapes.bottoms[0]
    let (map, top) = (run.bottoms[0], run.tops[0])
    let perRegion = outputs * group * group
    for r in regions {
      guard let region = RegionOfInterest(run.bottoms[1], r, images: x[0]) else {
        top.slice(r * perRegion, perRegion).fill(0)
        continue
      }
      let rows = bins(region.y1, region.y2, limit: x[2])
      let columns = bins(region.x1, region.x2, limit: x[3])
      for channel in 0..<perRegion {
        let (h, w) = (rows[channel / group % group], columns[channel % group])
        let base = (region.image * x[1] + channel) * x[2] * x[3]
        var sum: Float = 0
        for i in h { for j in w { sum += map[base + i * x[3] + j] } }
        // Output, bin row and bin column are numbered like the channels.
        top[r * perRegion + channel] = h.isEmpty || w.isEmpty ? 0 : sum / Float(h.count * w.count)
      }
    }
  }

  func makeKernel(_ context: KernelContext) throws(KernelError) -> (any LayerKernel)? {
    let top = context.shapes.tops[0]
    let loops = LoopKernel.rows(context, top[0], cost: top.count(from: 1)) { pool($0, $1) }
    return RegionOfInterest.checking(loops, context.shapes)
  }
}
