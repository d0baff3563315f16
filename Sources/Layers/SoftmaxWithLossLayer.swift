import Glibc
import Kernels
import LayerGraph
import Tensors

/// The mean of `-log(p)` of the true classes, p = softmax of the scores along `axis`; a second top has all p.
///
/// p is at least the smallest normal float32. The sum is divided by the number of positions (FULL), of those not ignored
/// (VALID, the default), of items before the axis (BATCH_SIZE), or by 1 (NONE), but by no less than 1.
/// - Source: Caffe `softmax_loss_layer.cpp`, `loss_layer.cpp`.
struct SoftmaxWithLossLayer: LayerType {
  static let caffeTypes = ["SoftmaxWithLoss"]
  static let arity = Arity(bottoms: 2...2, tops: 0...2)
  static let agreement = Agreement.exact

  private let normalization: LossNormalization
  private let owner: String
  private let axis: Int
  private let ignored: Int?
  private let topCount: Int

  init(_ source: LayerSource) throws(LayerError) {
    let loss = source.settings("loss_param")
    owner = "layer '\(source.name)' (\(source.type))"
    axis = source.settings("softmax_param").int("axis") ?? 1
    ignored = loss.int("ignore_label")
    topCount = source.topCount
    normalization = try LossNormalization(source)
  }

  func topShapes(_ bottoms: [Shape]) throws(LayerError) -> [Shape] {
    _ = try canonical(axis, of: bottoms[0])
    guard let axes = LabelAxes(bottoms[0], axis: axis) else { return [] }
    try axes.check(bottoms)
    return Array([[], bottoms[0]].prefix(topCount))
  }

  func reference(_ run: LayerRun) {
    guard let axes = LabelAxes(run.shapes.bottoms[0], axis: axis) else { return }
    var p = [Float](repeating: 0, count: axes.classes)
    var (loss, count): (Float, Int) = (0, 0)
    for o in 0..<axes.outer {
      for i in 0..<axes.inner {
        func at(_ c: Int) -> Int { (o * axes.classes + c) * axes.inner + i }
        var largest = -Float.infinity
        for c in 0..<axes.classes { largest = max(largest, run.bottoms[0][at(c)]) }
        for c in 0..<axes.classes { p[c] = exp(run.bottoms[0][at(c)] - largest) }
        let sum = p.reduce(0) { $0 + Double($1) }
        for c in 0..<axes.classes { p[c] = Float(Double(p[c]) / sum) }
        if run.tops.count > 1 { for c in 0..<axes.classes { run.tops[1][at(c)] = p[c] } }
        switch Label(run.bottoms[1][o * axes.inner + i], classes: axes.classes, ignored: ignored) {
        case .ignored: break
        case .of(let truth):
          loss -= log(max(p[truth], Float.leastNormalMagnitude))
          count += 1
        case .invalid: loss = .nan
        }
      }
    }
    guard let top = run.tops.first else { return }
    top[0] = loss / normalization.divisor(outer: axes.outer, inner: axes.inner, counted: count)
  }

  func makeKernel(_ context: KernelContext) throws(KernelError) -> (any LayerKernel)? {
    guard let axes = LabelAxes(context.shapes.bottoms[0], axis: axis) else { return nil }
    return LabelledKernel(self, context, owner: owner, classes: axes.classes, ignored: ignored)
  }
}
