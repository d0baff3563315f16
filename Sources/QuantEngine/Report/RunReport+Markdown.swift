import Foundation

extension RunReport {
  /// How many layers the table of the worst has.
  private static let worstCount = 10

  /// For a merge request: facts, what changed in the config, outputs, the layers under the threshold (ten at most).
  package var markdown: String {
    var lines = ["## \(Self.escaped(title))", ""]
    lines += Self.table(["", ""], facts.map { [Self.escaped($0.name), Self.escaped($0.value)] })
    if let changes = details.configChanges, let parent = details.summary.parent {
      lines += ["", "### Config, against run \(Int(parent) ?? 0)", ""]
      lines +=
        changes.isEmpty
        ? ["No difference."]
        : Self.table(
          ["setting", "before", "now"],
          changes.map { [Self.code($0.path), Self.code($0.old ?? "-"), Self.code($0.new ?? "-")] })
    }
    if let comparison {
      lines += ["", "### Outputs", ""]
      lines += Self.table(
        ["output", "cosine", "least", "SQNR dB"],
        comparison.outputs.map {
          [Self.code($0.blob)]
            + [ReportText.fixed($0.cosine, 5), ReportText.fixed($0.cosineMin, 5), ReportText.fixed($0.sqnr_db, 1)]
        })
      let low = comparison.layers.filter { !($0.cosine >= RunFigures.threshold) }
      lines += ["", "### Layers under \(RunFigures.threshold): \(low.count) of \(comparison.layers.count)", ""]
      // Worst first; not a number is worst of all.
      let worst = low.sorted { ($0.cosine.isNaN ? -2 : $0.cosine) < ($1.cosine.isNaN ? -2 : $1.cosine) }
      if !low.isEmpty {
        lines += Self.table(
          ["layer", "type", "state", "cosine", "SQNR dB", "slope"],
          worst.prefix(Self.worstCount).map {
            [Self.code($0.layer), Self.escaped($0.type), $0.state]
              + [ReportText.fixed($0.cosine, 5), ReportText.fixed($0.sqnr_db, 1), ReportText.fixed($0.slope, 4)]
          })
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func table(_ head: [String], _ rows: [[String]]) -> [String] {
    ([head, head.map { _ in "---" }] + rows).map { "| " + $0.joined(separator: " | ") + " |" }
  }

  /// Text in which no character begins markup or ends a cell.
  static func escaped(_ text: String) -> String {
    text.oneLine.reduce(into: "") { out, letter in
      if "\\`*_{}[]<>#+!|~&@".contains(letter) { out += "\\" }
      out.append(letter)
    }
  }

  /// A name in code font, where only backticks and the cell's end have a meaning.
  static func code(_ text: String) -> String {
    let line = text.oneLine.replacingOccurrences(of: "|", with: "\\|")
    return line.contains("`") ? "`` \(line) ``" : "`\(line)`"
  }
}
