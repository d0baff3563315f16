import CaffeFormat
import LayerGraph

/// What a loss is divided by: all positions, those not ignored, the items before the axis, or 1; never by less than 1.
///
/// - Source: Caffe `loss_layer.cpp`, `softmax_loss_layer.cpp` GetNormalizer.
enum LossNormalization: String, Sendable {
  case full = "FULL"
  case valid = "VALID"
  case batchSize = "BATCH_SIZE"
  case none = "NONE"

  /// `normalization` of `loss_param`, or the older flag `normalize`; `otherwise` when neither is set.
  init(_ source: LayerSource, otherwise: LossNormalization = .valid) throws(LayerError) {
    let loss = source.settings("loss_param")
    if let name = loss.enumName("normalization") {
      guard let value = LossNormalization(rawValue: name) else {
        throw source.error("unknown normalization \(name)", loss, field: "normalization")
      }
      self = value
    } else {
      self = loss.bool("normalize").map { $0 ? .valid : .batchSize } ?? otherwise
    }
  }

  func divisor(outer: Int, inner: Int, counted: Int) -> Float {
    let positions =
      switch self {
      case .full: outer * inner
      case .valid: counted
      case .batchSize: outer
      case .none: 1
      }
    return Float(max(1, positions))
  }
}
