import Kernels
import LayerGraph
import Tensors

/// Cuts bottom 0, from `axis` on, to the extents of bottom 1, beginning at `offset` (one for all axes, or one each).
/// - Source: Caffe `crop_layer.cpp`.
struct CropLayer: LayerType {
  static let caffeTypes = ["Crop"]
  static let arity = Arity(bottoms: 2...2, tops: 1...1)
  static let agreement = Agreement.exact

  private let axis: Int
  private let offsets: [Int]

  init(_ source: LayerSource) throws(LayerError) {
    let p = source.settings("crop_param")
    axis = p.int("axis") ?? 2
    offsets = p.ints("offset")
    if let bad = offsets.first(where: { !(0...Shape.countLimit).contains($0) }) {
      throw source.error("offset \(bad) is outside any blob", p, field: "offset")
    }
  }

  var quantization: QuantizationRole { .data() }

  /// The offset along axis `i` when cropping begins at axis `start`.
  private func offset(_ i: Int, start: Int) -> Int {
    i < start || offsets.isEmpty ? 0 : offsets.count == 1 ? offsets[0] : offsets[i - start]
  }

  func topShapes(_ bottoms: [Shape]) throws(LayerError) -> [Shape] {
    let (shape, size) = (bottoms[0], bottoms[1])
    let start = try canonical(axis, of: shape)
    guard offsets.count <= 1 || offsets.count == shape.rank - start else {
      throw .shape("has \(offsets.count) offsets for the \(shape.rank - start) axes from axis \(start) on of \(shape)")
    }
    guard size.rank >= shape.rank else {
      throw .shape("crops \(shape) to \(size), which has fewer axes")
    }
    var top = shape
    for i in start..<shape.rank {
      let offset = offset(i, start: start)
      guard shape[i] - offset >= size[i] else {
        throw .shape("crops axis \(i) of \(shape) to \(size[i]) from offset \(offset), beyond its end")
      }
      top[i] = size[i]
    }
    return [top]
  }

  func reference(_ run: LayerRun) {
    let (shape, top) = (run.shapes.bottoms[0], run.shapes.tops[0])
    guard let start = shape.canonicalAxis(axis) else { return }
    for i in 0..<run.tops[0].count {
      var (rest, from) = (i, 0)
      for axis in (0..<shape.rank).reversed() {
        from += (rest % top[axis] + offset(axis, start: start)) * shape.count(from: axis + 1)
        rest /= top[axis]
      }
      run.tops[0][i] = run.bottoms[0][from]
    }
  }

  func makeKernel(_ context: KernelContext) throws(KernelError) -> (any LayerKernel)? {
    let (shape, top) = (context.shapes.bottoms[0], context.shapes.tops[0])
    guard let start = shape.canonicalAxis(axis) else { return nil }
    let strides = StridedCopy.strides(of: shape)
    let first = strides.indices.reduce(0) { $0 + offset($1, start: start) * strides[$1] }
    let copy = StridedCopy(extents: top.dims, strides: strides, offset: first)
    return LoopKernel.rows(context, copy.rows, cost: top.count / copy.rows) { run, rows in
      copy.run(run.bottoms[0], run.tops[0], rows)
    }
  }
}
