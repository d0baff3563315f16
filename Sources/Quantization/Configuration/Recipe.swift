import CaffeFormat
import Diagnostics

/// A simplified configuration (.cfg): rules from which config.json is made.
///
/// A layer takes the most specific rule that names it, whole: its own override, else that of its type, else the common
/// one. What a rule leaves out falls to the defaults, not to the next rule.
/// - Source: AMCT user guide, chapter on the simplified configuration file.
package struct Recipe: Sendable {
  /// A name in the file, and where.
  package struct Name: Sendable, Hashable {
    package let text: String
    package let location: SourceLocation
  }

  /// One `CalibrationConfig`: what to do with a layer.
  package struct Rule: Sendable {
    var activation = SettingGroup()
    /// Where `ifmr_quantize` stands; `nil` when there is none.
    var activationLocation: SourceLocation?
    /// `nil` when no weight algorithm is named.
    var weights: SettingGroup?
    let location: SourceLocation
  }

  /// The file's name and text as read: comments and layout live on in it.
  package let file: String
  package let source: [UInt8]

  /// `batch_num`, `activation_offset`, `do_fusion`, `skip_fusion_layers`, `update_bn`, as far as given.
  package let globals: SettingGroup
  package let bnUpdate: SettingGroup?
  let bnUpdateLocation: SourceLocation?
  package let skipLayers: [Name]
  package let skipLayerTypes: [Name]
  package let common: Rule?
  package let layerTypes: [(name: Name, rule: Rule)]
  package let layers: [(name: Name, rule: Rule)]
  /// Values out of range, as they stand; only a recipe that is open for repair has any.
  private(set) var illegal: [RecipePath: Setting] = [:]
  /// Where the rule of a type or layer stands in its list; of several with one name the first.
  private(set) var positions: [RecipeBlock: Int] = [:]

  /// Reads and checks a .cfg file.
  /// - Throws: syntax errors and unknown fields from the text reader; then up to 20 values out of range and repeated
  ///   names, each with its place.
  package static func read(_ bytes: [UInt8], file: String) throws(DiagnosticError) -> Recipe {
    try read(try message(of: bytes, file: file), source: bytes, file: file)
  }

  /// What the protobuf reader makes of the text, values unchecked.
  static func message(of bytes: [UInt8], file: String) throws(DiagnosticError) -> ProtoMessage {
    try ProtoSchema.builtIn().parseText("AMCTConfig", bytes, file: file)
  }

  /// - Parameter message: that of `source`.
  static func read(
    _ message: ProtoMessage, source bytes: [UInt8], file: String
  ) throws(DiagnosticError) -> Recipe {
    let (recipe, log) = readAll(message, source: bytes, file: file)
    try log.throwErrorsInFileOrder()
    return recipe
  }

  /// The same without refusing anything: values out of range are in `illegal`, and what is wrong in the log.
  static func readAll(_ message: ProtoMessage, source bytes: [UInt8], file: String) -> (Recipe, DiagnosticLog) {
    var reader = RecipeReader()
    var recipe = reader.recipe(message, source: bytes, file: file)
    recipe.illegal = reader.illegal
    for (i, entry) in recipe.layerTypes.enumerated().reversed() { recipe.positions[.type(entry.name.text)] = i }
    for (i, entry) in recipe.layers.enumerated().reversed() { recipe.positions[.layer(entry.name.text)] = i }
    return (recipe, reader.log)
  }
}

/// Turns the message of a .cfg file into rules and checks every value.
private struct RecipeReader {
  var log = DiagnosticLog()
  var illegal: [RecipePath: Setting] = [:]

  mutating func recipe(_ message: ProtoMessage, source: [UInt8], file: String) -> Recipe {
    Recipe(
      file: file, source: source,
      globals: group(message, .global, .recipeCommon, owner: nil, .globals),
      bnUpdate: message.message("bn_update_config").map {
        group($0, .bnUpdate, .recipeCommon, owner: "bn_update_config", .bnUpdate)
      },
      bnUpdateLocation: message.has("bn_update_config") ? message.location(of: "bn_update_config") : nil,
      skipLayers: names(message, "skip_layers"),
      skipLayerTypes: names(message, "skip_layer_types"),
      common: message.message("common_config").map { rule($0, .recipeCommon, owner: "common_config", .common) },
      layerTypes: rules(message, "override_layer_types", key: "layer_type", .recipeType),
      layers: rules(message, "override_layer_configs", key: "layer_name", .recipeLayer))
  }

