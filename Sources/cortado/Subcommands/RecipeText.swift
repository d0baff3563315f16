import QuantEngine

/// `cortado recipe show` for a reader.
enum RecipeText {
  static func text(_ report: RecipeReport) -> String {
    var tree = TextTable(["line", "part", "says"], right: [0])
    for node in report.tree { add(node, 0, to: &tree) }
    var lines = [report.file, tree.text, ""]
    let effect = report.effect
    for rule in effect.rules {
      lines.append("\(rule.rule): matches \(counted(rule.matches.count, "layer"))" + names(rule.governs, "governs"))
      for shadow in rule.shadowed { lines.append("  \(shadow.layer) takes \(shadow.by)") }
      if !rule.float.isEmpty { lines.append("  stay float: \(rule.float.joined(separator: ", "))") }
      if !rule.handEdited.isEmpty { lines.append("  set by hand: \(rule.handEdited.joined(separator: ", "))") }
    }
    for skip in effect.skips {
      lines.append(
        "\(skip.list) \(skip.name): \(skip.layers.isEmpty ? "nothing" : skip.layers.joined(separator: ", "))")
    }
    lines.append("against the config: +\(effect.added) -\(effect.removed) ~\(effect.changed)")
    for change in effect.changes {
      for field in change.changes {
        lines.append("  \(field.path) \(field.old ?? "-") -> \(field.new ?? "-")")
      }
    }
    return lines.joined(separator: "\n")
  }

  private static func add(_ node: RecipeReport.Node, _ depth: Int, to table: inout TextTable) {
    table.add([
      node.line.map(String.init) ?? "", String(repeating: "  ", count: depth) + node.title, node.summary,
    ])
    for child in node.children { add(child, depth + 1, to: &table) }
  }

  private static func names(_ names: [String], _ verb: String) -> String {
    names.isEmpty ? "" : ", \(verb) \(names.joined(separator: ", "))"
  }
}
