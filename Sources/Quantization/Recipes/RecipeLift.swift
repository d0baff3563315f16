import CaffeFormat
import Diagnostics
import LayerGraph

/// A configuration turned back into a recipe: what the recipe does not generate yet becomes global parameters, layer
/// overrides and skipped layers, so that the lifted recipe generates the configuration.
///
/// Compared are the values in force of quantized layers; parameters of float layers have no effect and are not lifted.
/// Numbers become float32, as everything in a recipe.
package struct RecipeLift: Sendable {
  package let document: RecipeDocument
  /// Layers that got an override, or whose override was changed.
  package let overridden: [String]
  /// Layers that were put on `skip_layers`.
  package let skipped: [String]
  /// Layers and types that left their skip list.
  package let unskipped: [String]
  /// Parameters of the net that were set.
  package let globals: [ConfigField]
  /// What a recipe cannot say, each with its place in config.json; the lifted recipe leaves it out.
  package let refusals: [Diagnostic]

  /// True when the recipe was changed.
  package var isChanged: Bool { !(overridden.isEmpty && skipped.isEmpty && unskipped.isEmpty && globals.isEmpty) }

  /// - Parameters:
  ///   - config: a configuration that was checked against the net.
  ///   - document: the recipe to extend; an empty one for a fresh recipe.
  /// - Throws: a recipe that the net refuses.
  package init(_ config: QuantConfig, graph: Graph, onto document: RecipeDocument) throws(DiagnosticError) {
    var log = DiagnosticLog()
    let generated = try document.recipe.apply(to: graph, log: &log)
    var lifting = Lifting(config, generated, document.recipe, graph)
    var lifted = document
    try lifted.edit { (draft: inout RecipeDraft) throws(DiagnosticError) in try lifting.run(&draft) }
    self.document = lifted
    (overridden, skipped, unskipped) = (lifting.overridden, lifting.skipped, lifting.unskipped)
    (globals, refusals) = (lifting.globals, lifting.refusals)
    guard refusals.isEmpty else { return }
    let again = try lifted.recipe.apply(to: graph, log: &log)
    let rest = Lifting(config, again, lifted.recipe, graph).differences()
    guard rest.isEmpty else {
      throw DiagnosticError("the lifted recipe does not make these as they are: \(rest.joined(separator: ", "))")
    }
  }
}

/// The steps of lifting.
private struct Lifting {
  let config: QuantConfig
  let generated: QuantConfig
  let recipe: Recipe
  let graph: Graph
  var overridden: [String] = []
  var skipped: [String] = []
  var unskipped: [String] = []
  var globals: [ConfigField] = []
  var refusals: [Diagnostic] = []

  init(_ config: QuantConfig, _ generated: QuantConfig, _ recipe: Recipe, _ graph: Graph) {
    self.config = config
    self.generated = generated
    self.recipe = recipe
    self.graph = graph
  }

  mutating func run(_ draft: inout RecipeDraft) throws(DiagnosticError) {
    try liftGlobals(&draft)
    try liftSwitches(&draft)
    try liftRules(&draft)
  }

  // MARK: the net

  /// Parameters of the net that differ in force.
  private var changedGlobals: [ConfigField] {
    let own: [(ConfigField, Bool)] = [
      (.batchNum, config.batchNum == generated.batchNum),
      (.activationOffset, config.activationOffset == generated.activationOffset),
      (.doFusion, config.doFusion == generated.doFusion),
      (.skipFusionLayers, Set(config.skipFusionLayers) == Set(generated.skipFusionLayers)),
      (.updateBN, config.updateBN == generated.updateBN),
    ]
    let (mine, theirs) = (config.bnUpdateSettings, generated.bnUpdateSettings)
    let bn: [(ConfigField, Bool)] = [
      (.movingAverageFraction, mine.movingAverageFraction == theirs.movingAverageFraction),
      (.updateIterations, mine.iterations == theirs.iterations),
      (.dumpDirectory, mine.dumpDirectory == theirs.dumpDirectory),
    ]
    return (own + bn).filter { !$0.1 }.map(\.0)
  }

  private mutating func liftGlobals(_ draft: inout RecipeDraft) throws(DiagnosticError) {
    if config.jointQuant { refuse("joint_quant", at: config.globals[.jointQuant]?.location) }
    for field in changedGlobals {
      let isBN = field.group == .bnUpdate
      guard let value = isBN ? (config.bnUpdate ?? SettingGroup()).value(field) : config.globals.value(field) else {
        continue
      }
      try draft.set(RecipePath(field, in: isBN ? .bnUpdate : .globals), Self.recipeValue(value, field))
      globals.append(field)
    }
  }

