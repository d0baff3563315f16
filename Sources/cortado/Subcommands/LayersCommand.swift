import ArgumentParser
import QuantEngine

/// `cortado layers`: the layer types there are.
struct LayersCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "layers", abstract: "List the layer types that can be run, and how quantization treats them.",
    discussion: "Example: cortado layers --json")

  @OptionGroup var common: CommonOptions

  func run() throws {
    common.show(LayerList.all) { list in
      var t = TextTable(["type", "also", "bottoms", "tops"])
      for l in list { t.add([l.type, l.aliases.joined(separator: ", "), l.bottoms, l.tops]) }
      return t.text
    }
  }
}
