import Foundation

/// What the details of a layer suggest about its error.
package enum LayerHint: Sendable, Hashable {
  /// A few values lie far beyond the rest and take most of the codes: the input, its range to the far end, and where
  /// `percent` per cent of its values end.
  case longTail(input: Int, range: Float, percent: Double, at: Float)
  /// One step has to serve channels of very different range: largest over median.
  case wideInputChannels(input: Int, ratio: Double)
  /// The same of weights that have one step for all channels.
  case wideWeightChannels(ratio: Double)
  /// Share of an input's values that are clipped.
  case saturated(input: Int, share: Double)
  /// Share of an input's values that are not 0 and become 0.
  case vanishing(input: Int, share: Double)
  case slope(Double)
  /// The layer alone is good: its chain error comes from layers before it.
  case inherited(local: Double)

  /// How far from the rest a tail must reach: half of the codes are for it.
  static let tailFactor: Float = 2
  /// Channels of an eighth of the range have three bits less.
  static let channelFactor = 8.0
  static let saturatedShare = 0.001
  static let vanishingShare = 0.05
  static let slopes = 0.97...1.03

  /// The hints for a layer, those about its inputs first.
  /// - Parameters:
  ///   - metric: of the same run; `nil` when it is not known.
  ///   - threshold: the cosine that a layer should have.
  ///   - hasChannelWiseWeights: whether every output channel has a step of its own; `nil` counts as yes.
  package static func all(
    _ details: LayerDetails, metric: LayerMetric?, threshold: Double = 0.99, hasChannelWiseWeights: Bool? = nil
  ) -> [LayerHint] {
    var hints: [LayerHint] = []
    for input in details.inputs {
      if let tail = input.tail, abs(tail.end) >= tailFactor * abs(tail.at) {
        hints.append(.longTail(input: input.bottom, range: tail.end, percent: tail.percent, at: tail.at))
      }
      if let ratio = input.channelRatio, ratio >= channelFactor {
        hints.append(.wideInputChannels(input: input.bottom, ratio: ratio))
      }
      if input.saturated >= saturatedShare {
        hints.append(.saturated(input: input.bottom, share: input.saturated))
      }
      if input.zeroed >= vanishingShare { hints.append(.vanishing(input: input.bottom, share: input.zeroed)) }
    }
    if let ratio = details.weightRatio, ratio >= channelFactor, hasChannelWiseWeights == false {
      hints.append(.wideWeightChannels(ratio: ratio))
    }
    guard let metric else { return hints }
    if !slopes.contains(metric.slope) { hints.append(.slope(metric.slope)) }
    if let local = metric.local, local >= threshold, !(metric.cosine >= threshold) {
      hints.append(.inherited(local: local))
    }
    return hints
  }

  package var text: String {
    switch self {
    case .longTail(let input, let range, let percent, let at):
      "long tail: range \(Self.short(Double(range))), \(Self.short(percent, 6))% at \(Self.short(Double(at)))\(Self.of(input))"
    case .wideInputChannels(let input, let ratio):
      "wide channel range (x \(Self.short(ratio)))" + (input == 0 ? " of the input" : " of input \(input)")
    case .wideWeightChannels(let ratio): "wide channel range (x \(Self.short(ratio))) of the weights"
    case .saturated(let input, let share): "saturated \(Self.percent(share)) %\(Self.of(input))"
    case .vanishing(let input, let share): "zeroed \(Self.percent(share)) %\(Self.of(input)): steps too coarse"
    case .slope(let slope): "slope \(Self.fixed(slope, 3)) outside 0.97..1.03"
    case .inherited(let local): "local \(Self.fixed(local, 5)): the loss comes from layers before"
    }
  }

  private static func of(_ input: Int) -> String { input == 0 ? "" : " (input \(input))" }
  private static func percent(_ share: Double) -> String { short(share * 100, 2) }

  /// At most `digits` digits that count, without an exponent where that is possible.
  static func short(_ value: Double, _ digits: Int = 3) -> String {
    guard value.isFinite else { return value.isNaN ? "nan" : value < 0 ? "-inf" : "inf" }
    return value.formatted(
      .number.precision(.significantDigits(1...digits)).grouping(.never).locale(Locale(identifier: "en_US_POSIX")))
  }

  static func fixed(_ value: Double, _ digits: Int) -> String {
    guard value.isFinite else { return short(value) }
    return value.formatted(
      .number.precision(.fractionLength(digits)).grouping(.never).locale(Locale(identifier: "en_US_POSIX")))
  }
}
