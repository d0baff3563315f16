import Kernels
import LayerGraph
import Tensors

/// Repeats the bottom `tiles` times along `axis`.
/// - Source: Caffe `tile_layer.cpp`.
struct TileLayer: LayerType {
  static let caffeTypes = ["Tile"]
  static let arity = Arity.oneToOne
  static let agreement = Agreement.exact

  private let axis: Int
  private let tiles: Int

  init(_ source: LayerSource) throws(LayerError) {
    let p = source.settings("tile_param")
    axis = p.int("axis") ?? 1
    tiles = try source.positive(p, "tiles")
  }

  var quantization: QuantizationRole { .data() }

  func topShapes(_ bottoms: [Shape]) throws(LayerError) -> [Shape] {
    let axis = try canonical(axis, of: bottoms[0])
    var top = bottoms[0]
    top[axis] *= tiles
    return [top]
  }

  func reference(_ run: LayerRun) {
    let shape = run.shapes.bottoms[0]
    guard let axis = shape.canonicalAxis(axis) else { return }
    let chunk = shape.count(from: axis)
    for o in 0..<shape.count(upTo: axis) {
      for t in 0..<tiles {
        run.tops[0].slice((o * tiles + t) * chunk, chunk).copy(run.bottoms[0].slice(o * chunk, chunk))
      }
    }
  }

  func makeKernel(_ context: KernelContext) throws(KernelError) -> (any LayerKernel)? {
    let shape = context.shapes.bottoms[0]
    guard let axis = shape.canonicalAxis(axis) else { return nil }
    let chunk = shape.count(from: axis)
    let copy = StridedCopy(extents: [shape.count(upTo: axis), tiles, chunk], strides: [chunk, 0, 1])
    return LoopKernel.rows(context, copy.rows, cost: shape.count * tiles / copy.rows) { run, rows in
      copy.run(run.bottoms[0], run.tops[0], rows)
    }
  }
}
