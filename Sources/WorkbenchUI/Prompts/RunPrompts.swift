import QuantEngine

extension Prompt {
  /// Another name for a run; an empty one takes it away.
  static func rename(_ run: RunSummary) -> Prompt {
    let number = run.number ?? 0
    let rule = FieldRule(range: "what is different about it; empty takes the name away") { text, _ in
      text.unicodeScalars.contains { $0.properties.generalCategory == .control } ? "must be one line" : nil
    }
    return Prompt("name of run \(number): ", text: run.labelLine, rule: rule) { text, _, _ in
      [.effect(.changeRun(number, .rename(text)))]
    }
  }

  /// Where a run's report goes, and by its ending which kind it is.
  static func report(run number: Int, _ session: Session) -> Prompt {
    let rule = FieldRule(range: "a file: .html is a page, .md text for a merge request, .csv the metrics") { text, _ in
      let name = text.split(separator: "/", omittingEmptySubsequences: false).last ?? ""
      guard let point = name.lastIndex(of: "."), point != name.startIndex else {
        return "must end in .html, .md or .csv"
      }
      return ["html", "md", "csv"].contains(name[name.index(after: point)...].lowercased())
        ? nil : "must end in .html, .md or .csv"
    }
    let stem = session.workspace?.stem ?? "model"
    return Prompt("report of run \(number) to: ", text: "\(stem)-run\(number).html", rule: rule) { text, _, _ in
      [.effect(.report(run: number, path: text, overwriting: false))]
    }
  }
}
