import CaffeFormat
import Glibc
import Kernels
import LayerGraph
import Tensors

/// The mean of `-sum H[label, k] log(p[k])`, p = softmax of the scores along `axis`, H a matrix of gains; a second top has
/// all p.
///
/// Bottoms: scores, labels (one for each position beside `axis`), H with `classes * classes` values. A file named by
/// `source` is not read. p is at least 1e-20; ignored labels and divisors as SoftmaxWithLoss.
/// - Source: Caffe `infogain_loss_layer.cpp`.
struct InfogainLossLayer: LayerType {
  static let caffeTypes = ["InfogainLoss"]
  static let arity = Arity(bottoms: 3...3, tops: 0...2)
  static let agreement = Agreement.exact

  private let normalization: LossNormalization
  private let owner: String
  private let axis: Int
  private let ignored: Int?
  private let topCount: Int

  init(_ source: LayerSource) throws(LayerError) {
    let p = source.settings("infogain_loss_param")
    owner = "layer '\(source.name)' (\(source.type))"
    if p.has("source"), source.bottomCount < 3 {
      throw source.error("source is not read; the matrix has to be a third bottom", p, field: "source")
    }
    axis = p.int("axis") ?? 1
    ignored = source.settings("loss_param").int("ignore_label")
    normalization = try LossNormalization(source)
    topCount = source.topCount
  }

  func topShapes(_ bottoms: [Shape]) throws(LayerError) -> [Shape] {
    _ = try canonical(axis, of: bottoms[0])
    guard let axes = LabelAxes(bottoms[0], axis: axis) else { return [] }
    try axes.check(bottoms)
    guard bottoms[2].dims.suffix(2) == [axes.classes, axes.classes], bottoms[2].count == axes.classes * axes.classes
    else { throw .shape("needs a matrix of [1, 1, \(axes.classes), \(axes.classes)], got \(bottoms[2])") }
    return Array([[], bottoms[0]].prefix(topCount))
  }

  func reference(_ run: LayerRun) {
    guard let axes = LabelAxes(run.shapes.bottoms[0], axis: axis) else { return }
    var p = [Float](repeating: 0, count: axes.classes)
    var (loss, counted): (Float, Int) = (0, 0)
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
          for c in 0..<axes.classes { loss -= run.bottoms[2][truth * axes.classes + c] * log(max(p[c], 1e-20)) }
          counted += 1
        case .invalid: loss = .nan
        }
      }
    }
    run.tops.first?[0] = loss / normalization.divisor(outer: axes.outer, inner: axes.inner, counted: counted)
  }

  func makeKernel(_ context: KernelContext) throws(KernelError) -> (any LayerKernel)? {
    guard let axes = LabelAxes(context.shapes.bottoms[0], axis: axis) else { return nil }
    return LabelledKernel(self, context, owner: owner, classes: axes.classes, ignored: ignored)
  }
}
