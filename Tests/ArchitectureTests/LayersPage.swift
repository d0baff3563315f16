import LayerGraph
import Layers
import QuantEngine

/// docs/layers.md: what `cortado layers` lists, with what the sources say each type does.
enum LayersPage {
  static func text() throws -> String {
    var lines = [
      "# Layer types", "",
      "Printed from the catalog (`make docs`); a test fails when it is stale. `cortado layers` prints the same list, "
        + "`cortado layers TYPE` one type with all its parameters and their defaults.",
      "",
      "\"Quantized\" is what quantization does with the layer when nobody says otherwise: what is named gets factors, "
        + "\"off\" can be turned on in config.json, \"-\" is never quantized. \"Runs on\": oneDNN, own loops, or the "
        + "reference loops that define the layer.", "",
      "| Type | Also written | Bottoms | Tops | Quantized | Runs on | Settings | What it does | Source |",
      "|---|---|---|---|---|---|---|---|---|",
    ]
    let types = Dictionary(uniqueKeysWithValues: LayerCatalog.builtIn.types.map { ($0.caffeType, $0) })
    for l in try LayerList.all() {
      guard let type = types[l.type] else { continue }
      let source = try SourceTree.text("Sources/Layers/\(type).swift")
      let messages = l.parameters.map { String($0.name.prefix { $0 != "." }) }
      let settings = messages.indices.filter { messages.firstIndex(of: messages[$0]) == $0 }.map { "`\(messages[$0])`" }
      let cells = [
        l.type, l.aliases.joined(separator: ", "), l.bottoms, l.tops, l.rule, l.backend,
        settings.joined(separator: ", "), summary(source, "\(type)"), l.source,
      ]
      lines.append("| " + cells.joined(separator: " | ") + " |")
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// The first paragraph of the type's documentation.
  static func summary(_ source: String, _ type: String) -> String {
    let lines = source.split(separator: "\n", omittingEmptySubsequences: false)
    guard let declaration = lines.firstIndex(where: { $0.contains("struct \(type)") }) else { return "" }
    let comment = lines[..<declaration].reversed().prefix { $0.hasPrefix("///") }.reversed()
    let paragraph = comment.map { $0.dropFirst(3).drop { $0 == " " } }.prefix { !$0.isEmpty && !$0.hasPrefix("- ") }
    return paragraph.joined(separator: " ").replacingOccurrences(of: "|", with: "\\|")
  }
}
