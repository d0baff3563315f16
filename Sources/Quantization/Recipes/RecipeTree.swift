import Diagnostics

/// A recipe as a tree to walk through: what the file says, part by part, in the order of strength.
package struct RecipeNode: Sendable, Hashable {
  /// What a node stands for; the same before and after an edit elsewhere.
  package enum Part: Sendable, Hashable {
    case block(RecipeBlock)
    /// `ifmr_quantize` of a rule.
    case data(RecipeBlock)
    /// `arq_quantize` or `snq_quantize` of a rule.
    case weights(RecipeBlock)
    case list(RecipeList)
    case name(String, RecipeList)
  }

  package let part: Part
  package let title: String
  /// What the part says, in a line; `defaults` when it says nothing.
  package let summary: String
  package let fields: [RecipeField]
  /// Where it begins in the file; `nil` while it is not there.
  package let location: SourceLocation?
  package let children: [RecipeNode]
}

extension RecipeDocument {
  /// Global parameters (with the BatchNorm update below), common rule, rules of types, of layers, lists of names. Parts
  /// that the text lacks are shown where there is one of them in every recipe.
  package var tree: [RecipeNode] { nodes(withFields: true) }

  /// The same without the parameters: of thousands of rules they take a while, and one form is shown at a time.
  package var outline: [RecipeNode] { nodes(withFields: false) }

  private func nodes(withFields: Bool) -> [RecipeNode] {
    func fields(_ block: RecipeBlock) -> [RecipeField] { withFields ? self.fields(of: block) : [] }
    let bnUpdate = node(.bnUpdate, title: "bn update", fields(.bnUpdate), children: [])
    var nodes = [
      node(.globals, title: "global", fields(.globals), children: [bnUpdate]),
      rule(.common, title: "common", fields(.common)),
    ]
    for (name, _) in recipe.layerTypes {
      nodes.append(rule(.type(name.text), title: "type \(name.text)", fields(.type(name.text))))
    }
    for (name, _) in recipe.layers {
      nodes.append(rule(.layer(name.text), title: "layer \(name.text)", fields(.layer(name.text))))
    }
    nodes += RecipeList.allCases.map(list)
    return nodes
  }

  private func node(
    _ block: RecipeBlock, title: String, _ fields: [RecipeField], children: [RecipeNode]
  ) -> RecipeNode {
    let given = block.fields.compactMap { field in
      recipe.setting(RecipePath(field, in: block)).map { "\(field.key) \($0.value.text)" }
    }
    let isThere = block == .globals ? !given.isEmpty : recipe.location(of: block) != nil
    let place =
      recipe.location(of: block)
      ?? block.fields.lazy.compactMap { recipe.setting(.init($0, in: block))?.location }.first
    return RecipeNode(
      part: .block(block), title: title,
      summary: isThere && !given.isEmpty ? given.joined(separator: "  ") : "defaults",
      fields: fields, location: place, children: children)
  }

  private func rule(_ block: RecipeBlock, title: String, _ fields: [RecipeField]) -> RecipeNode {
    let rule = recipe.rule(block)
    let weights = rule?.weights
    let algorithm = weights?.value(.weightAlgorithm)?.string
    let data = RecipeNode(
      part: .data(block), title: "data",
      summary: summary(
        rule?.activationLocation.flatMap { _ in rule?.activation }, "ifmr", RecipeBlock.activationFields),
      fields: fields.filter { $0.path.field.group == .activation }, location: rule?.activationLocation, children: [])
    let weightNode = RecipeNode(
      part: .weights(block), title: "weights",
      summary: summary(
        weights, algorithm == ConfigField.nonUniformAlgorithm ? "snq" : "arq",
        ConfigField.Group.weights.fields.filter { $0 != .weightAlgorithm }),
      fields: fields.filter { $0.path.field.group == .weights }, location: weights?[.weightAlgorithm]?.location,
      children: [])
    let parts = [
      rule?.activationLocation.map { _ in "ifmr" },
      algorithm.map { $0 == ConfigField.nonUniformAlgorithm ? "snq" : "arq" },
    ]
    let names = parts.compactMap(\.self)
    return RecipeNode(
      part: .block(block), title: title, summary: names.isEmpty ? "defaults" : names.joined(separator: " + "),
      fields: fields, location: recipe.location(of: block), children: [data, weightNode])
  }

  /// `ifmr num_bits 12`; what follows from the algorithm is left out.
  private func summary(_ group: SettingGroup?, _ algorithm: String, _ fields: [ConfigField]) -> String {
    guard let group else { return "defaults" }
    let given = fields.compactMap { field in
      group[field].flatMap { $0.location == nil ? nil : "\(field.key) \($0.value.text)" }
    }
    return given.isEmpty ? "\(algorithm), defaults" : "\(algorithm) \(given.joined(separator: "  "))"
  }

  private func list(_ list: RecipeList) -> RecipeNode {
    let names = recipe.names(in: list)
    let title =
      switch list {
      case .skipLayers: "skip layers"
      case .skipLayerTypes: "skip types"
      case .skipFusionLayers: "skip fusion"
      }
    return RecipeNode(
      part: .list(list), title: title,
      summary: names.isEmpty ? "none" : names.map(\.text).joined(separator: ", "), fields: [],
      location: names.first?.location,
      children: names.map { name in
        RecipeNode(
          part: .name(name.text, list), title: name.text, summary: "", fields: [], location: name.location, children: []
        )
      })
  }
}
