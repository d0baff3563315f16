import Diagnostics
import LayerGraph

/// What the user asks of a fresh configuration.
package struct InitialConfigOptions: Sendable {
  /// `nil`: not said, 1. Without effect beside a recipe.
  package var batchNum: Int?
  /// True: symmetric data. Without effect beside a recipe.
  package var symmetric = false
  package var skipLayers: [String] = []
  package var skipLayerTypes: [String] = []
  package var recipe: Recipe?

  package init() {}
}

extension QuantConfig {
  /// The configuration of a net by the defaults of its layer types, or by a recipe: every layer that can be quantized
  /// is listed, those off by default with `quant_enable` false.
  ///
  /// - Parameter log: gets the warnings: types that match nothing, options that a recipe overrides.
  /// - Throws: nothing to quantize, unknown layers, what layer types refuse of the recipe's rules.
  package static func initial(
    graph: Graph, options: InitialConfigOptions = InitialConfigOptions(), log: inout DiagnosticLog
  ) throws(DiagnosticError) -> QuantConfig {
    var maker = InitialConfig(graph, options)
    maker.run()
    try maker.log.throwIfErrors()
    log.add(contentsOf: maker.log.diagnostics)
    return maker.config
  }

  /// The entry of a layer by the defaults of its type.
  static func defaultEntry(of node: Node) -> LayerConfig {
    var entry = LayerConfig()
    entry.own[.quantEnable] = Setting(.flag(node.role.enabledByDefault), .defaultValue)
    entry.setActivation(.activationDefaults, inputs: node.activationInputs)
    if node.hasQuantizableWeights { entry.weights = .weightDefaults(channelWise: node.role.channelWise) }
    return entry
  }
}

extension Recipe {
  /// The configuration that this recipe makes of a net.
  package func apply(to graph: Graph, log: inout DiagnosticLog) throws(DiagnosticError) -> QuantConfig {
    var options = InitialConfigOptions()
    options.recipe = self
    return try .initial(graph: graph, options: options, log: &log)
  }
}

extension LayerConfig {
  /// An object for a layer of one input, a list with one entry for each of several.
  mutating func setActivation(_ group: SettingGroup, inputs: Int) {
    activations = Array(repeating: group, count: inputs)
    activationsAreList = inputs > 1
  }
}

/// The steps of making a configuration.
private struct InitialConfig {
  let graph: Graph
  let options: InitialConfigOptions
  let nodes: [String: Node]
  var config = QuantConfig()
  var log = DiagnosticLog()

  init(_ graph: Graph, _ options: InitialConfigOptions) {
    self.graph = graph
    self.options = options
    nodes = graph.nodesByName
  }

  mutating func run() {
    fillGlobals()
    for node in graph.nodes where node.isQuantizable && config.layers[node.name] == nil {
      if QuantConfig.globalKeys.contains(node.name) {
        log.add(.error("\(node.name) is a global parameter, can not be a layer name", at: node.location))
      }
      config.layers[node.name] = QuantConfig.defaultEntry(of: node)
    }
    if config.layers.isEmpty { return log.add(.error("No layer support quantization in the graph.")) }
    if let recipe = options.recipe {
      checkNames(of: recipe)
      for node in graph.nodes where node.isQuantizable { apply(recipe, to: node) }
      config.checkSkipFusion(nodes, &log)
    }
    skip()
  }

  private mutating func fillGlobals() {
    if let recipe = options.recipe {
      config.globals = recipe.globals
      config.bnUpdate = recipe.bnUpdate
      if options.batchNum != nil {
        log.add(.warning("the recipe decides batch_num: the value given beside it is ignored"))
      }
      if options.symmetric {
        log.add(.warning("the recipe decides activation_offset: symmetric, given beside it, is ignored"))
      }
      if config.updateBN, !graph.nodes.contains(where: { $0.standardType == "BatchNorm" }) {
        log.add(
          .warning("update_bn is set, but the graph has no BatchNorm layer", at: config.globals[.updateBN]?.location))
      }
    } else {
      if let batchNum = options.batchNum {
        let value = ConfigValue.number("\(batchNum)")
        if let problem = ConfigField.batchNum.problem(value) { log.add(.error(problem)) }
        config.globals[.batchNum] = Setting(value, .hand)
      }
      if options.symmetric { config.globals[.activationOffset] = Setting(.flag(false), .hand) }
    }
    for field in ConfigField.Group.global.fields where field != .updateBN { config.globals.fillIn(field) }
  }

  // MARK: recipe

