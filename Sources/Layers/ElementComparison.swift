import Kernels
import LayerGraph
import Tensors

/// Compares two bottoms element by element: 1 where the relation holds, else 0; NaN is in no relation to anything.
///
/// Shapes are aligned at their last axes; an extent of 1, or an axis that is not there, is spread over the other's.
struct ElementComparison: Sendable {
  enum Relation { case equal, greater }
  let relation: Relation

  /// - Throws: extents that differ where neither is 1.
  static func topShape(_ bottoms: [Shape]) throws(LayerError) -> Shape {
    let (a, b) = (bottoms[0], bottoms[1])
    var top = a.rank >= b.rank ? a : b
    for back in 1..<(min(a.rank, b.rank) + 1) {
      let (m, n) = (a[a.rank - back], b[b.rank - back])
      guard m == n || m == 1 || n == 1 else {
        throw .shape("needs bottoms of one shape, or with extents of 1 where they differ, got \(a) and \(b)")
      }
      top[top.rank - back] = m == 1 ? n : m
    }
    return top
  }

  /// How far one step along each axis of `top` goes in an operand of `shape`; 0 where it is spread.
  static func strides(_ shape: Shape, in top: Shape) -> [Int] {
    (0..<top.rank).map { axis in
      let own = axis - (top.rank - shape.rank)
      return own < 0 || shape[own] == 1 ? 0 : shape.count(from: own + 1)
    }
  }

  func reference(_ run: LayerRun) {
    let top = run.shapes.tops[0]
    let strides = run.shapes.bottoms.map { Self.strides($0, in: top) }
    for i in 0..<run.tops[0].count {
      var (rest, places) = (i, [0, 0])
      for axis in (0..<top.rank).reversed() {
        for side in 0..<2 { places[side] += rest % top[axis] * strides[side][axis] }
        rest /= top[axis]
      }
      let (a, b) = (run.bottoms[0][places[0]], run.bottoms[1][places[1]])
      run.tops[0][i] = (relation == .equal ? a == b : a > b) ? 1 : 0
    }
  }

  func makeKernel(_ context: KernelContext) -> any LayerKernel {
    let shapes = context.shapes
    return shapes.bottoms[0] == shapes.bottoms[1] ? flat(context) : spread(context)
  }

  /// Equal shapes: one long row in the layout that arrives; equal padding is set to zero again.
  private func flat(_ context: KernelContext) -> any LayerKernel {
    let arriving = context.bottomLayouts.first { !$0.isPlain } ?? context.bottomLayouts[0]
    let isClear = arriving.floats == arriving.shape.count || ChannelPadding(arriving) != nil
    let layout = isClear ? arriving : .plain(arriving.shape)
    let (padding, parallel) = (ChannelPadding(layout), context.backend.parallel)
    return LoopKernel(bottoms: [layout, layout], tops: [layout], canRunInPlace: true) { io in
      let (a, b, y) = (io.bottom(0), io.bottom(1), io.top(0))
      parallel.forEachPart(of: layout.floats, minimum: 16384) { start, length in
        compare(a.slice(start, length), 1, b.slice(start, length), 1, y.slice(start, length))
      }
      padding?.clear(y)
    }
  }

  /// Rows along the last axis of the top.
  private func spread(_ context: KernelContext) -> any LayerKernel {
    let top = context.shapes.tops[0]
    let strides = context.shapes.bottoms.map { Self.strides($0, in: top) }
    let length = top.dims.last ?? 1
    let steps = strides.map { $0.last ?? 0 }
    return LoopKernel.rows(context, top.count / max(1, length), cost: length) { run, rows in
      for row in rows {
        var (rest, a, b) = (row, 0, 0)
        for axis in (0..<max(0, top.rank - 1)).reversed() {
          a += rest % top[axis] * strides[0][axis]
          b += rest % top[axis] * strides[1][axis]
          rest /= top[axis]
        }
        compare(
          run.bottoms[0].slice(a, steps[0] * (length - 1) + 1), steps[0],
          run.bottoms[1].slice(b, steps[1] * (length - 1) + 1), steps[1], run.tops[0].slice(row * length, length))
      }
    }
  }

  /// Operands are walked with steps of 0 or 1.
  private func compare(_ a: FloatView, _ aStep: Int, _ b: FloatView, _ bStep: Int, _ y: MutableFloatView) {
    switch relation {
    case .equal: Self.loop(a, aStep, b, bStep, y) { $0 == $1 }
    case .greater: Self.loop(a, aStep, b, bStep, y) { $0 > $1 }
    }
  }

  @inline(__always)
  private static func loop(
    _ a: FloatView, _ aStep: Int, _ b: FloatView, _ bStep: Int, _ y: MutableFloatView, _ holds: (Float, Float) -> Bool
  ) {
    if aStep == 1, bStep == 1 {
      for i in 0..<y.count { y[i] = holds(a[i], b[i]) ? 1 : 0 }
    } else {
      for i in 0..<y.count { y[i] = holds(a[i * aStep], b[i * bStep]) ? 1 : 0 }
    }
  }
}
