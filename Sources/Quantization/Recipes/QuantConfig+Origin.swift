import Diagnostics
import LayerGraph

/// Where the value of a parameter comes from, and the place that says it.
package struct SettingOrigin: Sendable, Hashable {
  package let provenance: Provenance
  /// In the recipe, or for a value set by hand in config.json; `nil` where neither file says it.
  package let location: SourceLocation?
}

extension QuantConfig {
  /// Where a parameter's value in this configuration comes from: a value equal to what was generated has that one's
  /// origin, any other was set by hand.
  /// - Parameter generated: what the recipe makes of the net (`Recipe.apply`), or the defaults where there is no recipe.
  package func origin(of path: ConfigPath, generated: QuantConfig, _ graph: Graph) -> SettingOrigin {
    let (mine, theirs) = (value(path, graph), generated.value(path, graph))
    guard mine?.isSame(as: theirs) ?? (theirs == nil) else {
      return SettingOrigin(provenance: .hand, location: setting(path)?.location)
    }
    let source = generated.setting(path)
    return SettingOrigin(provenance: source?.provenance ?? .defaultValue, location: source?.location)
  }

  /// Rows of a form with the provenance that comparison with what was generated gives: for the layer that is shown.
  package func traced(_ fields: [EditableField], to generated: QuantConfig, _ graph: Graph) -> [EditableField] {
    fields.map { field in
      var field = field
      field.provenance = origin(of: field.path, generated: generated, graph).provenance
      return field
    }
  }

  /// The same configuration with every parameter's provenance found by comparison with what was generated, so that
  /// `fields(of:)` and `globalFields` tell it. Places in config.json stay.
  package func traced(to generated: QuantConfig, _ graph: Graph) -> QuantConfig {
    var copy = self
    func trace(_ group: inout SettingGroup, _ path: (ConfigField) -> ConfigPath) {
      for field in group.fields {
        group[field]?.provenance = origin(of: path(field), generated: generated, graph).provenance
      }
    }
    trace(&copy.globals) { ConfigPath($0) }
    if var group = copy.bnUpdate {
      trace(&group) { ConfigPath($0) }
      copy.bnUpdate = group
    }
    for (name, entry) in layers {
      var entry = entry
      trace(&entry.own) { ConfigPath($0, layer: name) }
      let isList = entry.activations.count > 1
      entry.activations = entry.activations.enumerated().map { i, group in
        var group = group
        trace(&group) { ConfigPath($0, layer: name, input: isList ? i : nil) }
        return group
      }
      if var weights = entry.weights {
        trace(&weights) { ConfigPath($0, layer: name) }
        entry.weights = weights
      }
      copy.layers[name] = entry
    }
    return copy
  }
}
