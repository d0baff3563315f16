import CaffeFormat
import Kernels
import LayerGraph
import Tensors

/// The hinge loss of one against all classes: the mean over items of `sum max(0, 1 - s x)`, s being 1 for the true class
/// and -1 for the others; with `norm: L2` of the squares.
///
/// Bottoms: scores `[N, classes..]`, labels `[N]`.
/// - Source: Caffe `hinge_loss_layer.cpp`.
struct HingeLossLayer: LayerType {
  static let caffeTypes = ["HingeLoss"]
  static let arity = Arity(bottoms: 2...2, tops: 0...1)
  static let agreement = Agreement.exact

  private let owner: String
  private let isSquared: Bool
  private let topCount: Int

  init(_ source: LayerSource) throws(LayerError) {
    owner = "layer '\(source.name)' (\(source.type))"
    isSquared = source.settings("hinge_loss_param").enumName("norm") == "L2"
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
    var sum = 0.0
    for item in 0..<items {
      guard case .of(let truth) = Label(run.bottoms[1][item], classes: classes, ignored: nil) else {
        sum = .nan
        continue
      }
      for c in 0..<classes {
        let score = run.bottoms[0][item * classes + c]
        let loss = Double(max(0, 1 + (c == truth ? -score : score)))
        sum += isSquared ? loss * loss : loss
      }
    }
    top[0] = Float(sum / Double(items))
  }

  func makeKernel(_ context: KernelContext) throws(KernelError) -> (any LayerKernel)? {
    let scores = context.shapes.bottoms[0]
    return LabelledKernel(self, context, owner: owner, classes: scores.count / scores.legacy(0), ignored: nil)
  }
}

extension LayerType {
  /// - Throws: a shape error unless bottom 1 has one label for each item of bottom 0.
  func requireLabels(_ bottoms: [Shape]) throws(LayerError) {
    guard bottoms[0].rank >= 1, bottoms[1].count == bottoms[0][0] else {
      throw .shape("needs one label for each item of its first bottom, got \(bottoms[0]) and \(bottoms[1])")
    }
  }
}
