import LayerGraph
import QuantEngine

/// Where similarity is lost: which layers lose it, and which only have inputs that lost it before.
///
/// Along the net, from the layers that are compared to those that feed them. The layers between, which another one has
/// absorbed, are passed over.
struct LossOrigin: Sendable {
  /// The part that a layer under the threshold has in its own loss.
  enum Part: Sendable, Equatable {
    /// Loses by itself.
    case causes
    /// Only passes on what was lost before it.
    case inherits
  }

  /// Compared layers that feed each compared layer; empty where only inputs of the net do.
  private let feeders: [String: [String]]

  init(_ graph: Graph, compared: some Sequence<String>) {
    let compared = Set(compared)
    // For each blob, the compared layers nearest before it.
    var sources: [BlobID: [String]] = [:]
    var feeders: [String: [String]] = [:]
    for node in graph.nodes {
      var found: [String] = []
      for bottom in node.bottoms {
        for name in sources[bottom] ?? [] where !found.contains(name) { found.append(name) }
      }
      let isCompared = compared.contains(node.name)
      if isCompared { feeders[node.name] = found }
      for top in node.tops { sources[top] = isCompared ? [node.name] : found }
    }
    self.feeders = feeders
  }

  func feeders(of layer: String) -> [String] { feeders[layer] ?? [] }

  /// The best chain cosine of the layer's inputs less its own; an input of the net has 1. An estimate: with several inputs
  /// the loss may have come in by another one.
  func ownStep(_ layer: String, _ metrics: [String: LayerMetric]) -> Double? {
    guard let own = metrics[layer]?.cosine else { return nil }
    let inputs = feeders(of: layer).compactMap { metrics[$0]?.cosine }.filter { !$0.isNaN }
    return (inputs.max() ?? 1) - own
  }

  /// `nil` for a layer that is not under the threshold, by itself or with what it inherits.
  ///
  /// Measured by the local cosine where the run has it. Where not, by the estimate: who makes half of the loss causes it.
  func part(_ layer: String, _ metrics: [String: LayerMetric], threshold: Double) -> Part? {
    guard let m = metrics[layer] else { return nil }
    if let local = m.local, !(local >= threshold) { return .causes }
    if m.cosine >= threshold { return nil }
    if m.local != nil || m.state == "float" { return .inherits }
    if m.cosine.isNaN {
      return feeders(of: layer).contains { metrics[$0]?.cosine.isNaN == true } ? .inherits : .causes
    }
    return (ownStep(layer, metrics) ?? 0) * 2 >= 1 - m.cosine ? .causes : .inherits
  }

  /// The layer with the largest own step among this one and all before it, float ones aside; `nil` when none has lost.
  func largestStep(upTo layer: String, _ metrics: [String: LayerMetric]) -> (layer: String, step: Double)? {
    var best: (layer: String, step: Double)?
    var (open, seen): ([String], Set<String>) = ([layer], [layer])
    while let at = open.popLast() {
      if metrics[at]?.state != "float", let step = ownStep(at, metrics), step > best?.step ?? 0 { best = (at, step) }
      for next in feeders(of: at) where seen.insert(next).inserted { open.append(next) }
    }
    return best
  }

  /// The nearest layer before this one that causes a loss, by way of the worst inputs; `nil` when none does.
  func cause(of layer: String, _ metrics: [String: LayerMetric], threshold: Double) -> String? {
    var at = layer
    var seen: Set<String> = [layer]
    while true {
      let next = feeders(of: at).filter { !seen.contains($0) }.min { a, b in
        let (x, y) = (metrics[a]?.cosine ?? 1, metrics[b]?.cosine ?? 1)
        return x.isNaN ? !y.isNaN : x < y
      }
      guard let next else { return nil }
      if part(next, metrics, threshold: threshold) == .causes { return next }
      seen.insert(next)
      at = next
    }
  }
}
