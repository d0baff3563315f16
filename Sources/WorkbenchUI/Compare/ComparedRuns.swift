import QuantEngine

/// The run that is shown, the one its differences are taken to, and what follows from both.
///
/// Every run is compared with the original; a difference is between two such comparisons.
struct ComparedRuns: Sendable {
  /// What differences are taken to.
  enum Reference: Equatable, Sendable {
    /// The run before the one that is shown.
    case previous
    case run(Int)
    /// No other run: only the comparison with the original.
    case original
  }

  let run: FinishedRun
  let before: FinishedRun?
  let report: ComparisonReport
  let metrics: [String: LayerMetric]
  let metricsBefore: [String: LayerMetric]
  let origin: LossOrigin
  /// Rows of the net that were compared, in its order.
  let network: [Int]
  private let outputsBefore: [String: OutputMetric]

  /// `nil` for a run that was not compared.
  init?(_ run: FinishedRun, before: FinishedRun?, _ workspace: Workspace) {
    guard let report = run.comparison else { return nil }
    self.run = run
    self.before = before
    self.report = report
    metrics = Dictionary(report.layers.map { ($0.layer, $0) }) { first, _ in first }
    metricsBefore = Dictionary((before?.comparison?.layers ?? []).map { ($0.layer, $0) }) { first, _ in first }
    outputsBefore = Dictionary((before?.comparison?.outputs ?? []).map { ($0.blob, $0) }) { first, _ in first }
    origin = LossOrigin(workspace.graph, compared: metrics.keys)
    network = report.layers.compactMap { workspace.index(of: $0.layer) }.sorted()
  }

  /// `8 calibration images`: what all figures are of.
  var imageSet: String { "\(report.images) calibration image\(report.images == 1 ? "" : "s")" }

  func delta(_ metric: CompareMetric, of layer: String) -> Double? {
    guard let now = metrics[layer].flatMap(metric.value), let then = metricsBefore[layer].flatMap(metric.value) else {
      return nil
    }
    return metric.delta(now, before: then)
  }

  func delta(_ metric: CompareMetric, of output: OutputMetric) -> Double? {
    guard let now = metric.value(output), let then = outputsBefore[output.blob].flatMap(metric.value) else {
      return nil
    }
    return metric.delta(now, before: then)
  }

  /// Under the threshold by a cosine, chain where the metric is none.
  func isBad(_ layer: String, by metric: CompareMetric, threshold: Double) -> Bool {
    Self.isBad(metrics[layer], by: metric, threshold: threshold)
  }

  private static func isBad(_ m: LayerMetric?, by metric: CompareMetric, threshold: Double) -> Bool {
    guard let m else { return false }
    return (metric == .local ? m.local : m.cosine).map { !($0 >= threshold) } ?? false
  }

  func badCount(by metric: CompareMetric, threshold: Double) -> Int {
    report.layers.count { Self.isBad($0, by: metric, threshold: threshold) }
  }

  /// `nil` without another run, or where that one did not measure the metric.
  func badCountBefore(by metric: CompareMetric, threshold: Double) -> Int? {
    guard let layers = before?.comparison?.layers, metric != .local || layers.contains(where: { $0.local != nil })
    else { return nil }
    return layers.count { Self.isBad($0, by: metric, threshold: threshold) }
  }

  /// Whether the run measured the metric at all.
  func has(_ metric: CompareMetric) -> Bool { report.layers.contains { metric.value($0) != nil } }

  /// The first layer of the net under the threshold by the chain cosine that causes its loss; where none does, the first
  /// under it.
  func firstDrop(threshold: Double) -> String? {
    let bad = report.layers.filter { !($0.cosine >= threshold) }
    return (bad.first { origin.part($0.layer, metrics, threshold: threshold) == .causes } ?? bad.first)?.layer
  }

  // MARK: order

  /// Rows of the net: by place, worst first, or what lost most since the other run first. What was not measured comes last.
  func rows(_ order: CompareScreen.Order, by metric: CompareMetric, _ workspace: Workspace) -> [Int] {
    guard order != .network else { return network }
    let keyed = network.map { row -> (row: Int, key: Double?) in
      let name = workspace.rows[row].name
      if order == .worst { return (row, metrics[name].flatMap(metric.value).map(metric.goodness)) }
      return (row, delta(metric, of: name))
    }
    return keyed.sorted { a, b in
      switch (a.key, b.key) {
      case (let x?, let y?): x == y ? a.row < b.row : x < y
      case (nil, nil): a.row < b.row
      case (let x, _): x != nil
      }
    }.map(\.row)
  }
}
