import QuantEngine

/// Runs as the command line prints them.
enum RunsText {
  static func list(_ runs: [RunSummary]) -> String {
    if runs.isEmpty { return "no runs yet" }
    var t = TextTable(
      ["", "id", "when", "from", "Q/F", "MAC", "cos", "<.99", "evaluation", "time", "state", "label"],
      right: [1, 3, 4, 5, 6, 7, 9])
    for r in runs {
      t.add([
        r.pinned ? "*" : "", r.number.map(String.init) ?? r.run, r.started.map(ReportText.minute) ?? "-",
        r.parent.map { "\(Int($0) ?? 0)" } ?? "-",
        r.quantized.map { "\($0)/\(r.float.map(String.init) ?? "-")" } ?? "-",
        r.macShare.map { fixed(100 * $0, 1) + "%" } ?? "-", r.outputCosine.map { fixed($0, 5) } ?? "-",
        r.below.map(String.init) ?? "-", r.evaluation.map(evaluation) ?? "-",
        r.seconds.map(ReportText.duration) ?? "-", r.stateText, r.labelLine,
      ])
    }
    return t.text
  }

  private static func evaluation(_ e: QuantizeResult.Accuracy) -> String {
    "top1 \(fixed(e.fakeQuant, 3)) of \(fixed(e.float, 3))"
  }

  static func details(_ d: RunDetails) -> String {
    let s = d.summary
    var facts = TextTable(["run", s.run + (s.label.isEmpty ? "" : "  \(s.labelLine)") + (s.pinned ? "  (pinned)" : "")])
    func add(_ name: String, _ value: String?) { if let value { facts.add([name, value]) } }
    add("state", s.stateText)
    add("folder", d.work)
    add("started", s.started.map(ReportText.minute))
    add("net", d.part?.text)
    add("config from", s.parent.map { "run \($0)" })
    add("Cortado", s.version)
    add("images", s.images.map { n in "\(n)" + (s.data.map { " of \($0.found) in \($0.source)" } ?? "") })
    add("data", s.data.map { "\($0.key), \($0.batchSize) a batch" })
    add("layers", s.quantized.map { q in "\(q) quantized" + (s.float.map { ", \($0) left float" } ?? "") })
    add("MACs", s.macShare.map { fixed(100 * $0, 1) + " % quantized" })
    add("output cos", s.outputCosine.map { fixed($0, 5) })
    add("under .99", s.below.map { "\($0) layers" })
    add("top-1", s.evaluation.map { "float \(fixed($0.float, 4)), fake-quant \(fixed($0.fakeQuant, 4))" })
    add("time", s.seconds.map(ReportText.duration))
    add("peak memory", d.peakBytes.map(ReportText.bytes))
    var parts = [facts.text]
    if !d.stages.isEmpty {
      parts.append("stages  " + d.stages.map { "\($0.stage) \(fixed($0.seconds, 2)) s" }.joined(separator: ", "))
    }
    if let changes = d.configChanges, let parent = s.parent {
      parts.append("config against run \(parent)\n" + config(changes))
    }
    if !d.messages.isEmpty { parts.append(d.messages.joined(separator: "\n")) }
    if !d.files.isEmpty {
      var t = TextTable(["bytes", "SHA-256", "file"], right: [0])
      for f in d.files { t.add([f.bytes.map(grouped) ?? "-", f.sha256 ?? "not there any more", f.path]) }
      parts.append(t.text)
    }
    return parts.joined(separator: "\n\n")
  }

  private static func config(_ changes: [ConfigDocument.Change]) -> String {
    changes.isEmpty
      ? "  no difference"
      : changes.map { "  \($0.path): \($0.old ?? "-") -> \($0.new ?? "-")" }.joined(separator: "\n")
  }

  static func diff(_ d: RunDiff) -> String {
    var parts = ["config, run \(d.from.run) -> \(d.to.run)"]
    parts[0] += "\n" + (d.config.map(config) ?? "  one of them has no config that can be read")
    if d.sameData == false {
      parts[0] += "\n\nthey saw other images, or other preprocessing: what follows compares two things at once"
    }
    let known = d.better + d.worse + d.same
    guard known > 0 || d.outputs.contains(where: { $0.delta != nil }) else {
      return parts[0] + "\n\nthere is no similarity to compare: a run was not compared, or no layer is in both"
    }
    var t = TextTable(["", "layer", "type", "before", "after", "delta"], right: [3, 4, 5])
    for row in d.outputs + d.layers where row.verdict != .same {
      t.add([
        row.verdict == .better ? "+" : row.verdict == .worse ? "-" : "?", row.name, row.type,
        row.before.map { fixed($0, 5) } ?? "-", row.after.map { fixed($0, 5) } ?? "-",
        row.delta.map { ($0 > 0 ? "+" : "") + fixed($0, 5) } ?? "-",
      ])
    }
    parts.append("layers: \(d.better) better, \(d.worse) worse, \(d.same) the same (cosine)")
    if (d.outputs + d.layers).contains(where: { $0.verdict != .same }) { parts.append(t.text) }
    return parts.joined(separator: "\n\n")
  }

  static func restored(_ r: RunStore.Restored) -> String {
    var lines = ["\(r.config) is that of run \(r.run) now"]
    lines += r.changes.map { "  \($0.path): \($0.old ?? "-") -> \($0.new ?? "-")" }
    if let kept = r.kept {
      lines += ["the config before it is kept; to get it back:", "  cp \(quoted(kept)) \(quoted(r.config))"]
    }
    return lines.joined(separator: "\n")
  }

  /// A word for a shell.
  private static func quoted(_ word: String) -> String {
    let plain = word.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "/._-+=:,@%".contains($0)) }
    return plain
      ? word : "'" + word.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
  }
}
