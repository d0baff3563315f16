import QuantEngine
import Quantization

/// What is noticed about a layer, and what can be done about it by one key.
struct LayerAdvice: Sendable {
  enum Suggestion: Sendable, Equatable {
    /// A change of the settings.
    case apply(TuningProposal)
    /// The loss comes from there.
    case goTo(String)

    var text: String {
      switch self {
      case .apply(let proposal): proposal.text
      case .goTo(let layer): "go to \(layer)"
      }
    }

    var reason: String {
      switch self {
      case .apply(let proposal): proposal.reason
      case .goTo: "where its loss comes from"
      }
    }

    /// False for what no key can do.
    var isDoable: Bool {
      if case .apply(let proposal) = self { proposal.change != .none } else { true }
    }
  }

  private(set) var hints: [String] = []
  private(set) var suggestions: [Suggestion] = []

  /// The first suggestion that has one of the hints as its reason, else the first.
  var preferred: Int { suggestions.firstIndex { hints.contains($0.reason) } ?? 0 }

  init() {}

  /// - Parameter details: `nil` where the run kept none, or while they are read.
  init(_ row: LayerRow, _ runs: ComparedRuns, details: LayerDetails?, threshold: Double, _ workspace: Workspace) {
    let metric = runs.metrics[row.name]
    let part = runs.origin.part(row.name, runs.metrics, threshold: threshold)
    let cause =
      part == .inherits ? runs.origin.cause(of: row.name, runs.metrics, threshold: threshold) : nil
    // Where many small losses add up, the largest of them is the one to begin with.
    let largest = part == .inherits && cause == nil ? runs.origin.largestStep(upTo: row.name, runs.metrics) : nil
    if workspace.edited.contains(row.name) { hints.append("edited since run \(runs.run.number): r measures it") }
    let situation = workspace.graph.node(named: row.name).flatMap {
      TuningSituation($0, workspace.config, images: workspace.images)
    }
    if let details {
      let found = LayerHint.all(
        details, metric: metric, threshold: threshold, hasChannelWiseWeights: situation?.channelWise)
      hints += found.map(\.text)
      if let situation, part != .inherits || largest?.layer == row.name {
        suggestions += TuningProposal.all(details, metric: metric, situation, threshold: threshold).map {
          .apply($0)
        }
      }
    }
    if let cause {
      if let step = runs.origin.ownStep(cause, runs.metrics) {
        hints.append("inherited from \(cause), own step \(Digits.fixed(step, 4)) (estimate)")
      }
      suggestions.insert(.goTo(cause), at: 0)
    } else if let largest {
      let step = "own step \(Digits.fixed(largest.step, 4)) (estimate)"
      if largest.layer == row.name {
        hints.append("small losses add up; this layer's is the largest so far, \(step)")
      } else {
        hints.append("small losses add up; the largest before it is \(largest.layer)'s, \(step)")
        suggestions.insert(.goTo(largest.layer), at: 0)
      }
    } else if part == .inherits {
      hints.append("no layer before it loses by itself")
    }
  }
}

extension Session {
  /// Does what is suggested for a layer; a change of settings is one step of undo.
  mutating func follow(_ suggestion: LayerAdvice.Suggestion, for layer: String, at time: Duration) {
    switch suggestion {
    case .goTo(let name): cursor = workspace?.index(of: name) ?? cursor
    case .apply(let proposal):
      guard let graph = workspace?.graph else { return }
      guard proposal.change != .none else {
        return say(.info, "\(layer): \(proposal.text) is outside of Cortado: \(proposal.reason)", at: time)
      }
      let owner = proposal.isOfRun ? "" : "\(layer): "
      edit("\(owner)\(proposal.text)", at: time) { try $0.apply(proposal.change, to: layer, graph) }
    }
  }
}
