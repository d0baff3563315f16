import Kernels
import LayerGraph
import Tensors

/// Joins bottoms along `axis`; the other axes must agree.
/// - Source: Caffe `concat_layer.cpp`.
struct ConcatLayer: LayerType {
  static let caffeTypes = ["Concat"]
  static let arity = Arity(bottoms: 1...Int.max, tops: 1...1)
  static let agreement = Agreement.exact

  private let axis: Int
  let topsAreViews: Bool

  init(_ source: LayerSource) throws(LayerError) {
    axis = try source.axis("axis", or: "concat_dim", in: "concat_param")
    topsAreViews = source.bottomCount == 1
  }

  var quantization: QuantizationRole { .data(inputs: .all) }

  func topShapes(_ bottoms: [Shape]) throws(LayerError) -> [Shape] {
    guard let axis = bottoms[0].canonicalAxis(axis) else {
      throw .shape("has axis \(axis), outside its bottom \(bottoms[0])")
    }
    var top = bottoms[0]
    for b in bottoms.dropFirst() {
      guard b.rank == top.rank, b.dims.indices.allSatisfy({ $0 == axis || b[$0] == top[$0] }) else {
        throw .shape("needs bottoms that differ on axis \(axis) only, got \(bottoms[0]) and \(b)")
      }
      let (sum, overflow) = top[axis].addingReportingOverflow(b[axis])
      if overflow { throw .shape("would make an axis of more than \(Int.max)") }
      top[axis] = sum
    }
    return [top]
  }

  private func split(_ shapes: LayerShapes) -> AxisSplit? {
    shapes.tops[0].canonicalAxis(axis).map { AxisSplit(axis: $0, pieces: shapes.bottoms, whole: shapes.tops[0]) }
  }

  func reference(_ run: LayerRun) {
    guard let rows = split(run.shapes)?.plainRows else { return }
    var at = 0
    for n in 0..<rows.outer {
      for (bottom, chunk) in zip(run.bottoms, rows.chunks) {
        for i in 0..<chunk { run.tops[0][at + i] = bottom[n * chunk + i] }
        at += chunk
      }
    }
  }

  func makeKernel(_ context: KernelContext) throws(KernelError) -> (any LayerKernel)? {
    let wished = context.bottomLayouts.first { !$0.isPlain } ?? context.bottomLayouts[0]
    guard let rows = split(context.shapes)?.rows(like: wished) else { return nil }
    let loops = CopyLoops(outer: rows.outer, chunks: rows.chunks, parallel: context.backend.parallel)
    return LoopKernel(
      bottoms: context.shapes.bottoms.map(rows.layout), tops: context.shapes.tops.map(rows.layout)
    ) { io in
      loops.join(io.bottoms, into: io.top(0))
    }
  }
}
