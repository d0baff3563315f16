import Kernels
import LayerGraph
import Tensors

/// Combines all values along some axes into one: what the Reduce layers do.
///
/// Without axes, everything becomes one value. `keepdims` leaves reduced axes in place with an extent of 1. Sums and
/// products are made in Double and rounded once; the largest or smallest of values with a NaN is NaN.
/// - Source: the Reduce layers of Synopsys' Caffe, whose messages differ in their names only.
struct AxisReduction: Sendable {
  enum Operation { case sum, mean, product, largest, smallest }

  private let operation: Operation
  private let axes: [Int]
  private let keepsAxes: Bool

  init(_ operation: Operation, _ source: LayerSource, _ field: String) {
    let p = source.settings(field)
    self.operation = operation
    axes = p.ints("axis")
    keepsAxes = p.bool("keepdims") ?? false
  }

  /// True for each axis of `shape` that is reduced; `nil` when an axis is outside or named twice.
  private func reduced(_ shape: Shape) -> [Bool]? {
    if axes.isEmpty { return [Bool](repeating: true, count: shape.rank) }
    var out = [Bool](repeating: false, count: shape.rank)
    for axis in axes {
      guard let a = shape.canonicalAxis(axis), !out[a] else { return nil }
      out[a] = true
    }
    return out
  }

  func topShape(_ shape: Shape) throws(LayerError) -> Shape {
    if let outside = axes.first(where: { shape.canonicalAxis($0) == nil }) {
      throw .shape("has axis \(outside), outside its bottom \(shape)")
    }
    guard let reduced = reduced(shape) else { throw .shape("names an axis of its bottom \(shape) twice: \(axes)") }
    guard !shape.dims.contains(0) else { throw .shape("has nothing to reduce in its bottom \(shape)") }
    return Shape(
      zip(shape.dims, reduced).compactMap { extent, isReduced in isReduced ? (keepsAxes ? 1 : nil) : extent })
  }

  private var fold: FoldLoops.Operation {
    switch operation {
    case .sum, .mean: .sum
    case .product: .product
    case .largest: .largest
    case .smallest: .smallest
    }
  }

  /// By what the combination of `count` values is divided.
  private func divisor(_ count: Int) -> Double { operation == .mean ? Double(count) : 1 }

  func reference(_ run: LayerRun) {
    let shape = run.shapes.bottoms[0]
    guard let reduced = reduced(shape) else { return }
    var values = [Double](repeating: FoldLoops.start(fold), count: run.tops[0].count)
    for i in 0..<run.bottoms[0].count {
      var (rest, to, step) = (i, 0, 1)
      for axis in (0..<shape.rank).reversed() {
        if !reduced[axis] {
          to += rest % shape[axis] * step
          step *= shape[axis]
        }
        rest /= shape[axis]
      }
      values[to] = FoldLoops.combine(fold, values[to], Double(run.bottoms[0][i]))
    }
    let divisor = divisor(run.bottoms[0].count / values.count)
    for i in values.indices { run.tops[0][i] = Float(values[i] / divisor) }
  }

  // MARK: The kernel

  /// Neighbouring axes of one kind as one: extents and C-order strides of those kept and of those reduced, without the
  /// innermost, which is `length` long and lies together.
  private struct Walk {
    var kept: [(extent: Int, stride: Int)] = []
    var folded: [(extent: Int, stride: Int)] = []
    var length = 1
    var lastIsFolded = true

    init(_ shape: Shape, _ reduced: [Bool]) {
      var runs: [(extent: Int, isFolded: Bool)] = []
      for (extent, isFolded) in zip(shape.dims, reduced) where extent != 1 {
        if runs.last?.isFolded == isFolded {
          runs[runs.count - 1].extent *= extent
        } else {
          runs.append((extent, isFolded))
        }
      }
      guard let last = runs.popLast() else { return }
      (length, lastIsFolded) = (last.extent, last.isFolded)
      var stride = length
      for run in runs.reversed() {
        if run.isFolded { folded.insert((run.extent, stride), at: 0) } else { kept.insert((run.extent, stride), at: 0) }
        stride *= run.extent
      }
    }

    var keptCount: Int { kept.reduce(1) { $0 * $1.extent } }
    var foldedCount: Int { folded.reduce(1) { $0 * $1.extent } }

    /// Where the `index`-th combination of `axes` begins.
    static func place(_ index: Int, _ axes: [(extent: Int, stride: Int)]) -> Int {
      var (rest, place) = (index, 0)
      for axis in axes.reversed() {
        place += rest % axis.extent * axis.stride
        rest /= axis.extent
      }
      return place
    }
  }

  func makeKernel(_ context: KernelContext) -> (any LayerKernel)? {
    let shape = context.shapes.bottoms[0]
    guard let reduced = reduced(shape) else { return nil }
    let walk = Walk(shape, reduced)
    let count = shape.count / context.shapes.tops[0].count
    let (fold, divisor) = (fold, divisor(count))
    if walk.lastIsFolded {
      return LoopKernel.rows(context, walk.keptCount, cost: count) { run, rows in
        for row in rows {
          let first = Walk.place(row, walk.kept)
          var value = FoldLoops.start(fold)
          for part in 0..<walk.foldedCount {
            let x = run.bottoms[0].slice(first + Walk.place(part, walk.folded), walk.length)
            value = FoldLoops.combine(fold, value, FoldLoops.all(fold, x))
          }
          run.tops[0][row] = Float(value / divisor)
        }
      }
    }
    // Lanes side by side, a piece at a time that stays in the first-level cache.
    let piece = min(walk.length, 256)
    let pieces = (walk.length + piece - 1) / piece
    return LoopKernel.rows(context, walk.keptCount * pieces, cost: count * piece) { run, parts in
      for part in parts {
        let (row, at) = (part / pieces, part % pieces * piece)
        let lanes = min(piece, walk.length - at)
        let first = Walk.place(row, walk.kept) + at
        let sink = run.tops[0].slice(row * walk.length + at, lanes)
        FoldLoops.sideBySide(fold, walk.foldedCount, into: sink, divisor: divisor) { line in
          run.bottoms[0].slice(first + Walk.place(line, walk.folded), lanes)
        }
      }
    }
  }
}
