import Diagnostics
import LayerGraph

/// What becomes of values set by hand when a recipe is applied.
package enum HandChoice: String, Sendable, CaseIterable {
  /// Keep mine.
  case keep
  /// Take the recipe's.
  case take
}

/// A recipe's configuration with the hand's values put over it where they are kept.
///
/// A value counts as set by hand where the present configuration differs from its base: what the recipe before, or the
/// defaults, generated. Kept are those values alone, the rest of a layer follows the new recipe; what only makes sense
/// together is kept together: `search_range` with `search_step`, and the weight parameters of a layer.
package struct RecipeMerge: Sendable {
  package let config: QuantConfig
  /// Values that stayed although the recipe says otherwise: `old` is the recipe's, `new` the one in force.
  package let kept: [ConfigChange]
  /// Values set by hand that the recipe replaced: `old` is the hand's.
  package let replaced: [ConfigChange]

  /// - Parameters:
  ///   - present: the configuration in use.
  ///   - base: what the previous recipe generated; the defaults where there was none.
  ///   - generated: what the new recipe generates.
  ///   - choice: for a layer's name, or for `nil`: the parameters of the net.
  package init(
    present: QuantConfig, base: QuantConfig, generated: QuantConfig, graph: Graph, choice: (String?) -> HandChoice
  ) {
    var result = generated
    let edits = QuantConfig.layerChanges(from: base, to: present, graph)
    var replacedPaths: Set<ConfigPath> = []
    for edit in edits {
      switch choice(edit.layer) {
      case .take: replacedPaths.formUnion(edit.changes.map(\.path))
      case .keep:
        if let layer = edit.layer {
          result.layers[layer] = Self.entry(of: layer, edit.changes.map(\.path), present, generated, graph)
        } else {
          for change in edit.changes { result.keep(change.path.field, of: present) }
        }
      }
    }
    config = result
    kept = QuantConfig.diff(generated, result, graph: graph)
    replaced = QuantConfig.diff(present, result, graph: graph).filter { replacedPaths.contains($0.path) }
  }

  /// The generated entry of a layer with the parameters at `paths` as they are now.
  private static func entry(
    of layer: String, _ paths: [ConfigPath], _ present: QuantConfig, _ generated: QuantConfig, _ graph: Graph
  ) -> LayerConfig? {
    guard let mine = present.layers[layer], var entry = generated.layers[layer] else { return present.layers[layer] }
    for path in paths {
      switch path.field.group {
      case .activation:
        let inputs = max(graph.node(named: layer)?.activationInputs ?? 1, mine.activations.count)
        if entry.activations.count != inputs { entry.setActivation(entry.activation(0), inputs: inputs) }
        let together: [ConfigField] =
          path.field == .searchRange || path.field == .searchStep ? [.searchRange, .searchStep] : [path.field]
        for i in path.input.map({ [$0] }) ?? Array(0..<inputs) {
          for field in together { entry.activations[i].keep(field, of: mine.activation(i)) }
        }
      case .weights: entry.weights = mine.weights
      default: entry.own[.quantEnable] = Setting(.flag(mine.isEnabled), .hand)
      }
    }
    return entry
  }
}

extension SettingGroup {
  /// Takes a parameter over as it stands in another group, absence included.
  fileprivate mutating func keep(_ field: ConfigField, of other: SettingGroup) {
    self[field] = other[field].map { setting in
      var setting = setting
      setting.provenance = .hand
      return setting
    }
  }
}

extension QuantConfig {
  fileprivate mutating func keep(_ field: ConfigField, of present: QuantConfig) {
    if field.group == .bnUpdate {
      var group = bnUpdate ?? SettingGroup()
      group.keep(field, of: present.bnUpdate ?? SettingGroup())
      bnUpdate = group.isEmpty ? nil : group
    } else {
      globals.keep(field, of: present.globals)
      if field != .updateBN { globals.fillIn(field) }
    }
  }
}