  private mutating func names(_ message: ProtoMessage, _ field: String) -> [Recipe.Name] {
    let names = message.all(field).compactMap { entry in
      entry.value.stringValue.map { Recipe.Name(text: $0, location: entry.location) }
    }
    refuseRepetition(names, in: field)
    return names
  }

  private mutating func rules(
    _ message: ProtoMessage, _ field: String, key: String, _ provenance: Provenance
  ) -> [(name: Recipe.Name, rule: Recipe.Rule)] {
    let rules = message.messages(field).map { entry in
      let name = Recipe.Name(text: entry.string(key) ?? "", location: entry.location(of: key))
      let settings = entry.message("calibration_config") ?? ProtoMessage("CalibrationConfig", location: entry.location)
      let block = provenance == .recipeType ? RecipeBlock.type(name.text) : .layer(name.text)
      return (name: name, rule: rule(settings, provenance, owner: "the rule of '\(name.text)'", block))
    }
    refuseRepetition(rules.map(\.name), in: field)
    return rules
  }

  private mutating func refuseRepetition(_ names: [Recipe.Name], in field: String) {
    guard let problem = ConfigField.repetition(names.map(\.text), in: field) else { return }
    var seen: Set<String> = []
    let second = names.first { !seen.insert($0.text).inserted }
    log.add(.error(problem, at: second?.location))
  }

  private mutating func rule(
    _ message: ProtoMessage, _ provenance: Provenance, owner: String, _ block: RecipeBlock
  ) -> Recipe.Rule {
    var rule = Recipe.Rule(location: message.location)
    if let ifmr = message.message("ifmr_quantize") {
      rule.activation = group(ifmr, .activation, provenance, owner: owner, block)
      rule.activationLocation = message.location(of: "ifmr_quantize")
    }
    for (field, algorithm) in [
      ("arq_quantize", ConfigField.uniformAlgorithm), ("snq_quantize", ConfigField.nonUniformAlgorithm),
    ] {
      guard let settings = message.message(field) else { continue }
      var weights = group(settings, .weights, provenance, owner: owner, block)
      weights[.weightAlgorithm] = Setting(.string(algorithm), provenance, at: message.location(of: field))
      weights.checkTogether(owner: owner, fallback: settings.location, &log)
      weights.followWeightAlgorithm()
      rule.weights = weights
    }
    return rule
  }

  /// The parameters of `group` that stand in `message`, checked.
  private mutating func group(
    _ message: ProtoMessage, _ group: ConfigField.Group, _ provenance: Provenance, owner: String?,
    _ block: RecipeBlock
  ) -> SettingGroup {
    var result = SettingGroup()
    let notes = owner.map { [Diagnostic.Note("in \($0)")] } ?? []
    for field in group.fields {
      let isRange = field == .searchRange
      guard let value = isRange ? searchRange(message) : Self.value(of: field, in: message) else { continue }
      let place = message.location(
        of: isRange ? "search_range_\(message.has("search_range_start") ? "start" : "end")" : field.key)
      let setting = Setting(
        value, provenance, at: place,
        itemLocations: field.kind == .names ? message.all(field.key).map(\.location) : [])
      if let problem = field.problem(value) {
        log.add(.error(problem, at: place, notes: notes))
        illegal[RecipePath(field, in: block)] = setting
      } else {
        result[field] = setting
      }
    }
    if group == .activation { result.checkTogether(owner: owner ?? "", fallback: message.location, &log) }
    return result
  }

  private func searchRange(_ message: ProtoMessage) -> ConfigValue? {
    guard message.has("search_range_start") || message.has("search_range_end") else { return nil }
    return .range(
      "\(message.float("search_range_start") ?? 0.7)", "\(message.float("search_range_end") ?? 1.3)")
  }

  private static func value(of field: ConfigField, in message: ProtoMessage) -> ConfigValue? {
    guard message.has(field.key) else { return nil }
    switch field.kind {
    case .flag: return message.bool(field.key).map(ConfigValue.flag)
    case .integer: return message.int(field.key).map { .number("\($0)") }
    case .real: return message.float(field.key).map(ConfigValue.float)
    case .string, .choice: return message.string(field.key).map(ConfigValue.string)
    case .names: return .names(message.strings(field.key))
    case .range: return nil
    }
  }
}
