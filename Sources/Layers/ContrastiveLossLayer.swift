import LayerGraph
import Tensors

/// Pulls pairs that are alike together and the others `margin` apart: the sum of `d^2` or `max(0, margin - d)^2`, divided
/// by twice the number of pairs.
///
/// Bottoms: a and b `[N, C]`, and `[N]` with 0 for unlike pairs; d is their distance. With `legacy_version` unlike pairs
/// give `max(0, margin - d^2)`.
/// - Source: Caffe `contrastive_loss_layer.cpp`.
struct ContrastiveLossLayer: LayerType {
  static let caffeTypes = ["ContrastiveLoss"]
  static let arity = Arity(bottoms: 3...3, tops: 0...1)
  static let agreement = Agreement.exact

  private let margin: Float
  private let isLegacy: Bool
  private let topCount: Int

  init(_ source: LayerSource) throws(LayerError) {
    let p = source.settings("contrastive_loss_param")
    margin = try source.finite(p, "margin", default: 1)
    isLegacy = p.bool("legacy_version") ?? false
    topCount = source.topCount
  }

  func topShapes(_ bottoms: [Shape]) throws(LayerError) -> [Shape] {
    let (a, b, alike) = (bottoms[0], bottoms[1], bottoms[2])
    guard a.rank >= 2, a.count == a[0] * a[1], b.dims.prefix(2) == a.dims.prefix(2), b.count == a.count else {
      throw .shape("needs two bottoms of [N, C], got \(a) and \(b)")
    }
    guard alike.count == a[0] else { throw .shape("needs a third bottom of [\(a[0])], got \(alike)") }
    return topCount == 0 ? [] : [[]]
  }

  func reference(_ run: LayerRun) {
    guard let top = run.tops.first else { return }
    let (items, channels) = (run.shapes.bottoms[0][0], run.shapes.bottoms[0][1])
    var loss = 0.0
    for item in 0..<items {
      var squared = 0.0
      for c in item * channels..<(item + 1) * channels {
        let difference = Double(run.bottoms[0][c] - run.bottoms[1][c])
        squared += difference * difference
      }
      if run.bottoms[2][item].rounded(.towardZero) != 0 {
        loss += squared
      } else if isLegacy {
        loss += max(Double(margin) - squared, 0)
      } else {
        let apart = max(Double(margin) - squared.squareRoot(), 0)
        loss += apart * apart
      }
    }
    top[0] = Float(loss / Double(items) / 2)
  }
}
