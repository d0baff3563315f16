import CaffeFormat
import Kernels
import LayerGraph
import Tensors

/// Maximum pooling of each region of interest to `pooled_h x pooled_w`: bottoms `[N, C, H, W]` and `[R, 5]`, top
/// `[R, C, pooled_h, pooled_w]`.
///
/// A region is `image, x1, y1, x2, y2` in image coordinates, multiplied by `spatial_scale` and rounded; it is at least
/// one place large. Bins that lie outside the map give 0.
/// - Source: Fast R-CNN's Caffe, `roi_pooling_layer.cpp`; Girshick 2015, arXiv:1504.08083.
struct ROIPoolingLayer: LayerType {
  static let caffeTypes = ["ROIPooling"]
  static let arity = Arity(bottoms: 2...2, tops: 1...1)
  static let agreement = Agreement.exact

  private let (pooledH, pooledW): (Int, Int)
  private let (scaleH, scaleW): (Float, Float)

  init(_ source: LayerSource) throws(LayerError) {
    let p = source.settings("roi_pooling_param")
    pooledH = try source.positive(p, "pooled_h")
    pooledW = try source.positive(p, "pooled_w")
    let scale = try source.finite(p, "spatial_scale", default: 1)
    scaleH = try source.finite(p, "spatial_scale_h", default: scale)
    scaleW = try source.finite(p, "spatial_scale_w", default: scale)
    guard scaleH > 0, scaleW > 0 else {
      throw source.error("spatial_scale must be above 0, is \(min(scaleH, scaleW))", p, field: "spatial_scale")
    }
  }

  var quantization: QuantizationRole { .data() }

  func topShapes(_ bottoms: [Shape]) throws(LayerError) -> [Shape] {
    try RegionOfInterest.check(bottoms)
    return [[bottoms[1][0], bottoms[0][1], pooledH, pooledW]]
  }

  func reference(_ run: LayerRun) { pool(run, 0..<run.shapes.tops[0][0]) }

  /// The places `first ..< end` of bin `i` of `bins` over a region.
  private func bin(_ i: Int, of bins: Int, start: Int, length: Int, limit: Int) -> Range<Int> {
    let size = Float(length) / Float(bins)
    let first = min(max(Int((Float(i) * size).rounded(.down)) + start, 0), limit)
    let end = min(max(Int((Float(i + 1) * size).rounded(.up)) + start, 0), limit)
    return first..<max(first, end)
  }

  private func pool(_ run: LayerRun, _ regions: Range<Int>) {
    let (x, rois) = (run.shapes.bottoms[0], run.bottoms[1])
    let (map, top) = (run.bottoms[0], run.tops[0])
    func place(_ value: Float, _ scale: Float) -> Int {
      Int(RegionOfInterest.bounded((value * scale).rounded(.toNearestOrAwayFromZero)))
    }
    var to = regions.lowerBound * x[1] * pooledH * pooledW
    for r in regions {
      guard let region = RegionOfInterest(rois, r, images: x[0]) else {
        top.slice(to, x[1] * pooledH * pooledW).fill(0)
        to += x[1] * pooledH * pooledW
        continue
      }
      let (x1, y1) = (place(region.x1, scaleW), place(region.y1, scaleH))
      let (width, height) = (
        max(place(region.x2, scaleW) - x1 + 1, 1), max(place(region.y2, scaleH) - y1 + 1, 1)
      )
      for c in 0..<x[1] {
        let base = (region.image * x[1] + c) * x[2] * x[3]
        for i in 0..<pooledH {
          let rows = bin(i, of: pooledH, start: y1, length: height, limit: x[2])
          for j in 0..<pooledW {
            let columns = bin(j, of: pooledW, start: x1, length: width, limit: x[3])
            var best: Float = rows.isEmpty || columns.isEmpty ? 0 : -.greatestFiniteMagnitude
            for h in rows { for w in columns { best = max(best, map[base + h * x[3] + w]) } }
            top[to] = best
            to += 1
          }
        }
      }
    }
  }

  func makeKernel(_ context: KernelContext) throws(KernelError) -> (any LayerKernel)? {
    let top = context.shapes.tops[0]
    let loops = LoopKernel.rows(context, top[0], cost: top.count(from: 1)) { pool($0, $1) }
    return RegionOfInterest.checking(loops, context.shapes)
  }
}
