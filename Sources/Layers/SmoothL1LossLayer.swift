import CaffeFormat
import LayerGraph
import Tensors

/// The sum of smoothed absolute differences, divided by the number of items: `0.5 (sigma d)^2` below `1 / sigma^2`, else
/// `|d| - 0.5 / sigma^2`.
///
/// Bottoms: predictions, targets, optionally weights of the differences, and weights of the result.
/// - Source: Fast R-CNN's Caffe, `smooth_L1_loss_layer.cu`; SSD's takes the first three.
struct SmoothL1LossLayer: LayerType {
  static let caffeTypes = ["SmoothL1Loss"]
  static let arity = Arity(bottoms: 2...4, tops: 0...1)
  static let agreement = Agreement.exact

  private let sigma: Float
  private let topCount: Int

  init(_ source: LayerSource) throws(LayerError) {
    let p = source.settings("smooth_l1_loss_param")
    sigma = try source.finite(p, "sigma", default: 1)
    guard sigma > 0 else { throw source.error("sigma must be above 0, is \(sigma)", p, field: "sigma") }
    topCount = source.topCount
  }

  func topShapes(_ bottoms: [Shape]) throws(LayerError) -> [Shape] {
    for other in bottoms.dropFirst() { try requirePairs(bottoms[0], other) }
    return topCount == 0 ? [] : [[]]
  }

  func reference(_ run: LayerRun) {
    guard let top = run.tops.first else { return }
    let squared = Double(sigma) * Double(sigma)
    var sum = 0.0
    for i in 0..<run.bottoms[0].count {
      var difference = run.bottoms[0][i] - run.bottoms[1][i]
      if run.bottoms.count > 2 { difference *= run.bottoms[2][i] }
      let d = abs(Double(difference))
      let loss = d < 1 / squared ? 0.5 * d * d * squared : d - 0.5 / squared
      sum += run.bottoms.count > 3 ? loss * Double(run.bottoms[3][i]) : loss
    }
    top[0] = Float(sum / Double(run.shapes.bottoms[0].legacy(0)))
  }
}
