import Diagnostics
import LayerGraph

extension InitialConfig {
  /// A layer name that matches nothing is an error, a type a warning.
  mutating func checkNames(of recipe: Recipe) {
    for name in recipe.layers.map(\.name) {
      if let node = nodes[name.text] {
        if !node.isQuantizable { log.add(.error("layer \(name.text) does not support quant.", at: name.location)) }
      } else {
        refuse(layer: name.text, at: name.location)
      }
    }
    for name in recipe.layerTypes.map(\.name) { warnIfUnmatched(type: name.text, at: name.location) }
  }

  /// Gives a layer the parameters of the most specific rule that names it.
  mutating func apply(_ scope: RecipeScope, to node: Node) {
    guard let (block, rule) = scope.rules(of: node).first, var entry = config.layers[node.name] else { return }
    var activation = rule.activation
    for field in ConfigField.Group.activation.fields { activation.fillIn(field) }
    entry.setActivation(activation, inputs: node.activationInputs)
    let isOverride = block != .common
    if isOverride, !node.role.enabledByDefault {
      log.add(
        .note(
          "layer '\(node.name)' (\(node.type)) is off by default; switch quant_enable on in config.json",
          at: rule.location))
    }
    if var weights = rule.weights {
      if isOverride {
        refuse(weights, of: node, typeWide: block != .layer(node.name), rule)
      } else {
        adapt(&weights, to: node)
      }
      if weights[.channelWise] == nil { weights[.channelWise] = Setting(.flag(node.role.channelWise), .defaultValue) }
      if node.hasQuantizableWeights { entry.weights = weights }
    }
    config.layers[node.name] = entry
  }

  /// What the layer's type refuses of an override.
  private mutating func refuse(_ weights: SettingGroup, of node: Node, typeWide: Bool, _ rule: Recipe.Rule) {
    if typeWide, weights.value(.channelWise)?.flag == true, !node.role.channelWise {
      let place = weights[.channelWise]?.location ?? rule.location
      let error = Diagnostic.error("channel_wise can only be False for \(node.type) type", at: place)
      if !log.diagnostics.contains(error) { log.add(error) }
      return
    }
    var found = DiagnosticLog()
    weights.checkWeights(of: node, fallback: rule.location, &found)
    // An override that names a weight algorithm for a layer without weights is common, and harmless.
    log.add(contentsOf: found.diagnostics.filter { $0.severity == .error })
  }

  /// Bends the common rule to what the layer's type can have.
  private mutating func adapt(_ weights: inout SettingGroup, to node: Node) {
    guard node.hasQuantizableWeights else { return }
    if weights.isNonUniform, !node.takesNonUniformWeights {
      let place = weights[.weightAlgorithm]?.location
      weights[.weightAlgorithm] = Setting(.string(ConfigField.uniformAlgorithm), .defaultValue)
      weights.followWeightAlgorithm()
      log.add(
        .note(
          "layer '\(node.name)' (\(node.type)) can't have \(ConfigField.nonUniformAlgorithm): "
            + "it takes \(ConfigField.uniformAlgorithm)",
          at: place))
    }
    if weights.value(.channelWise)?.flag == true, !node.role.channelWise {
      let place = weights[.channelWise]?.location
      weights[.channelWise] = Setting(.flag(false), .defaultValue)
      log.add(.note("layer '\(node.name)' (\(node.type)) can't have channel_wise: it becomes false", at: place))
    }
  }
}
