import Diagnostics
import LayerGraph

/// What `with_offset` shows while it is absent.
package let inheritWord = "inherit"

extension QuantConfig {
  /// Sets one parameter to what the user typed; the number's text is kept.
  ///
  /// A layer without an entry gets the one of its type, switched off unless `quant_enable` itself is set. Setting
  /// `wts_algo` brings the bits and parameters of the algorithm along. `inherit` takes `with_offset` out.
  /// - Throws: why the value is refused, with the range; the configuration is then as before.
  package mutating func set(path: String, text: String, graph: Graph) throws(DiagnosticError) {
    try set(
      try ConfigPath.parse(path, layers: Set(layers.keys).union(graph.quantizableNames)), text: text, graph: graph)
  }

  /// - Parameter node: the layer, where it is at hand; to look it up takes time in a large net.
  package mutating func set(
    _ path: ConfigPath, text: String, graph: Graph, node: Node? = nil
  ) throws(DiagnosticError) {
    let inherits = path.field == .withOffset && text == inheritWord
    try put(inherits ? nil : Setting(try path.field.parse(text), .hand), at: path, graph, node)
  }

  /// Puts a parameter back to its default. Those of the BatchNorm update leave the file, as in a fresh one.
  package mutating func reset(_ path: ConfigPath, graph: Graph, node: Node? = nil) throws(DiagnosticError) {
    let isAbsent = path.field == .updateBN || path.field.group == .bnUpdate
    let value = isAbsent ? nil : defaultValue(path, graph, node)
    try put(value.map { Setting($0, .defaultValue) }, at: path, graph, node)
  }

  private mutating func put(
    _ setting: Setting?, at path: ConfigPath, _ graph: Graph, _ known: Node?
  ) throws(DiagnosticError) {
    var log = DiagnosticLog()
    if let name = path.layer {
      guard let node = known ?? graph.node(named: name), node.isQuantizable else {
        throw DiagnosticError(
          graph.node(named: name) == nil
            ? "Layer \(name) does not exist in the graph." : "layer \(name) does not support quant.",
          help: NearestName.help(name, among: graph.quantizableNames))
      }
      var entry = layers[name] ?? Self.absentEntry(of: node)
      try entry.put(setting, at: path, node)
      entry.check(for: node, &log)
      for group in entry.activations + [entry.weights].compactMap(\.self) {
        group.checkTogether(owner: "layer '\(name)'", &log)
      }
      if !log.hasErrors { return layers[name] = entry }
    } else if path.field.group == .bnUpdate {
      var group = bnUpdate ?? SettingGroup()
      group[path.field] = setting
      return bnUpdate = group.isEmpty ? nil : group
    } else {
      let before = globals
      globals[path.field] = setting
      if path.field == .skipFusionLayers { checkSkipFusion(graph.nodesByName, &log) }
      if !log.hasErrors { return }
      globals = before
    }
    var diagnostics = log.diagnostics.filter { $0.severity == .error }
    if !diagnostics.isEmpty { diagnostics[0].help.append("\(path.field.key): \(path.field.rangeText)") }
    throw DiagnosticError(diagnostics)
  }

  /// The entry that an edit of a float layer starts from: all defaults, still off.
  private static func absentEntry(of node: Node) -> LayerConfig {
    var entry = defaultEntry(of: node)
    entry.own[.quantEnable] = Setting(.flag(false), .defaultValue)
    return entry
  }

  // MARK: reading

  /// The text of the parameter in force, e.g. for `config get`.
  /// - Throws: an unknown layer or parameter, with the nearest name.
  package func get(path: String, graph: Graph) throws(DiagnosticError) -> String {
    let path = try ConfigPath.parse(path, layers: Set(layers.keys).union(graph.quantizableNames))
    return value(path, graph)?.text ?? inheritWord
  }

  /// The value in force; `nil`: `with_offset` inherits, or there is no such layer.
  package func value(_ path: ConfigPath, _ graph: Graph) -> ConfigValue? {
    setting(path)?.value ?? (path.field == .quantEnable ? presence(path) : defaultValue(path, graph))
  }

  /// What stands in the configuration itself; `nil` when the default is in force.
  package func setting(_ path: ConfigPath) -> Setting? {
    guard let name = path.layer else {
      return path.field.group == .bnUpdate ? bnUpdate?[path.field] : globals[path.field]
    }
    guard let entry = layers[name] else { return nil }
    switch path.field.group {
    case .activation: return entry.activation(path.input ?? 0)[path.field]
    case .weights: return entry.weights?[path.field]
    default: return entry.own[path.field]
    }
  }

  /// `quant_enable` of a layer that does not say: true for one that has an entry.
  private func presence(_ path: ConfigPath) -> ConfigValue? { path.layer.map { .flag(layers[$0] != nil) } }

  /// What the parameter goes back to.
  func defaultValue(_ path: ConfigPath, _ graph: Graph, _ known: Node? = nil) -> ConfigValue? {
    var role: QuantizationRole? { (known ?? path.layer.flatMap { graph.node(named: $0) })?.role }
    switch path.field {
    case .quantEnable: return role.map { .flag($0.enabledByDefault) }
    case .channelWise: return role.map { .flag($0.channelWise) }
    case .weightBits:
      let isNonUniform = path.layer.flatMap { layers[$0]?.weights }?.isNonUniform ?? false
      return .number(isNonUniform ? "4" : "8")
    default: return path.field.defaultValue
    }
  }
}

extension LayerConfig {
  fileprivate mutating func put(_ setting: Setting?, at path: ConfigPath, _ node: Node) throws(DiagnosticError) {
    switch path.field.group {
    case .activation:
      if activations.isEmpty { setActivation(SettingGroup(), inputs: node.activationInputs) }
      guard let input = path.input else {
        for i in activations.indices { activations[i][path.field] = setting }
        return
      }
      guard input < node.activationInputs else {
        throw DiagnosticError(
          "layer '\(node.name)' has no input \(input)", help: ["its inputs are 0 to \(node.activationInputs - 1)"])
      }
      if node.activationInputs > 1, activations.count != node.activationInputs {
        setActivation(activation(0), inputs: node.activationInputs)
      }
      activations[input][path.field] = setting
    case .weights:
      guard node.hasQuantizableWeights else {
        throw DiagnosticError("layer '\(node.name)' (\(node.type)) has no weights to quantize")
      }
      var group = weights ?? .weightDefaults(channelWise: node.role.channelWise)
      guard !path.field.isNonUniformOnly || group.isNonUniform else {
        throw DiagnosticError(
          "\(path.field.key) belongs to \(ConfigField.nonUniformAlgorithm)", help: ["set wts_algo first"])
      }
      group[path.field] = setting
      if path.field == .weightAlgorithm { group.followWeightAlgorithm() }
      weights = group
    default: own[path.field] = setting
    }
  }
}
