import Diagnostics
import LayerGraph

/// The steps of making a configuration.
struct InitialConfig {
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
      let scope = RecipeScope(recipe, graph)
      for node in graph.nodes where node.isQuantizable { apply(scope, to: node) }
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
      config.checkUpdateBN(graph, &log)
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

  /// Switches off what the options and the recipe skip.
  private mutating func skip() {
    let wasOn = config.layers.values.contains(where: \.isEnabled)
    let layers =
      options.skipLayers.map { ($0, SourceLocation?.none, Provenance.hand) }
      + (options.recipe?.skipLayers ?? []).map { ($0.text, $0.location, .recipeLayer) }
    let types =
      options.skipLayerTypes.map { ($0, SourceLocation?.none, Provenance.hand) }
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
      for node in graph.nodes where graph.matches(node, type) { switchOff(node.name, provenance, at: place) }
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

  // MARK: names

  mutating func refuse(layer: String, at place: SourceLocation?) {
    log.add(
      .error(
        "Layer \(layer) does not exist in the graph.", at: place,
        help: NearestName.help(layer, among: graph.quantizableNames)))
  }

  mutating func warnIfUnmatched(type: String, at place: SourceLocation?) {
    if graph.nodes.contains(where: { $0.isQuantizable && graph.matches($0, type) }) { return }
    let isKnown = graph.catalog.knows(type) && !graph.nodes.contains { graph.matches($0, type) }
    log.add(
      .warning(
        isKnown ? "the graph has no layer of type \(type)" : "Layer type \(type) does not support quantize.", at: place,
        help: isKnown
          ? [] : NearestName.help(type, among: Set(graph.nodes.filter(\.isQuantizable).map(\.type)).sorted())))
  }
}
