import Diagnostics
import Foundation
import Quantization

/// What differs between two runs: their configs, and how close each came to the original net.
package struct RunDiff: Encodable, Sendable {
  package enum Verdict: String, Encodable, Sendable { case better, worse, same, unknown }

  /// One layer, or one output, in both runs.
  package struct Row: Encodable, Sendable, Hashable {
    package let name: String
    package let type: String
    /// Cosines; `nil` where the run did not compare it.
    @NullWhenAbsent package private(set) var before: Double?
    @NullWhenAbsent package private(set) var after: Double?
    package let verdict: Verdict

    init(_ name: String, _ type: String, _ before: Double?, _ after: Double?) {
      self.name = name
      self.type = type
      self.before = before
      self.after = after
      verdict = Self.verdict(before, after)
    }

    package var delta: Double? {
      guard let before, let after else { return nil }
      return after - before
    }

    /// A cosine that is not a number is worse than any.
    private static func verdict(_ before: Double?, _ after: Double?) -> Verdict {
      guard let before, let after else { return .unknown }
      if before.isNaN || after.isNaN { return before.isNaN == after.isNaN ? .same : before.isNaN ? .better : .worse }
      // Half of the last of five decimals: what a table does not show is no difference.
      if abs(after - before) < 5e-6 { return .same }
      return after > before ? .better : .worse
    }
  }

  package let from: RunSummary
  package let to: RunSummary
  /// `nil` when one of the configs cannot be read.
  @NullWhenAbsent package private(set) var config: [ConfigDocument.Change]?
  /// Both saw the same images in the same way; `nil` when one of them does not say.
  @NullWhenAbsent package private(set) var sameData: Bool?
  package let better: Int
  package let worse: Int
  package let same: Int
  /// In network order.
  package let layers: [Row]
  package let outputs: [Row]

  package init(_ a: RunFolder, _ b: RunFolder) {
    from = RunStore.summary(of: a)
    to = RunStore.summary(of: b)
    sameData = RunData.areSame(from.data, to.data)
    if let old = RunDetails.config(a), let new = RunDetails.config(b) {
      config = ConfigDocument.changes(old, new)
    } else {
      config = nil
    }
    let (x, y) = (QuantizeResult(readingFrom: a)?.comparison, QuantizeResult(readingFrom: b)?.comparison)
    layers = Self.rows(
      x?.layers.map { ($0.layer, $0.type, $0.cosine) } ?? [], y?.layers.map { ($0.layer, $0.type, $0.cosine) } ?? [])
    outputs = Self.rows(
      x?.outputs.map { ($0.blob, "output", $0.cosine) } ?? [], y?.outputs.map { ($0.blob, "output", $0.cosine) } ?? [])
    better = layers.count { $0.verdict == .better }
    worse = layers.count { $0.verdict == .worse }
    same = layers.count { $0.verdict == .same }
  }

  /// The order is that of `b`; what only `a` has comes last.
  private static func rows(
    _ a: [(name: String, type: String, cosine: Double)], _ b: [(name: String, type: String, cosine: Double)]
  ) -> [Row] {
    let before = Dictionary(a.map { ($0.name, $0.cosine) }) { first, _ in first }
    let names = Set(b.map(\.name))
    return b.map { Row($0.name, $0.type, before[$0.name], $0.cosine) }
      + a.filter { !names.contains($0.name) }.map { Row($0.name, $0.type, $0.cosine, nil) }
  }
}
