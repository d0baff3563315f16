import LayerGraph
import Quantization

/// A step of the manual's ladder for a layer whose accuracy is not good enough, with the reason for it.
package struct TuningProposal: Sendable, Hashable {
  /// The rungs; the raw value is the number on the ladder.
  package enum Step: Int, Sendable, Hashable, CaseIterable {
    /// Calibrate with more images: `batch_num`.
    case moreBatches = 1
    /// Leave the layer float: `quant_enable` false.
    case unquantize
    /// Another clip range: percentiles or search range.
    case clipRange
    /// 12 bits for the data.
    case moreBits
    /// A weight step for each output channel.
    case channelWiseWeights
    /// Nothing on the ladder is left: quantization-aware training.
    case retrain
  }

  /// A change of the layer's settings, or of the run's.
  package enum Change: Sendable, Hashable {
    case batchNum(Int)
    case quantEnable(Bool)
    /// Both percentiles.
    case percentile(Float)
    case searchRange(Float, Float)
    case activationBits(Int)
    case channelWise(Bool)
    /// Not a matter of settings.
    case none
  }

  package var step: Step
  package var change: Change
  /// What speaks for it.
  package var reason: String

  package init(_ step: Step, _ change: Change, reason: String) {
    self.step = step
    self.change = change
    self.reason = reason
  }

  /// The change in a few words: "percentile .9999", "bits 12", "float".
  package var text: String {
    switch change {
    case .batchNum(let n): "batch_num \(n)"
    case .quantEnable(let on): on ? "quantise" : "float"
    case .percentile(let p): "percentile " + LayerHint.short(Double(p), 6).replacing("0.", with: ".")
    case .searchRange(let a, let b): "search range \(LayerHint.short(Double(a))) .. \(LayerHint.short(Double(b)))"
    case .activationBits(let n): "bits \(n)"
    case .channelWise: "per-channel weights"
    case .none: "quantization-aware training"
    }
  }
}

/// The settings of a layer and of its run that proposals go by.
package struct TuningSituation: Sendable, Hashable {
  package var batchNum: Int
  package var batchSize: Int
  /// Images there are for calibration.
  package var imagesAtHand: Int
  /// The lowest over the layer's inputs.
  package var numBits: Int
  package var maxPercentile: Float
  package var searchEnd: Float
  /// `nil` for layers without weights.
  package var channelWise: Bool?
  package var channelWiseIsAllowed: Bool

  package init(
    batchNum: Int, batchSize: Int, imagesAtHand: Int, numBits: Int, maxPercentile: Float, searchEnd: Float,
    channelWise: Bool?, channelWiseIsAllowed: Bool
  ) {
    self.batchNum = batchNum
    self.batchSize = batchSize
    self.imagesAtHand = imagesAtHand
    self.numBits = numBits
    self.maxPercentile = maxPercentile
    self.searchEnd = searchEnd
    self.channelWise = channelWise
    self.channelWiseIsAllowed = channelWiseIsAllowed
  }

  /// - Returns: `nil` for a layer that the config leaves float.
  package init?(_ node: Node, _ config: QuantConfig, images: ImageSupply?) {
    let all = node.bottoms.indices.compactMap { config.effective(layer: node.name, input: $0) }
    guard let first = all.first else { return nil }
    batchNum = config.batchNum
    batchSize = images?.batchSize ?? 1
    imagesAtHand = images?.count ?? 0
    numBits = all.map(\.numBits).min() ?? first.numBits
    maxPercentile = first.maxPercentile
    searchEnd = first.searchRange.1
    switch config.weights(of: node) {
    case .uniform(let flag, _): channelWise = flag
    case .nonUniform(let flag, _, _, _, _): channelWise = flag
    case nil: channelWise = nil
    }
    channelWiseIsAllowed = node.layer?.quantization.channelWise ?? false
  }
}

extension TuningProposal {
  /// The manual advises 16 or 32 images.
  static let enoughImages = 16

  /// What to try for a layer, the step that the details speak for most first; empty for a float layer and for one that is
  /// good enough by itself.
  ///
  /// Un-quantising closes the list of what may help: it always does, and costs speed. Training is named when nothing else
  /// but that is left.
  package static func all(
    _ details: LayerDetails, metric: LayerMetric?, _ situation: TuningSituation, threshold: Double = 0.99
  ) -> [TuningProposal] {
    guard details.state == "quantized", !details.inputs.isEmpty || details.weightRatio != nil else { return [] }
    if let local = metric?.local, local >= threshold { return [] }
    let hints = LayerHint.all(
      details, metric: metric, threshold: threshold, hasChannelWiseWeights: situation.channelWise)
    var out: [TuningProposal] = []
    let wanted = (enoughImages + situation.batchSize - 1) / max(1, situation.batchSize)
    if situation.batchNum < wanted, situation.imagesAtHand >= (situation.batchNum + 1) * situation.batchSize {
      let possible = min(wanted, situation.imagesAtHand / max(1, situation.batchSize))
      out.append(
        TuningProposal(
          .moreBatches, .batchNum(possible),
          reason: "\(situation.batchNum * situation.batchSize) images are calibrated with; 16 or 32 are advised"))
    }
    out += clip(hints, situation)
    if situation.numBits < 12 { out.append(bits(hints)) }
    if situation.channelWise == false, situation.channelWiseIsAllowed {
      let reason = hints.first { if case .wideWeightChannels = $0 { true } else { false } }?.text
      out.append(
        TuningProposal(
          .channelWiseWeights, .channelWise(true), reason: reason ?? "one step serves all output channels"))
    }
    let isLast = out.isEmpty
    out.append(TuningProposal(.unquantize, .quantEnable(false), reason: "a float layer has no error of its own"))
    if isLast {
      out.append(TuningProposal(.retrain, .none, reason: "bits, ranges and scales are as fine as they can be"))
    }
    return out
  }

  private static func clip(_ hints: [LayerHint], _ situation: TuningSituation) -> [TuningProposal] {
    for hint in hints {
      switch hint {
      case .longTail where situation.maxPercentile > 0.9999:
        return [TuningProposal(.clipRange, .percentile(0.9999), reason: hint.text)]
      case .saturated where situation.searchEnd < 1.6:
        return [TuningProposal(.clipRange, .searchRange(0.7, 1.6), reason: hint.text)]
      default: break
      }
    }
    return []
  }

  private static func bits(_ hints: [LayerHint]) -> TuningProposal {
    let reason = hints.first {
      switch $0 {
      case .wideInputChannels, .vanishing, .longTail: true
      default: false
      }
    }?.text
    return TuningProposal(.moreBits, .activationBits(12), reason: reason ?? "256 codes are too few for this input")
  }
}
