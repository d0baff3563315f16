import Diagnostics
import LayerGraph

/// Something with a name that can be added to a recipe.
package enum RecipeEntry: Hashable, Sendable {
  case typeRule
  case layerRule
  case name(RecipeList)

  /// The part of the recipe that the name makes.
  package func part(_ name: String) -> RecipeNode.Part {
    switch self {
    case .typeRule: .block(.type(name))
    case .layerRule: .block(.layer(name))
    case .name(let list): .name(name, list)
    }
  }
}

extension RecipeDocument {
  /// Names of the net that can be added still, in the net's order.
  package func candidates(for entry: RecipeEntry, _ graph: Graph) -> [String] {
    let quantizable = graph.nodes.filter(\.isQuantizable)
    let (all, taken): ([String], [Recipe.Name]) =
      switch entry {
      case .typeRule: (quantizable.map(\.type), recipe.layerTypes.map(\.name))
      case .layerRule: (quantizable.map(\.name), recipe.layers.map(\.name))
      case .name(.skipLayerTypes): (quantizable.map(\.type), recipe.skipLayerTypes)
      case .name(.skipLayers): (quantizable.map(\.name), recipe.skipLayers)
      case .name(.skipFusionLayers): (graph.nodes.filter(\.isFusable).map(\.name), recipe.names(in: .skipFusionLayers))
      }
    var seen = Set(taken.map(\.text))
    return all.filter { seen.insert($0).inserted }
  }

  /// Adds a rule or a name.
  /// - Throws: it is there already, or the net has nothing of this name, with the nearest one.
  package mutating func add(_ name: String, as entry: RecipeEntry, _ graph: Graph) throws(DiagnosticError) {
    var copy = self
    switch entry {
    case .typeRule: try copy.add(.type(name))
    case .layerRule: try copy.add(.layer(name))
    case .name(let list): try copy.append(name, to: list)
    }
    let names = candidates(for: entry, graph)
    guard names.contains(name) else {
      throw DiagnosticError(
        "the net has nothing called '\(name)' that fits", help: NearestName.help(name, among: names))
    }
    self = copy
  }
}
