import Diagnostics
import Foundation

/// All that a report of a run says, for a page (`html`), a merge request (`markdown`) or a spreadsheet (`csv`).
package struct RunReport: Sendable {
  /// A layer with its factors and its similarity.
  struct Row: Sendable {
    let layer: QuantizeResult.Layer
    let metric: LayerMetric?
  }

  let details: RunDetails
  let comparison: ComparisonReport?
  /// In network order, fused layers included; empty for a run that did not end well.
  let rows: [Row]
  /// config.json as it lies in the folder.
  let config: String?

  /// Figures of layers by the layer's name, each an SVG element: the page shows them under "Figures", in network
  /// order. Histograms come in here.
  package var figures: [String: [SVGFigure]] = [:]

  /// - Throws: exit 3 when the folder is no run's.
  package init(_ folder: RunFolder) throws(QuantError) {
    let files = FileManager.default
    guard [folder.summary, folder.events, folder.config].contains(where: { files.fileExists(atPath: $0) }) else {
      throw QuantError(.badInput, "\(folder.path) is no run folder: it has no run.json, events.jsonl, config.json")
    }
    let result = QuantizeResult(readingFrom: folder)
    details = RunDetails(folder, result: result)
    comparison = result?.comparison
    let metrics = Dictionary((comparison?.layers ?? []).map { ($0.layer, $0) }) { a, _ in a }
    rows = (result?.layers ?? []).map { Row(layer: $0, metric: metrics[$0.layer]) }
    config = files.contents(atPath: folder.config).map { String(decoding: $0, as: UTF8.self) }
  }

  /// The metrics, as in `metrics.csv`.
  /// - Throws: exit 3 without comparison.
  package func csv() throws(QuantError) -> String {
    guard let comparison else {
      throw QuantError(.badInput, "run \(details.summary.run) has no comparison: it did not come that far")
    }
    return comparison.csv
  }

  var title: String { "Run \(details.summary.number.map(String.init) ?? details.summary.run)" }

  /// Name and value of every fact that is known, in the order in which they are told.
  var facts: [(name: String, value: String)] {
    let s = details.summary
    var facts: [(String, String)] = [("State", s.stateText)]
    func add(_ name: String, _ value: String?) { if let value, !value.isEmpty { facts.append((name, value)) } }
    add("Label", s.labelLine)
    add("Started", s.started.map(ReportText.minute))
    add("Duration", s.seconds.map(ReportText.duration))
    add("Config from", s.parent.map { "run \(Int($0) ?? 0)" })
    add("Layers quantized", s.quantized.map { q in s.float.map { "\(q), left float \($0)" } ?? "\(q)" })
    add("MACs quantized", s.macShare.map { ReportText.fixed(100 * $0, 1) + " %" })
    add("Output cosine", s.outputCosine.map { ReportText.fixed($0, 5) })
    add("Layers under \(RunFigures.threshold)", s.below.map(String.init))
    add(
      "Top-1",
      s.evaluation.map {
        "float \(ReportText.fixed(100 * $0.float, 2)) %, fake-quant \(ReportText.fixed(100 * $0.fakeQuant, 2)) %"
      })
    add("Calibration images", s.images.map(String.init))
    add("Images compared", comparison.map { "\($0.images)" })
    add("Peak memory", details.peakBytes.map(ReportText.bytes))
    add("Cortado", s.version)
    return facts
  }
}

/// A drawing for the page: an `<svg>` element without references to anything outside, and what it shows in words.
package struct SVGFigure: Sendable, Hashable {
  package let svg: String
  package let caption: String

  package init(svg: String, caption: String) {
    self.svg = svg
    self.caption = caption
  }
}

/// Numbers and times as reports write them: a point before decimals, whatever the locale.
package enum ReportText {
  package static func fixed(_ value: Double, _ digits: Int) -> String {
    value.isNaN ? "nan" : value.isInfinite ? (value < 0 ? "-inf" : "inf") : String(format: "%.\(digits)f", value)
  }

  package static func short(_ value: Double) -> String {
    value.isNaN ? "nan" : value.isInfinite ? (value < 0 ? "-inf" : "inf") : String(format: "%.6g", value)
  }

  /// Local time, "2025-01-02 03:04".
  package static func minute(_ seconds: Double) -> String {
    String(AMCTLog.stamp(Date(timeIntervalSince1970: seconds)).prefix(16))
  }

  /// "0.4 s", "12 s", "3:10", "1:02:03".
  package static func duration(_ seconds: Double) -> String {
    if !seconds.isFinite || seconds < 0 { return "-" }
    if seconds < 9.95 { return fixed(seconds, 1) + " s" }
    let whole = Int(min(seconds, 1e9).rounded())
    func two(_ n: Int) -> String { n < 10 ? "0\(n)" : "\(n)" }
    if whole < 60 { return "\(whole) s" }
    if whole < 3600 { return "\(whole / 60):\(two(whole % 60))" }
    return "\(whole / 3600):\(two(whole / 60 % 60)):\(two(whole % 60))"
  }

  /// "512 B", "1.5 MiB".
  package static func bytes(_ count: Int) -> String {
    var value = Double(count)
    var unit = "B"
    for next in ["KiB", "MiB", "GiB", "TiB"] where value >= 1024 {
      value /= 1024
      unit = next
    }
    return unit == "B" ? "\(count) B" : fixed(value, 1) + " " + unit
  }
}
