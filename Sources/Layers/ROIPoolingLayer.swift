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
    let (x, rois) = (bottoms[0], bottoms[1])
    guard x.rank == 4 else { throw .shape("needs a bottom 0 of [N, C, H, W], got \(x)") }
    guard rois.rank >= 2, rois[1] == 5, rois.count(from: 2) == 1 else {
      throw .shape("needs a bottom 1 of [regions, 5], got \(rois)")
    }
    return [[rois[0], x[1], pooledH, pooledW]]
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
      // Far outside is outside.
      Int(min(max((value * scale).rounded(.toNearestOrAwayFromZero), -1e6), 1e6))
    }
    var to = regions.lowerBound * x[1] * pooledH * pooledW
    for r in regions {
      let corners = (0..<4).map { rois[r * 5 + 1 + $0] }
      let (x1, y1) = (place(corners[0], scaleW), place(corners[1], scaleH))
      let (width, height) = (
        max(place(corners[2], scaleW) - x1 + 1, 1), max(place(corners[3], scaleH) - y1 + 1, 1)
      )
      let image = Int(rois[r * 5])
      for c in 0..<x[1] {
        let base = (image * x[1] + c) * x[2] * x[3]
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
    let (x, top) = (context.shapes.bottoms[0], context.shapes.tops[0])
    let loops = LoopKernel.rows(context, top[0], cost: top.count(from: 1)) { pool($0, $1) }
    return CheckedKernel(loops) { io throws(KernelError) in
      let rois = io.bottoms[1]
      for r in 0..<top[0] {
        let values = (0..<5).map { rois[r * 5 + $0] }
        guard values.allSatisfy(\.isFinite) else {
          throw KernelError("region \(r) is not finite: \(values)")
        }
        guard values[0] >= 0, values[0] < Float(x[0]) else {
          throw KernelError("region \(r) is of image \(values[0]); the batch has \(x[0])")
        }
      }
    }
  }
}
