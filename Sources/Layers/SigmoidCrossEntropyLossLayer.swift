import Glibc
import LayerGraph
import Tensors

/// The sum of `-(t log p + (1 - t) log(1 - p))` with p = sigmoid of the first bottom and targets t in the second, divided
/// by the number of items; a second top has all p.
///
/// Targets whose integer part is `ignore_label` don't count. `normalization` may ask for other divisors.
/// - Source: Caffe `sigmoid_cross_entropy_loss_layer.cpp`.
struct SigmoidCrossEntropyLossLayer: LayerType {
  static let caffeTypes = ["SigmoidCrossEntropyLoss"]
  static let arity = Arity(bottoms: 2...2, tops: 0...2)
  static let agreement = Agreement.exact

  private let normalization: LossNormalization
  private let ignored: Int?
  private let topCount: Int

  init(_ source: LayerSource) throws(LayerError) {
    normalization = try LossNormalization(source, otherwise: .batchSize)
    ignored = source.settings("loss_param").int("ignore_label")
    topCount = source.topCount
  }

  func topShapes(_ bottoms: [Shape]) throws(LayerError) -> [Shape] {
    try requirePairs(bottoms[0], bottoms[1])
    return Array([[], bottoms[0]].prefix(topCount))
  }

  func reference(_ run: LayerRun) {
    guard let top = run.tops.first else { return }
    let (x, targets) = (run.bottoms[0], run.bottoms[1])
    let items = run.shapes.bottoms[0].legacy(0)
    var (loss, counted) = (0.0, 0)
    for i in 0..<x.count {
      if run.tops.count > 1 { run.tops[1][i] = 0.5 * tanh(0.5 * x[i]) + 0.5 }
      if let ignored, targets[i].rounded(.towardZero) == Float(ignored) { continue }
      // log(1 + exp(-|x|)) cannot overflow.
      let (v, t) = (Double(x[i]), Double(targets[i]))
      loss -= v * (t - (v >= 0 ? 1 : 0)) - log1p(exp(-abs(v)))
      counted += 1
    }
    top[0] = Float(loss) / normalization.divisor(outer: items, inner: x.count / items, counted: counted)
  }
}
