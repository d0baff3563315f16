import QuantEngine

/// The quantized layers of a run, those that hurt first.
struct TuneRanking: Sendable {
  /// What ranks them; never mixed in one list.
  enum Metric: String, CaseIterable, Sendable {
    /// The layer alone, fed the original's values: measured.
    case local
    /// Best chain cosine of the layer's inputs less its own: an estimate.
    case own = "own step"
    /// Accumulated: later layers inherit what earlier ones lose.
    case chain
  }

  struct Candidate: Sendable {
    /// Row of the net.
    let row: Int
    let name: String
    let chain: Double
    let local: Double?
    /// The best chain cosine among the layer's inputs; 1 at the net's input.
    let bestInput: Double
    /// First or last of the layers with weights, or one with few of them: the manual names those.
    let hint: String

    var ownStep: Double { bestInput - chain }
  }

  let metric: Metric
  /// Those that the run measured.
  let available: [Metric]
  /// Worst first.
  let candidates: [Candidate]

  static let empty = TuneRanking()

  private init() { (metric, available, candidates) = (.chain, [], []) }

  /// - Parameter wanted: the metric to rank by, where the run has it.
  init(_ report: ComparisonReport, _ rows: [LayerRow], map: PrecisionMap, threshold: Double, wanted: Metric?) {
    let table = Dictionary(report.layers.map { ($0.layer, $0) }) { first, _ in first }
    let hints = Self.hints(rows)
    var found: [Candidate] = []
    for row in rows {
      guard let m = table[row.name], m.state == "quantized" else { continue }
      let inputs = map.makers(of: row.index).map { Self.chain(of: $0, rows, table, map) }
      found.append(
        Candidate(
          row: row.index, name: row.name, chain: m.cosine, local: m.local,
          bestInput: inputs.max { $0.isNaN || $0 < $1 } ?? 1, hint: hints[row.name] ?? ""))
    }
    let hasLocal = found.contains { $0.local != nil }
    let available: [Metric] = hasLocal ? Metric.allCases : [.own, .chain]
    let metric = wanted.flatMap { available.contains($0) ? $0 : nil } ?? available[0]
    self.available = available
    self.metric = metric
    candidates = Self.sorted(found, by: metric, threshold: threshold)
  }

  /// The chain cosine of the nearest compared layer at or before one.
  private static func chain(
    of layer: Int?, _ rows: [LayerRow], _ table: [String: LayerMetric], _ map: PrecisionMap
  ) -> Double {
    var at = layer
    while let index = at {
      if let metric = table[rows[index].name] { return metric.cosine }
      at = map.makers(of: index).first ?? nil
    }
    return 1
  }

  private static func sorted(_ all: [Candidate], by metric: Metric, threshold: Double) -> [Candidate] {
    /// Not a number comes first, then the lowest.
    func before(_ a: Double, _ b: Double) -> Bool { a.isNaN ? !b.isNaN : a < b }
    let keys: [(group: Int, value: Double)] = all.map { c in
      switch metric {
      case .local: (c.local == nil ? 1 : 0, c.local ?? 1)
      // Behind an input that is bad already, a step is mostly the same loss once more.
      case .own: (c.bestInput >= threshold || c.chain.isNaN ? 0 : 1, -c.ownStep)
      case .chain: (0, c.chain)
      }
    }
    return all.indices.sorted { i, j in
      let (a, b) = (keys[i], keys[j])
      if a.group != b.group { return a.group < b.group }
      return before(a.value, b.value) || (!before(b.value, a.value) && i < j)
    }.map { all[$0] }
  }

  /// Whether a candidate is bad by the metric that ranks.
  func isUnder(_ candidate: Candidate, _ threshold: Double) -> Bool {
    switch metric {
    case .local: candidate.local.map { !($0 >= threshold) } ?? false
    case .own: candidate.bestInput >= threshold && !(candidate.ownStep <= 1 - threshold)
    case .chain: !(candidate.chain >= threshold)
    }
  }

  /// - Source: AMCT user guide: first and last layers and those with few parameters lose most.
  private static func hints(_ rows: [LayerRow]) -> [String: String] {
    let weighted = rows.filter { $0.isQuantizable && $0.params > 0 && $0.macs > 0 && $0.fusedInto == nil }
    let total = weighted.reduce(0) { $0 + $1.params }
    var hints: [String: String] = [:]
    for row in weighted where row.params * weighted.count * 10 < total { hints[row.name] = "small" }
    if let last = weighted.last { hints[last.name] = "last" }
    if let first = weighted.first { hints[first.name] = "first" }
    return hints
  }
}
