import Diagnostics
import LayerGraph

/// What a recipe does to a net, and to the configuration that is in use.
package struct RecipeEffect: Sendable {
  /// What one rule does.
  package struct Rule: Sendable, Hashable {
    package let block: RecipeBlock
    /// Layers that the rule names, in the net's order; the common rule names all that can be quantized.
    package let matches: [String]
    /// Those of them that take it.
    package let governs: [String]
    /// Those that take a stronger rule instead.
    package let shadowed: [Shadow]
    /// Those that it governs but which stay float: skipped, or off by default.
    package let float: [String]
    /// Those that it governs and that have values set by hand.
    package let handEdited: [String]
    /// What differs, for the layers that it governs, between the configuration in use and the generated one.
    package let changes: [LayerChange]
  }

  package struct Shadow: Sendable, Hashable {
    package let layer: String
    package let by: RecipeBlock
  }

  /// What one name of a list reaches.
  package struct Skip: Sendable, Hashable {
    package let name: String
    package let list: RecipeList
    package let layers: [String]
    package let location: SourceLocation
  }

  /// Layer rules, type rules, the common rule, in the order of the file.
  package let rules: [Rule]
  package let skips: [Skip]
  /// Errors (names of layers that do not exist, what layer types refuse), warnings (types that match nothing), notes.
  package let diagnostics: [Diagnostic]
  /// What the recipe makes of the net; `nil` after an error.
  package let generated: QuantConfig?
  /// From the configuration in use to the generated one.
  package let changes: [LayerChange]
  /// From the base to the configuration in use: what was set by hand.
  package let handEdits: [LayerChange]

  package var hasErrors: Bool { diagnostics.contains { $0.severity == .error } }

  package func rule(_ block: RecipeBlock) -> Rule? { rules.first { $0.block == block } }
  package func count(_ kind: LayerChange.Kind) -> Int { changes.count { $0.kind == kind && $0.layer != nil } }

  /// - Parameters:
  ///   - present: the configuration in use.
  ///   - base: what the present one was generated as, before edits by hand.
  package init(_ recipe: Recipe, graph: Graph, present: QuantConfig, base: QuantConfig) {
    var log = DiagnosticLog()
    var found: [Diagnostic] = []
    do throws(DiagnosticError) {
      generated = try recipe.apply(to: graph, log: &log)
    } catch {
      generated = nil
      found = error.diagnostics
    }
    diagnostics = found + log.diagnostics
    let changes = generated.map { QuantConfig.layerChanges(from: present, to: $0, graph) } ?? []
    let handEdits = QuantConfig.layerChanges(from: base, to: present, graph)
    self.changes = changes
    self.handEdits = handEdits
    rules = Self.rules(recipe, graph, generated, changes, Set(handEdits.compactMap(\.layer)))
    skips = RecipeList.allCases.flatMap { list in
      recipe.names(in: list).map { name in
        let nodes = graph.nodes.filter { node in
          switch list {
          case .skipLayers: node.isQuantizable && node.name == name.text
          case .skipLayerTypes: node.isQuantizable && graph.matches(node, name.text)
          case .skipFusionLayers: node.isFusable && node.name == name.text
          }
        }
        return Skip(name: name.text, list: list, layers: nodes.map(\.name), location: name.location)
      }
    }
  }

  private static func rules(
    _ recipe: Recipe, _ graph: Graph, _ generated: QuantConfig?, _ changes: [LayerChange], _ handEdited: Set<String>
  ) -> [Rule] {
    let scope = RecipeScope(recipe, graph)
    var matches: [RecipeBlock: [String]] = [:]
    var governs: [RecipeBlock: [String]] = [:]
    var shadowed: [RecipeBlock: [Shadow]] = [:]
    for node in graph.nodes where node.isQuantizable {
      let rules = scope.rules(of: node)
      for (i, (block, _)) in rules.enumerated() {
        matches[block, default: []].append(node.name)
        if i == 0 {
          governs[block, default: []].append(node.name)
        } else {
          shadowed[block, default: []].append(Shadow(layer: node.name, by: rules[0].block))
        }
      }
    }
    let byLayer = Dictionary(changes.map { ($0.layer, $0) }, uniquingKeysWith: { first, _ in first })
    let blocks =
      recipe.layers.map { RecipeBlock.layer($0.name.text) } + recipe.layerTypes.map { .type($0.name.text) }
      + (recipe.common == nil ? [] : [.common])
    return blocks.map { block in
      let governed = governs[block] ?? []
      return Rule(
        block: block, matches: matches[block] ?? [], governs: governed, shadowed: shadowed[block] ?? [],
        float: governed.filter { generated?.isEnabled($0) == false }, handEdited: governed.filter(handEdited.contains),
        changes: governed.compactMap { byLayer[$0] })
    }
  }
}
