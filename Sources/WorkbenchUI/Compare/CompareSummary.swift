import QuantEngine

/// The lines below the list, made once per change of what they tell.
struct CompareSummary: Sendable {
  private struct Key: Equatable {
    var run: Int
    var before: Int?
    var metric: CompareMetric
    var threshold: Double
  }

  private var key: Key?
  /// `below 0.99: 9 (was 14)`.
  private(set) var counts = ""
  /// `first drop 60 res3a_branch2c, own step 0.0179 (estimate)`.
  private(set) var drop = ""
  /// Why figures are missing; empty when none is.
  private(set) var notice = ""

  mutating func refresh(_ runs: ComparedRuns, _ metric: CompareMetric, _ threshold: Double, _ workspace: Workspace) {
    let new = Key(run: runs.run.number, before: runs.before?.number, metric: metric, threshold: threshold)
    guard key != new else { return }
    key = new
    let limit = PlotNumber.text(threshold)
    let name = metric.isCosine ? (metric == .local ? "local " : "") : "chain cos "
    counts = "\(name)below \(limit): \(runs.badCount(by: metric, threshold: threshold))"
    if let before = runs.badCountBefore(by: metric, threshold: threshold) { counts += " (was \(before))" }
    drop = "no layer is below \(limit)"
    if let first = runs.firstDrop(threshold: threshold) {
      drop = "first drop \(workspace.index(of: first).map { "\($0 + 1) " } ?? "")\(first)"
      if let step = runs.origin.ownStep(first, runs.metrics) {
        drop += ", own step \(Digits.fixed(step, 4)) (estimate)"
      }
    }
    notice = ""
    if let before = runs.before, RunData.areSame(before.data, runs.run.data) == false {
      notice = "run \(before.number) saw other data: the differences are not those of the config"
      return
    }
    let label = metric.label
    if !runs.has(metric) {
      notice = "run \(runs.run.number) is of an earlier version: it did not measure \(label)"
    } else if let before = runs.before, let layers = before.comparison?.layers,
      !layers.contains(where: { metric.value($0) != nil })
    {
      notice = "run \(before.number) is of an earlier version: no \(label) to take differences to"
    }
  }
}
