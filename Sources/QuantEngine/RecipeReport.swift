import Diagnostics
import Quantization

/// What `cortado recipe check` tells of a recipe.
package struct RecipeSummary: Encodable, Sendable {
  package let file: String
  package let common: Bool
  package let layerTypes: Int
  package let layers: Int
  package let skipLayers: Int
  package let skipLayerTypes: Int
  /// Layers that the recipe lists and quantizes; `nil` without a net.
  @NullWhenAbsent package internal(set) var listed: Int?
  @NullWhenAbsent package internal(set) var quantized: Int?

  init(_ recipe: Recipe) {
    file = recipe.file
    common = recipe.common != nil
    layerTypes = recipe.layerTypes.count
    layers = recipe.layers.count
    skipLayers = recipe.skipLayers.count
    skipLayerTypes = recipe.skipLayerTypes.count
  }
}

/// One parameter in two configurations, as text.
package struct ConfigChangeText: Encodable, Sendable {
  package let path: String
  @NullWhenAbsent package private(set) var old: String?
  @NullWhenAbsent package private(set) var new: String?

  init(_ change: ConfigChange) {
    path = change.path.description
    old = change.old?.text
    new = change.new?.text
  }
}

package struct LayerChangeText: Encodable, Sendable {
  /// `null`: parameters of the net.
  @NullWhenAbsent package private(set) var layer: String?
  package let kind: String
  package let changes: [ConfigChangeText]

  init(_ change: LayerChange) {
    layer = change.layer
    kind = change.kind.rawValue
    changes = change.changes.map(ConfigChangeText.init)
  }
}

/// What `cortado recipe show` tells: tree and effect.
package struct RecipeReport: Encodable, Sendable {
  package struct Node: Encodable, Sendable {
    package let title: String
    package let summary: String
    @NullWhenAbsent package private(set) var line: Int?
    package let fields: [Field]
    package let children: [Node]

    init(_ node: RecipeNode) {
      title = node.title
      summary = node.summary
      line = node.location?.line
      fields = node.fields.map(Field.init)
      children = node.children.map(Node.init)
    }
  }

  package struct Field: Encodable, Sendable {
    package let key: String
    package let value: String
    package let standard: String
    package let from: String
    package let range: String

    init(_ field: RecipeField) {
      key = field.label
      value = field.text
      standard = field.defaultText
      from = field.provenance.rawValue
      range = field.range
    }

    enum CodingKeys: String, CodingKey {
      case key, value, from, range
      case standard = "default"
    }
  }

  package struct Rule: Encodable, Sendable {
    package struct Shadow: Encodable, Sendable {
      package let layer: String
      package let by: String
    }

    package let rule: String
    package let matches: [String]
    package let governs: [String]
    package let shadowed: [Shadow]
    package let float: [String]
    package let handEdited: [String]
    package let changes: [LayerChangeText]

    init(_ rule: RecipeEffect.Rule) {
      self.rule = rule.block.description
      matches = rule.matches
      governs = rule.governs
      shadowed = rule.shadowed.map { Shadow(layer: $0.layer, by: $0.by.description) }
      float = rule.float
      handEdited = rule.handEdited
      changes = rule.changes.map(LayerChangeText.init)
    }
  }

  package struct Skip: Encodable, Sendable {
    package let list: String
    package let name: String
    package let layers: [String]
  }

  package struct Effect: Encodable, Sendable {
    package let rules: [Rule]
    package let skips: [Skip]
    /// Against the configuration in use: layers that become quantized, become float, get other parameters.
    package let added: Int
    package let removed: Int
    package let changed: Int
    package let changes: [LayerChangeText]
    package let handEdits: [LayerChangeText]
  }

  package let file: String
  package let tree: [Node]
  package let effect: Effect

  init(_ document: RecipeDocument, _ effect: RecipeEffect) {
    file = document.file
    tree = document.tree.map(Node.init)
    self.effect = Effect(
      rules: effect.rules.map(Rule.init),
      skips: effect.skips.map { Skip(list: $0.list.rawValue, name: $0.name, layers: $0.layers) },
      added: effect.count(.added), removed: effect.count(.removed), changed: effect.count(.changed),
      changes: effect.changes.map(LayerChangeText.init), handEdits: effect.handEdits.map(LayerChangeText.init))
  }
}

/// What `cortado recipe apply` made.
package struct AppliedRecipe: Encodable, Sendable {
  private let config: QuantConfig
  package let listed: Int
  package let quantized: Int
  /// Values set by hand that stayed: `old` is the recipe's.
  package let kept: [ConfigChangeText]
  /// Values set by hand that the recipe replaced: `old` is the hand's.
  package let replaced: [ConfigChangeText]
  /// From the configuration in use to the new one; empty when there was none.
  package let changes: [LayerChangeText]

  init(config: QuantConfig, kept: [ConfigChange], replaced: [ConfigChange], changes: [LayerChange]) {
    self.config = config
    listed = config.layerNames.count
    quantized = config.layerNames.count(where: config.isEnabled)
    self.kept = kept.map(ConfigChangeText.init)
    self.replaced = replaced.map(ConfigChangeText.init)
    self.changes = changes.map(LayerChangeText.init)
  }

  enum CodingKeys: String, CodingKey { case listed, quantized, kept, replaced, changes }

  package func write(to path: String) throws(QuantError) {
    try attempting(.runFailed) { try AtomicFile.write(path: path, text: config.text + "\n") }
  }
}

/// What `cortado recipe lift` put into the recipe.
package struct LiftSummary: Encodable, Sendable {
  package let globals: [String]
  package let overridden: [String]
  package let skipped: [String]
  package let unskipped: [String]

  init(_ lift: RecipeLift) {
    globals = lift.globals.map(\.key)
    (overridden, skipped, unskipped) = (lift.overridden, lift.skipped, lift.unskipped)
  }
}
