import Glibc
import Kernels
import LayerGraph
import Tensors

/// The mean of `-log(p)` of the true classes, p being the probabilities of the first bottom, at least 1e-20.
///
/// Bottoms: probabilities `[N, classes..]`, labels `[N]`.
/// - Source: Caffe `multinomial_logistic_loss_layer.cpp`.
struct MultinomialLogisticLossLayer: LayerType {
  static let caffeTypes = ["MultinomialLogisticLoss"]
  static let arity = Arity(bottoms: 2...2, tops: 0...1)
  static let agreement = Agreement.exact

  private let owner: String
  private let topCount: Int

  init(_ source: LayerSource) throws(LayerError) {
    owner = "layer '\(source.name)' (\(source.type))"
    topCount = source.topCount
  }

  func topShapes(_ bottoms: [Shape]) throws(LayerError) -> [Shape] {
    try requireLabels(bottoms)
    return topCount == 0 ? [] : [[]]
  }

  func reference(_ run: LayerRun) {
    guard let top = run.tops.first else { return }
    let items = run.shapes.bottoms[0].legacy(0)
    let classes = run.bottoms[0].count / items
    var loss: Float = 0
    for item in 0..<items {
      guard case .of(let truth) = Label(run.bottoms[1][item], classes: classes, ignored: nil) else {
        loss = .nan
        continue
      }
      loss -= log(max(run.bottoms[0][item * classes + truth], 1e-20))
    }
    top[0] = loss / Float(items)
  }

  func makeKernel(_ context: KernelContext) throws(KernelError) -> (any LayerKernel)? {
    let p = context.shapes.bottoms[0]
    return LabelledKernel(self, context, owner: owner, classes: p.count / p.legacy(0), ignored: nil)
  }
}
