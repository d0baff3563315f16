import Kernels
import LayerGraph
import Tensors

/// Adds values before and after each axis, as many as `paddings` says in pairs: `constant_values` (0), or by `mode`, which
/// is ours, the nearest value (EDGE) or the values mirrored at the edge (REFLECT, SYMMETRIC).
///
/// REFLECT leaves the edge out (`c b a b c`), SYMMETRIC repeats it (`b a a b c`).
/// - Source: `pad_layer.cpp` of Synopsys' Caffe; the modes are those of numpy.pad.
struct PadLayer: LayerType {
  static let caffeTypes = ["Pad"]
  static let arity = Arity.oneToOne
  static let agreement = Agreement.exact

  private enum Mode: String { case constant = "CONSTANT", edge = "EDGE", reflect = "REFLECT", symmetric = "SYMMETRIC" }

  private let paddings: [Int]
  private let mode: Mode
  private let value: Float

  init(_ source: LayerSource) throws(LayerError) {
    let p = source.settings("pad_param")
    paddings = p.ints("paddings")
    guard !paddings.isEmpty else { throw source.error("needs paddings: two for each axis of its bottom", p) }
    guard paddings.count % 2 == 0 else {
      throw source.error(
        "paddings come in pairs, before and after each axis; there are \(paddings.count)", p, field: "paddings")
    }
    if let bad = paddings.first(where: { !(0...Shape.countLimit).contains($0) }) {
      throw source.error("a padding of \(bad) is more than any blob has", p, field: "paddings")
    }
    let name = p.enumName("mode") ?? "CONSTANT"
    guard let mode = Mode(rawValue: name) else { throw source.error("unknown mode \(name)", p, field: "mode") }
    self.mode = mode
    value = try source.finite(p, "constant_values", default: 0)
  }

  var quantization: QuantizationRole { .data(on: false) }

  func topShapes(_ bottoms: [Shape]) throws(LayerError) -> [Shape] {
    let shape = bottoms[0]
    guard paddings.count == 2 * shape.rank else {
      throw .shape(
        "has \(paddings.count) paddings for the \(shape.rank) axes of its bottom \(shape), two for each are needed")
    }
    var top = shape
    for axis in 0..<shape.rank {
      let (before, after) = (paddings[2 * axis], paddings[2 * axis + 1])
      let most = mode == .reflect ? shape[axis] - 1 : mode == .symmetric ? shape[axis] : Shape.countLimit
      guard max(before, after) <= most, shape[axis] > 0 || mode == .constant else {
        throw .shape(
          "cannot mirror \(max(before, after)) values on axis \(axis) of its bottom \(shape), at most \(max(0, most))")
      }
      top[axis] = before + shape[axis] + after
    }
    return [top]
  }

  /// For each index along `axis` of the top the one of the bottom; -1 where the constant stands.
  private func sources(_ axis: Int, _ shape: Shape, _ top: Shape) -> [Int] {
    (0..<top[axis]).map { index in
      let (i, n) = (index - paddings[2 * axis], shape[axis])
      if (0..<n).contains(i) { return i }
      return switch mode {
      case .constant: -1
      case .edge: i < 0 ? 0 : n - 1
      case .reflect: i < 0 ? -i : 2 * (n - 1) - i
      case .symmetric: i < 0 ? -1 - i : 2 * n - 1 - i
      }
    }
  }

  func reference(_ run: LayerRun) {
    let (shape, top) = (run.shapes.bottoms[0], run.shapes.tops[0])
    let maps = (0..<shape.rank).map { sources($0, shape, top) }
    for i in 0..<run.tops[0].count {
      var (rest, from, isInside) = (i, 0, true)
      for axis in (0..<shape.rank).reversed() {
        let source = maps[axis][rest % top[axis]]
        isInside = isInside && source >= 0
        from += source * shape.count(from: axis + 1)
        rest /= top[axis]
      }
      run.tops[0][i] = isInside ? run.bottoms[0][from] : value
    }
  }

  /// Row by row along the last axis; its middle is one copy.
  func makeKernel(_ context: KernelContext) throws(KernelError) -> (any LayerKernel)? {
    let (shape, top) = (context.shapes.bottoms[0], context.shapes.tops[0])
    let last = shape.rank - 1
    let maps = (0...last).map { sources($0, shape, top) }
    let strides = StridedCopy.strides(of: shape)
    let (length, width, before) = (shape[last], top[last], paddings[2 * last])
    return LoopKernel.rows(context, top.count / width, cost: width) { run, rows in
      for row in rows {
        let y = run.tops[0].slice(row * width, width)
        var (rest, from, isInside) = (row, 0, true)
        for axis in (0..<last).reversed() {
          let source = maps[axis][rest % top[axis]]
          isInside = isInside && source >= 0
          from += source * strides[axis]
          rest /= top[axis]
        }
        guard isInside else {
          y.fill(value)
          continue
        }
        let x = run.bottoms[0].slice(from, length)
        y.slice(before, length).copy(x)
        for edge in [0..<before, before + length..<width] {
          for i in edge { y[i] = maps[last][i] < 0 ? value : x[maps[last][i]] }
        }
      }
    }
  }
}