  /// A layer name that matches nothing is an error, a type a warning.
  private mutating func checkNames(of recipe: Recipe) {
    for name in recipe.layers.map(\.name) {
      if let node = nodes[name.text] {
        if !node.isQuantizable { log.add(.error("layer \(name.text) does not support quant.", at: name.location)) }
      } else {
        refuse(layer: name.text, at: name.location)
      }
    }
    for name in recipe.layerTypes.map(\.name) { warnIfUnmatched(type: name.text, at: name.location) }
  }

  private mutating func refuse(layer: String, at place: SourceLocation?) {
    log.add(
      .error(
        "Layer \(layer) does not exist in the graph.", at: place,
        help: NearestName.help(layer, among: graph.quantizableNames)))
  }

  private mutating func warnIfUnmatched(type: String, at place: SourceLocation?) {
    if graph.nodes.contains(where: { $0.isQuantizable && matches($0, type) }) { return }
    let isKnown = graph.catalog[type] != nil && !graph.nodes.contains { matches($0, type) }
    log.add(
      .warning(
        isKnown ? "the graph has no layer of type \(type)" : "Layer type \(type) does not support quantize.", at: place,
        help: isKnown ? [] : NearestName.help(type, among: Set(graph.nodes.filter(\.isQuantizable).map(\.type)).sorted())))
  }

  /// Spellings of one layer type are one type: `ConvolutionDepthwise` is `DepthwiseConv`.
  private func matches(_ node: Node, _ type: String) -> Bool {
    node.type == type || (graph.catalog[type].map { $0.caffeTypes.first == node.standardType } ?? false)
  }

  private mutating func apply(_ recipe: Recipe, to node: Node) {
    let own = recipe.layers.first { $0.name.text == node.name }?.rule
    let ofType = recipe.layerTypes.first { matches(node, $0.name.text) }?.rule
    guard let rule = own ?? ofType ?? recipe.common, var entry = config.layers[node.name] else { return }
    var activation = rule.activation
    for field in ConfigField.Group.activation.fields { activation.fillIn(field) }
    entry.setActivation(activation, inputs: node.activationInputs)
    let isOverride = own != nil || ofType != nil
    if isOverride, !node.role.enabledByDefault {
      log.add(
        .note("layer '\(node.name)' (\(node.type)) is off by default; switch quant_enable on in config.json", at: rule.location))
    }
    if var weights = rule.weights {
      if isOverride {
        refuse(weights, of: node, typeWide: own == nil, rule)
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
          "layer '\(node.name)' (\(node.type)) can't have \(ConfigField.nonUniformAlgorithm): it takes \(ConfigField.uniformAlgorithm)",
          at: place))
    }
    if weights.value(.channelWise)?.flag == true, !node.role.channelWise {
      let place = weights[.channelWise]?.location
      weights[.channelWise] = Setting(.flag(false), .defaultValue)
      log.add(.note("layer '\(node.name)' (\(node.type)) can't have channel_wise: it becomes false", at: place))
    }
  }

  // MARK: skipping

  private mutating func skip() {
    let wasOn = config.layers.values.contains(where: \.isEnabled)
    let layers = options.skipLayers.map { ($0, SourceLocation?.none, Provenance.hand) }
      + (options.recipe?.skipLayers ?? []).map { ($0.text, $0.location, .recipeLayer) }
    let types = options.skipLayerTypes.map { ($0, SourceLocation?.none, Provenance.hand) }
      + (options.recipe?.skipLayerTypes ?? []).map { ($0.text, $0.location, .recipeType) }
    for (list, names) in [("skip_layers", options.skipLayers), ("skip_layer_types", options.skipLayerTypes)] {
      if let problem = ConfigField.repetition(names, in: list) { log.add(.error(problem)) }
    }
    for (name, place, provenance) in layers {
      if config.layers[name] != nil {
        switchOff(name, provenance, at: place)
      } else if nodes[name] != nil {
        log.add(.warning("layer \(name) does not support quant.", at: place, help: ["it need not be skipped"]))
      } else {
        refuse(layer: name, at: place)
      }
    }
    for (type, place, provenance) in types {
      warnIfUnmatched(type: type, at: place)
      for node in graph.nodes where matches(node, type) { switchOff(node.name, provenance, at: place) }
    }
    guard wasOn, !log.hasErrors, !config.layers.values.contains(where: \.isEnabled) else { return }
    log.add(
      .error(
        types.isEmpty
          ? "Except skip_layers, no layer needs to quantize."
          : "Except skip_layers or skip_types, no layer need to quantize.",
        at: (layers + types).compactMap(\.1).first))
  }

  private mutating func switchOff(_ name: String, _ provenance: Provenance, at place: SourceLocation?) {
    guard config.layers[name]?.isEnabled == true else { return }
    config.layers[name]?.own[.quantEnable] = Setting(.flag(false), provenance, at: place)
  }
}
