import LayerGraph

/// Which rules of a recipe name which layers of a net.
struct RecipeScope {
  private let recipe: Recipe
  private let layers: [String: Int]
  /// Rules of types by the spelling they are written with, and by the standard spelling.
  private let spellings: [String: Int]
  private let standards: [String: [Int]]

  init(_ recipe: Recipe, _ graph: Graph) {
    self.recipe = recipe
    func first(_ names: [Recipe.Name]) -> [String: Int] {
      Dictionary(names.enumerated().map { ($1.text, $0) }, uniquingKeysWith: { first, _ in first })
    }
    layers = first(recipe.layers.map(\.name))
    spellings = first(recipe.layerTypes.map(\.name))
    standards = Dictionary(
      grouping: recipe.layerTypes.indices.filter { graph.catalog.knows(recipe.layerTypes[$0].name.text) },
      by: { graph.catalog[recipe.layerTypes[$0].name.text]?.caffeTypes.first ?? recipe.layerTypes[$0].name.text })
  }

  /// All rules that a layer could take, the strongest first: it takes that one whole.
  ///
  /// The rule of its own name, that of its type as spelled, those of other spellings of the type, the common one.
  func rules(of node: Node) -> [(block: RecipeBlock, rule: Recipe.Rule)] {
    var found: [(block: RecipeBlock, rule: Recipe.Rule)] = []
    if let i = layers[node.name] { found.append((.layer(node.name), recipe.layers[i].rule)) }
    let spelled = spellings[node.type]
    let types = [spelled].compactMap(\.self) + (standards[node.standardType] ?? []).filter { $0 != spelled }
    for i in types { found.append((.type(recipe.layerTypes[i].name.text), recipe.layerTypes[i].rule)) }
    if let common = recipe.common { found.append((.common, common)) }
    return found
  }
}

extension Graph {
  /// Spellings of one layer type are one type: `ConvolutionDepthwise` is `DepthwiseConv`.
  func matches(_ node: Node, _ type: String) -> Bool {
    node.type == type || (catalog[type].map { $0.caffeTypes.first == node.standardType } ?? false)
  }
}
