import LayerGraph
import Quantization

/// The manual's ladder for one layer: which steps were taken, which are open, and why.
///
/// - Source: AMCT user guide, "Parameter tuning": more batches; un-quantise sensitive layers; percentiles and search range,
///   then 12 bits, then a weight step for each channel; training when all that is not enough.
package struct TuningLadder: Sendable, Hashable {
  package enum State: Sendable, Hashable {
    case done, open
    /// Not to be had for this layer.
    case closed

    package var word: String {
      switch self {
      case .done: "done"
      case .open: "open"
      case .closed: "-"
      }
    }
  }

  package struct Rung: Sendable, Hashable {
    package let step: TuningProposal.Step
    package let state: State
    /// Why it is done or not to be had; why to try it.
    package let reason: String
    /// What would be changed; only for an open step.
    package let proposal: TuningProposal?
  }

  /// In the manual's order, one for each step.
  package let rungs: [Rung]
  /// What to try: what the run's details speak for, then what costs nothing, then what costs a little; float last of
  /// those that are about the layer. More batches concern all layers and come after that.
  package let proposals: [TuningProposal]

  /// - Parameter found: what the details of a run speak for, best first.
  package init(_ node: Node, _ config: QuantConfig, images: ImageSupply?, found: [TuningProposal] = []) {
    let situation = TuningSituation(node, config, images: images)
    let evidence = Dictionary(found.filter { $0.change != .none }.map { ($0.step, $0) }) { first, _ in first }
    rungs = TuningProposal.Step.allCases.map { step in
      let rung = Self.rung(step, node, config, situation, images)
      guard rung.state == .open, let better = evidence[step] else { return rung }
      return Rung(step: step, state: .open, reason: better.reason, proposal: better)
    }
    let isLocal = { (step: TuningProposal.Step) in step != .moreBatches }
    var order = found.map(\.step).filter { isLocal($0) && $0 != .unquantize && $0 != .retrain }
    order += [.channelWiseWeights, .moreBits, .clipRange, .unquantize, .moreBatches].filter { !order.contains($0) }
    let table = Dictionary(rungs.map { ($0.step, $0.proposal) }) { first, _ in first }
    proposals = order.compactMap { table[$0] ?? nil }
  }

  package subscript(step: TuningProposal.Step) -> Rung { rungs[step.rawValue - 1] }

  /// The manual advises 16 or 32 images.
  private static let enoughImages = 16

  private static func rung(
    _ step: TuningProposal.Step, _ node: Node, _ config: QuantConfig, _ now: TuningSituation?, _ images: ImageSupply?
  ) -> Rung {
    func rung(_ state: State, _ reason: String) -> Rung {
      Rung(step: step, state: state, reason: reason, proposal: nil)
    }
    func open(_ change: TuningProposal.Change, _ reason: String) -> Rung {
      Rung(step: step, state: .open, reason: reason, proposal: TuningProposal(step, change, reason: reason))
    }
    switch step {
    case .moreBatches: return batches(config, images, rung, open)
    case .unquantize:
      guard now != nil else { return rung(.done, "the layer is float") }
      return open(.quantEnable(false), "a float layer has no error of its own; it costs speed")
    case .retrain:
      return rung(.closed, "when all above is not enough: training, outside of calibration")
    case .clipRange, .moreBits, .channelWiseWeights: break
    }
    guard let now else { return rung(.closed, "a float layer has no such setting") }
    switch step {
    case .clipRange:
      if now.maxPercentile != 0.999999 { return rung(.done, "max_percentile is \(now.maxPercentile)") }
      if now.searchEnd != 1.3 { return rung(.done, "search_range ends at \(now.searchEnd)") }
      return open(.percentile(0.9999), "clipping the few values at the ends leaves finer steps for the rest")
    case .moreBits:
      if now.numBits >= 12 { return rung(.done, "num_bits is \(now.numBits)") }
      return open(.activationBits(12), "\(1 << now.numBits) codes may be too few for this input; stored as 16 bit")
    default:
      guard let channelWise = now.channelWise else { return rung(.closed, "the layer has no weights") }
      if channelWise { return rung(.done, "each output channel has its own step") }
      guard now.channelWiseIsAllowed else { return rung(.closed, "not allowed for \(node.type)") }
      return open(.channelWise(true), "one step serves all output channels")
    }
  }

  private static func batches(
    _ config: QuantConfig, _ images: ImageSupply?, _ rung: (State, String) -> Rung,
    _ open: (TuningProposal.Change, String) -> Rung
  ) -> Rung {
    guard let images, images.batchSize > 0 else { return rung(.closed, "there are no images") }
    let (used, overflow) = config.batchNum.multipliedReportingOverflow(by: images.batchSize)
    if overflow || used >= enoughImages {
      return rung(.done, "\(overflow ? "many" : "\(used)") images; 16 or 32 serve")
    }
    let wanted = (enoughImages + images.batchSize - 1) / images.batchSize
    let possible = min(wanted, images.count / images.batchSize)
    guard possible > config.batchNum else { return rung(.closed, "there are only \(images.count) images") }
    return open(.batchNum(possible), "all layers: calibrated with \(used) images; 16 or 32 are advised")
  }
}
