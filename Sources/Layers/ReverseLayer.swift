import Kernels
import LayerGraph
import Tensors

/// Turns axes around: along each axis of `axis` the top begins with the bottom's last value.
/// - Source: senlinuc/caffe_ocr `reverse_layer.cpp`; ATC's ReverseParameter, which lists several axes.
struct ReverseLayer: LayerType {
  static let caffeTypes = ["Reverse"]
  static let arity = Arity.oneToOne
  static let agreement = Agreement.exact

  private let axes: [Int]

  init(_ source: LayerSource) throws(LayerError) {
    let given = source.settings("reverse_param").ints("axis")
    axes = given.isEmpty ? [0] : given
  }

  var quantization: QuantizationRole { .data() }

  func topShapes(_ bottoms: [Shape]) throws(LayerError) -> [Shape] {
    for axis in axes { _ = try canonical(axis, of: bottoms[0]) }
    return [bottoms[0]]
  }

  func reference(_ run: LayerRun) {
    let shape = run.shapes.bottoms[0]
    let turned = Set(axes.compactMap(shape.canonicalAxis))
    for i in 0..<run.tops[0].count {
      var from = 0
      for axis in 0..<shape.rank {
        let stride = shape.count(from: axis + 1)
        let at = i / stride % shape[axis]
        from += (turned.contains(axis) ? shape[axis] - 1 - at : at) * stride
      }
      run.tops[0][i] = run.bottoms[0][from]
    }
  }

  func makeKernel(_ context: KernelContext) throws(KernelError) -> (any LayerKernel)? {
    let shape = context.shapes.bottoms[0]
    let turned = Set(axes.compactMap(shape.canonicalAxis))
    let strides = StridedCopy.strides(of: shape)
    let offset = turned.reduce(0) { $0 + (shape[$1] - 1) * strides[$1] }
    let copy = StridedCopy(
      extents: shape.dims, strides: strides.enumerated().map { turned.contains($0) ? -$1 : $1 }, offset: offset)
    return LoopKernel.rows(context, copy.rows, cost: shape.count / copy.rows) { run, rows in
      copy.run(run.bottoms[0], run.tops[0], rows)
    }
  }
}
