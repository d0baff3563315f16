import Tensors

/// A layer that is `y[c] = x[c] * scale[c] + shift[c]` over axis 1 with stored values: BatchNorm, Scale, Bias.
///
/// Such layers can be absorbed by the weights of the layer before them.
package protocol ChannelAffine: LayerType {
  /// Where it stands in a chain that may be absorbed: BatchNorm first, then Scale, then Bias.
  static var fusionStage: FusionStage { get }
  /// False where the values are not stored per channel of `bottom`: another axis, a second bottom, batch statistics.
  func isChannelAffine(_ bottom: Shape) -> Bool
  /// Scale and shift per channel, in Double so that fusing rounds once.
  func channelAffine(_ params: [Tensor], channels: Int) -> (scale: [Double], shift: [Double])
}

package enum FusionStage: Int, Sendable, Comparable {
  case batchNorm, scale, bias

  package static func < (a: FusionStage, b: FusionStage) -> Bool { a.rawValue < b.rawValue }
}

/// A layer with weights that can absorb what `ChannelAffine` layers behind it do.
package protocol FusionHost: LayerType {
  /// The settings message that holds `bias_term`, and its type.
  static var settingsField: (name: String, type: String) { get }
  /// False where axis 1 of the top isn't the weights' output axis.
  var canAbsorb: Bool { get }
}
