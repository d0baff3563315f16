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
    try maker.log.throwErrorsInFileOrder()
    log.add(contentsOf: maker.log.inFileOrder)
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
