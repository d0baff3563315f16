import LayerGraph
import QuantEngine
import Quantization

/// The proposals of all marked candidates: what they change together, and what a run would redo.
struct TunePlan: Sendable {
  struct Item: Sendable {
    let candidate: TuneRanking.Candidate
    let proposal: TuningProposal
    let effect: TuningEffect
  }

  let items: [Item]
  /// Marked candidates for which nothing is left to try.
  let without: Int
  let cost: TuningCost
  let redone: RedoneSearches

  init(
    _ items: [Item], without: Int, _ workspace: Workspace, map: PrecisionMap, precisions: [PrecisionMap.Precision]
  ) {
    self.items = items
    self.without = without
    cost = TuningCost(of: items.map(\.effect), map: map, precisions: precisions)
    var config = workspace.config
    for item in items { item.effect.apply(to: &config) }
    redone = RedoneSearches(before: workspace.last?.config, after: config, graph: workspace.graph)
  }

  /// For the history: `tune: conv3_dw bits 12`.
  var label: String {
    let words = items.prefix(2).map { "\($0.candidate.name) \($0.proposal.text)" }.joined(separator: ", ")
    return "tune: " + words + (items.count > 2 ? " and \(items.count - 2) more" : "")
  }
}

/// Proposals that were applied as one change set and wait for the run that shows what they gave.
struct TuneTrial: Sendable {
  struct Item: Sendable {
    let layer: String
    let proposal: TuningProposal
    /// Of the run before; `nil` where it did not measure.
    let chain: Double?
    let local: Double?
  }

  let items: [Item]
  let label: String
  /// The change set in the history.
  let state: Int
  /// The run whose ranking was gone by, with the output it had.
  let base: Int
  let baseOutput: Double
  /// The run that shows what came of it.
  var run: Int?
  /// Settings that this run differs in from the base besides the applied ones.
  var otherEdits = 0
}

extension TuningLadder {
  /// Words for a step in a line or a list.
  static func word(_ step: TuningProposal.Step) -> String {
    switch step {
    case .moreBatches: "batches"
    case .unquantize: "float"
    case .clipRange: "clip range"
    case .moreBits: "bits 12"
    case .channelWiseWeights: "per-channel"
    case .retrain: "QAT"
    }
  }
}
