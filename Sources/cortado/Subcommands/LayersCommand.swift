import ArgumentParser
import Diagnostics
import QuantEngine

/// `cortado layers`: the layer types there are.
struct LayersCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "layers", abstract: "List the layer types that can be run, and how quantization treats them.",
    discussion: """
      Example: cortado layers
               cortado layers Pooling
      """)

  @Argument(help: ArgumentHelp("Show all of one type, its parameters with their defaults too.", valueName: "type"))
  var type: String?

  @OptionGroup var common: CommonOptions

  func run() throws {
    let list = try LayerList.all(plugins: common.plugin, protos: common.proto)
    guard let type else { return common.show(list, Self.table) }
    guard let found = list.first(where: { $0.type == type || $0.aliases.contains(type) }) else {
      throw QuantError(
        .badInput, "there is no layer type '\(type)'",
        help: NearestName.help(type, among: list.flatMap { [$0.type] + $0.aliases }))
    }
    common.show(found, Self.details)
  }

  private static func table(_ list: [LayerList]) -> String {
    var t = TextTable(["type", "also", "bottoms", "tops", "quantization", "backend", "settings"])
    for l in list {
      let messages = l.parameters.map { $0.name.prefix { $0 != "." } }
      let settings = messages.indices.filter { messages.firstIndex(of: messages[$0]) == $0 }.map {
        String(messages[$0])
      }
      t.add([
        l.type, l.aliases.joined(separator: ", "), l.bottoms, l.tops, l.rule, l.backend,
        settings.joined(separator: ", "),
      ])
    }
    return t.text
  }

  private static func details(_ l: LayerList) -> String {
    var lines = ["\(l.type)" + (l.aliases.isEmpty ? "" : ", also \(l.aliases.joined(separator: ", "))")]
    lines.append("bottoms       \(l.bottoms)")
    lines.append("tops          \(l.tops)")
    lines.append("quantization  \(l.rule)")
    lines.append("backend       \(l.backend)")
    lines.append("source        \(l.source)")
    guard !l.parameters.isEmpty else { return lines.joined(separator: "\n") }
    var t = TextTable(["parameter", "type", "default"])
    for p in l.parameters { t.add([p.name, p.repeated ? "\(p.type), repeated" : p.type, p.defaultValue ?? ""]) }
    return (lines + ["", t.text]).joined(separator: "\n")
  }
}
