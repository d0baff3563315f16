import Foundation
import LayerGraph
import Layers

/// docs/layers.md: the catalog as a table.
enum LayersPage {
  static func text() throws -> String {
    var lines = [
      "# Layer types", "",
      "Printed from the catalog (`make docs`); a test fails when it is stale. `cortado layers` prints the same list.",
      "",
      "\"Quantized\" is what quantization does with the layer when nobody says otherwise: \"weights and input\" or \"input\" "
        + "get factors, \"off\" can be turned on in config.json, \"-\" is never quantized.", "",
      "| Type | Also written | Bottoms | Tops | Quantized | What it does |", "|---|---|---|---|---|---|",
    ]
    for type in LayerCatalog.builtIn.types.sorted(by: { $0.caffeType.lowercased() < $1.caffeType.lowercased() }) {
      let source = try SourceTree.text("Sources/Layers/\(type).swift")
      let cells = [
        type.caffeType, type.caffeTypes.dropFirst().joined(separator: ", "), extent(type.arity.bottoms),
        type.arity.paired ? "as bottoms" : extent(type.arity.tops), quantized(source), summary(source, "\(type)"),
      ]
      lines.append("| " + cells.joined(separator: " | ") + " |")
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func extent(_ range: ClosedRange<Int>) -> String {
    if range.upperBound == .max { return "\(range.lowerBound) or more" }
    return range.count == 1 ? "\(range.lowerBound)" : "\(range.lowerBound) to \(range.upperBound)"
  }

  /// The role stands in the source as one line, because a layer value needs a prototxt to be made.
  private static func quantized(_ source: String) -> String {
    guard let match = source.firstMatch(of: /var quantization: QuantizationRole \{(.*)/) else { return "-" }
    if match.1.contains(".weightsAndData") { return "weights and input" }
    return match.1.contains("on: false") ? "off" : match.1.contains("inputs: .all") ? "all inputs" : "input"
  }

  /// The first paragraph of the type's documentation.
  private static func summary(_ source: String, _ type: String) -> String {
    let lines = source.split(separator: "\n", omittingEmptySubsequences: false)
    guard let declaration = lines.firstIndex(where: { $0.contains("struct \(type)") }) else { return "" }
    let comment = lines[..<declaration].reversed().prefix { $0.hasPrefix("///") }.reversed()
    let paragraph = comment.map { $0.dropFirst(3).drop { $0 == " " } }.prefix { !$0.isEmpty && !$0.hasPrefix("- ") }
    return paragraph.joined(separator: " ").replacingOccurrences(of: "|", with: "\\|")
  }
}
