import Kernels
import LayerGraph
import Tensors

/// Cuts its bottom along `axis` at the `slice_point`s, or into equal parts.
/// - Source: Caffe `slice_layer.cpp`.
struct SliceLayer: LayerType {
  static let caffeTypes = ["Slice"]
  static let arity = Arity(bottoms: 1...1, tops: 1...Int.max)
  static let agreement = Agreement.exact

  private let axis: Int
  private let points: [Int]
  private let topCount: Int

  init(_ source: LayerSource) throws(LayerError) {
    axis = try source.axis("axis", or: "slice_dim", in: "slice_param")
    topCount = source.topCount
    let p = source.settings("slice_param")
    points = p.ints("slice_point")
    if !points.isEmpty, points.count != topCount - 1 {
      throw source.error(
        "has \(points.count) slice_point for \(topCount) tops, needs \(topCount - 1)", p, field: "slice_point")
    }
    for (before, after) in zip([0] + points, points) where after <= before {
      throw source.error("slice_point must rise from above 0, has \(after) after \(before)", p, field: "slice_point")
    }
  }

  var quantization: QuantizationRole { .data() }
  var topsAreViews: Bool { topCount == 1 }

  func topShapes(_ bottoms: [Shape]) throws(LayerError) -> [Shape] {
    let bottom = bottoms[0]
    guard let axis = bottom.canonicalAxis(axis) else { throw .shape("has axis \(axis), outside its bottom \(bottom)") }
    if points.isEmpty, bottom[axis] % topCount != 0 {
      throw .shape("cannot cut axis \(axis) of its bottom \(bottom) into \(topCount) equal tops")
    }
    if let last = points.last, last >= bottom[axis] {
      throw .shape("has slice_point \(last), outside axis \(axis) of its bottom \(bottom)")
    }
    let ends = points.isEmpty ? (1...topCount).map { $0 * (bottom[axis] / topCount) } : points + [bottom[axis]]
    return zip([0] + ends, ends).map { start, end in
      var top = bottom
      top[axis] = end - start
      return top
    }
  }

  private func split(_ shapes: LayerShapes) -> AxisSplit? {
    shapes.bottoms[0].canonicalAxis(axis).map { AxisSplit(axis: $0, pieces: shapes.tops, whole: shapes.bottoms[0]) }
  }

  func reference(_ run: LayerRun) {
    guard let rows = split(run.shapes)?.plainRows else { return }
    var at = 0
    for n in 0..<rows.outer {
      for (top, chunk) in zip(run.tops, rows.chunks) {
        for i in 0..<chunk { top[n * chunk + i] = run.bottoms[0][at + i] }
        at += chunk
      }
    }
  }

  func makeKernel(_ context: KernelContext) throws(KernelError) -> (any LayerKernel)? {
    let wished = context.bottomLayouts[0]
    guard let rows = split(context.shapes)?.rows(like: wished) else { return nil }
    let loops = CopyLoops(outer: rows.outer, chunks: rows.chunks, parallel: context.backend.parallel)
    return LoopKernel(
      bottoms: context.shapes.bottoms.map(rows.layout), tops: context.shapes.tops.map(rows.layout)
    ) { io in
      loops.cut(io.bottom(0), into: io.tops)
    }
  }
}
