import Glibc
import Kernels
import LayerGraph
import Tensors

/// `y = exp(x - max) / sum exp(x - max)` along `axis`.
/// - Source: Caffe `softmax_layer.cpp`.
struct SoftmaxLayer: LayerType {
  static let caffeTypes = ["Softmax"]
  static let arity = Arity.oneToOne
  static let agreement = Agreement.relativeToLargest(1e-6)

  private let axis: Int

  init(_ source: LayerSource) throws(LayerError) { axis = source.settings("softmax_param").int("axis") ?? 1 }

  var quantization: QuantizationRole { .data() }

  func topShapes(_ bottoms: [Shape]) throws(LayerError) -> [Shape] {
    guard bottoms[0].canonicalAxis(axis) != nil else {
      throw .shape("has axis \(axis), outside its bottom \(bottoms[0])")
    }
    return bottoms
  }

  /// Sums in Double.
  func reference(_ run: LayerRun) {
    let shape = run.shapes.bottoms[0]
    guard let axis = shape.canonicalAxis(axis) else { return }
    let (count, inner) = (shape[axis], shape.count(from: axis + 1))
    for o in 0..<shape.count(upTo: axis) {
      for i in 0..<inner {
        func at(_ c: Int) -> Int { (o * count + c) * inner + i }
        var largest = -Float.infinity
        for c in 0..<count { largest = max(largest, run.bottoms[0][at(c)]) }
        var sum = 0.0
        for c in 0..<count { sum += exp(Double(run.bottoms[0][at(c)] - largest)) }
        for c in 0..<count { run.tops[0][at(c)] = Float(exp(Double(run.bottoms[0][at(c)] - largest)) / sum) }
      }
    }
  }

  func makeKernel(_ context: KernelContext) throws(KernelError) -> (any LayerKernel)? {
    let shape = context.shapes.bottoms[0]
    guard let axis = shape.canonicalAxis(axis) else { return nil }
    let (layout, inner) = (Layout.plain(shape), shape.count(from: axis + 1))
    if inner == 1, shape.rank <= 6 {
      let kernel = PrimitiveKernel(try context.backend.softmax(layout, axis: axis), canRunInPlace: true)
      if !kernel.isSlow { return kernel }
    }
    let loops = SoftmaxLoops(
      outer: shape.count(upTo: axis), count: shape[axis], inner: inner, parallel: context.backend.parallel)
    return LoopKernel(bottoms: [layout], tops: [layout], canRunInPlace: true) { loops.run($0.bottom(0), $0.top(0)) }
  }
}