  /// The value as a recipe holds it: fractions as the shortest text of their float32.
  private static func recipeValue(_ value: ConfigValue, _ field: ConfigField) -> ConfigValue {
    if let range = value.range { return .range("\(Float(range.start))", "\(Float(range.end))") }
    return field.kind == .real ? value.float.map(ConfigValue.float) ?? value : value
  }

  private mutating func refuse(_ what: String, at place: SourceLocation?, layer: String? = nil, why: String? = nil) {
    refusals.append(
      .error(
        "a recipe cannot express \(what)", at: place,
        notes: [layer.map { "in layer '\($0)'" }, why].compactMap(\.self).map { .init($0) }))
  }

  // MARK: on and off

  private mutating func liftSwitches(_ draft: inout RecipeDraft) throws(DiagnosticError) {
    var wanted: Set<String> = []
    for node in graph.nodes where node.isQuantizable {
      if config.isEnabled(node.name), !generated.isEnabled(node.name) {
        if node.role.enabledByDefault {
          wanted.insert(node.name)
        } else {
          let entry = config.layers[node.name]
          refuse(
            "quant_enable true", at: entry?.own[.quantEnable]?.location ?? entry?.location, layer: node.name,
            why: "layers of type \(node.type) are off by default, and a recipe only switches off")
        }
      }
    }
    for name in recipe.skipLayers where wanted.contains(name.text) {
      try draft.remove(name.text, from: .skipLayers)
      unskipped.append(name.text)
    }
    var released: [String] = []
    for type in recipe.skipLayerTypes {
      let nodes = graph.nodes.filter { $0.isQuantizable && graph.matches($0, type.text) }
      guard nodes.contains(where: { wanted.contains($0.name) }) else { continue }
      try draft.remove(type.text, from: .skipLayerTypes)
      unskipped.append(type.text)
      released += nodes.map(\.name)
    }
    // What a type no longer keeps off must be kept off by name.
    let kept = Set(recipe.skipLayers.map(\.text)).subtracting(wanted)
    let others = recipe.skipLayerTypes.map(\.text).filter { !unskipped.contains($0) }
    for node in graph.nodes where node.isQuantizable && node.role.enabledByDefault && !config.isEnabled(node.name) {
      let isReleased =
        released.contains(node.name) && !kept.contains(node.name) && !others.contains { graph.matches(node, $0) }
      if generated.isEnabled(node.name) || isReleased { skipped.append(node.name) }
    }
    try draft.append(skipped, to: .skipLayers)
  }

  // MARK: rules

  private mutating func liftRules(_ draft: inout RecipeDraft) throws(DiagnosticError) {
    var fresh: [(block: RecipeBlock, fields: [ProtoTextField])] = []
    for node in graph.nodes where node.isQuantizable && config.isEnabled(node.name) {
      guard let mine = config.layers[node.name] else { continue }
      if check(mine, of: node) { continue }
      let wanted = RuleValues(mine, of: node)
      if let theirs = generated.layers[node.name], RuleValues(theirs, of: node) == wanted { continue }
      if let problem = wanted.problem {
        refuse(problem.what, at: problem.setting(mine)?.location ?? mine.location, layer: node.name, why: problem.why)
        continue
      }
      overridden.append(node.name)
      let block = RecipeBlock.layer(node.name)
      if draft.has(block) {
        try wanted.set(in: &draft, block, recipe.rule(block))
      } else {
        fresh.append((block, wanted.textFields))
      }
    }
    try draft.add(fresh)
  }

  /// Adds what a recipe cannot say of a layer; true when there is anything.
  private mutating func check(_ entry: LayerConfig, of node: Node) -> Bool {
    let before = refusals.count
    for input in 0..<node.activationInputs {
      let group = entry.activation(input)
      let isAsymmetric = config.settings(group).withOffset
      if isAsymmetric != config.activationOffset {
        refuse(
          "with_offset of a layer", at: group[.withOffset]?.location ?? entry.location, layer: node.name,
          why: "activation_offset is \(config.activationOffset) and holds for all layers")
      }
      let (a, b) = (ActivationValues(entry.activation(0)), ActivationValues(group))
      if let field = a.firstDifference(from: b) {
        refuse(
          "parameters for each input", at: group[field]?.location ?? entry.location, layer: node.name,
          why: "\(field.key) of input \(input) differs from that of input 0")
        break
      }
    }
    return refusals.count > before
  }

  /// Names of what the generated configuration has otherwise.
  func differences() -> [String] {
    var found = changedGlobals.map(\.key)
    for node in graph.nodes where node.isQuantizable {
      let isOn = config.isEnabled(node.name)
      if isOn != generated.isEnabled(node.name) {
        found.append(node.name)
      } else if isOn, let mine = config.layers[node.name], let theirs = generated.layers[node.name] {
        if RuleValues(mine, of: node) != RuleValues(theirs, of: node) { found.append(node.name) }
      }
    }
    return found
  }
}
