import LayerGraph
import Tensors

/// Half the sum of squared differences of its two bottoms, divided by the number of items.
/// - Source: Caffe `euclidean_loss_layer.cpp`.
struct EuclideanLossLayer: LayerType {
  static let caffeTypes = ["EuclideanLoss"]
  static let arity = Arity(bottoms: 2...2, tops: 0...1)
  static let agreement = Agreement.exact

  private let topCount: Int

  init(_ source: LayerSource) throws(LayerError) { topCount = source.topCount }

  func topShapes(_ bottoms: [Shape]) throws(LayerError) -> [Shape] {
    try requirePairs(bottoms[0], bottoms[1])
    return topCount == 0 ? [] : [[]]
  }

  func reference(_ run: LayerRun) {
    guard let top = run.tops.first else { return }
    var sum = 0.0
    for i in 0..<run.bottoms[0].count {
      let difference = Double(run.bottoms[0][i] - run.bottoms[1][i])
      sum += difference * difference
    }
    top[0] = Float(sum / Double(run.shapes.bottoms[0].legacy(0)) / 2)
  }
}

extension LayerType {
  /// - Throws: a shape error unless both bottoms of a loss have as many items, of as many values.
  func requirePairs(_ a: Shape, _ b: Shape) throws(LayerError) {
    guard a.count == b.count, a.legacy(0) == b.legacy(0) else {
      throw .shape("needs bottoms of as many items and values, got \(a) and \(b)")
    }
  }
}
