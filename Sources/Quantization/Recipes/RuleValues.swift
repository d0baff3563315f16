import CaffeFormat
import Diagnostics
import LayerGraph

/// The activation parameters in force, as far as a recipe can say them; float32 as in a recipe.
struct ActivationValues: Equatable {
  let values: [ConfigField: [Float]]

  init(_ group: SettingGroup) {
    var values: [ConfigField: [Float]] = [:]
    for field in RecipeBlock.activationFields {
      let value = group.value(field)
      values[field] = value?.range.map { [Float($0.start), Float($0.end)] } ?? value?.float.map { [$0] } ?? []
    }
    self.values = values
  }

  static let defaults = ActivationValues(SettingGroup())

  func firstDifference(from other: ActivationValues) -> ConfigField? {
    RecipeBlock.activationFields.first { values[$0] != other.values[$0] }
  }

  /// The value of a field as a recipe writes it.
  func value(_ field: ConfigField) -> ConfigValue {
    let numbers = values[field] ?? []
    switch field.kind {
    case .range where numbers.count == 2: return .range("\(numbers[0])", "\(numbers[1])")
    case .integer: return .number("\(Int(numbers.first ?? 0))")
    default: return .float(numbers.first ?? 0)
    }
  }
}

/// How a layer is quantized, as far as a rule of a recipe can say it.
struct RuleValues: Equatable {
  let activation: ActivationValues
  /// `nil` for a layer without weights.
  let weights: Weights?

  struct Weights: Equatable {
    let isNonUniform: Bool
    let channelWise: Bool
    /// What the layer's type has unless it is said.
    let defaultChannelWise: Bool
    let maxIteration: Int
    let minDistance: Float
    let start: String
  }

  init(_ entry: LayerConfig, of node: Node) {
    activation = ActivationValues(entry.activation(0))
    guard node.hasQuantizableWeights else {
      weights = nil
      return
    }
    let group = entry.weights ?? SettingGroup()
    let isNonUniform = group.isNonUniform
    // Uniform weights have no such parameters: their defaults compare equal.
    func own(_ field: ConfigField) -> ConfigValue? { isNonUniform ? group.value(field) : field.defaultValue }
    weights = Weights(
      isNonUniform: isNonUniform, channelWise: group.value(.channelWise)?.flag ?? node.role.channelWise,
      defaultChannelWise: node.role.channelWise, maxIteration: own(.maxIteration)?.int ?? 1000,
      minDistance: own(.minDistance)?.float ?? 1e-10, start: own(.initAlgorithm)?.string ?? "uniform")
  }

  /// A value that is legal in config.json and not as float32.
  struct Problem {
    let field: ConfigField
    let what: String
    let why: String

    func setting(_ entry: LayerConfig) -> Setting? { entry.activation(0)[field] ?? entry.weights?[field] }
  }

  var problem: Problem? {
    var values = RecipeBlock.activationFields.map { ($0, activation.value($0)) }
    if let weights, weights.isNonUniform { values.append((.minDistance, .float(weights.minDistance))) }
    for (field, value) in values {
      guard let why = field.problem(value) else { continue }
      return Problem(field: field, what: "this \(field.key)", why: "as float32 it is \(value.text): \(why)")
    }
    return nil
  }

  /// The weight parameters, the algorithm first; empty where there are none.
  private var weightValues: [(field: ConfigField, value: ConfigValue)] {
    guard let weights else { return [] }
    let name = weights.isNonUniform ? ConfigField.nonUniformAlgorithm : ConfigField.uniformAlgorithm
    let both: [(field: ConfigField, value: ConfigValue)] = [
      (.weightAlgorithm, .string(name)), (.channelWise, .flag(weights.channelWise)),
    ]
    if !weights.isNonUniform { return both }
    return both + [
      (.maxIteration, .number("\(weights.maxIteration)")), (.minDistance, .float(weights.minDistance)),
      (.initAlgorithm, .string(weights.start)),
    ]
  }

  /// The text of `calibration_config`: all that is not the default.
  var textFields: [ProtoTextField] {
    var fields: [ProtoTextField] = []
    var data: [ProtoTextField] = []
    for field in RecipeBlock.activationFields where activation.values[field] != ActivationValues.defaults.values[field]
    {
      switch activation.value(field) {
      case .range(let start, let end):
        data.append(Self.real("search_range_start", start))
        data.append(Self.real("search_range_end", end))
      case .number(let text) where field.kind == .integer:
        data.append(ProtoTextField(field.key, .scalar(text, .uint(UInt64(text) ?? 0))))
      case let value: data.append(Self.real(field.key, value.text))
      }
    }
    if !data.isEmpty { fields.append(ProtoTextField("ifmr_quantize", .message("FMRQuantize", data))) }
    guard let weights else { return fields }
    var own: [ProtoTextField] = []
    for (field, value) in weightValues.dropFirst() {
      let isDefault =
        field == .channelWise
        ? weights.channelWise == weights.defaultChannelWise
        : value.float != nil
          ? value.float == field.defaultValue?.float : value == field.defaultValue
      if isDefault { continue }
      switch value {
      case .flag(let flag): own.append(ProtoTextField(field.key, .scalar(flag ? "true" : "false", .bool(flag))))
      case .string(let text):
        own.append(ProtoTextField(field.key, .scalar(ProtoTextField.literal(text), .string(text))))
      default:
        own.append(
          field.kind == .integer
            ? ProtoTextField(field.key, .scalar(value.text, .uint(UInt64(value.text) ?? 0)))
            : Self.real(field.key, value.text))
      }
    }
    if weights.isNonUniform {
      fields.append(ProtoTextField(ConfigField.nonUniformAlgorithm, .message("SNQuantize", own)))
    } else if !own.isEmpty {
      fields.append(ProtoTextField(ConfigField.uniformAlgorithm, .message("ARQuantize", own)))
    }
    return fields
  }

  private static func real(_ name: String, _ text: String) -> ProtoTextField {
    ProtoTextField(name, .scalar(text, .real(Double(Float(text) ?? 0))))
  }

  /// Changes a rule that is there to these values; what says them already stays as it is written.
  func set(in draft: inout RecipeDraft, _ block: RecipeBlock, _ rule: Recipe.Rule?) throws(DiagnosticError) {
    let present = ActivationValues(rule?.activation ?? SettingGroup())
    for field in RecipeBlock.activationFields where present.values[field] != activation.values[field] {
      try draft.set(RecipePath(field, in: block), activation.value(field))
    }
    guard let weights else { return }
    let old = rule?.weights ?? SettingGroup()
    for (field, value) in weightValues {
      let given =
        field == .channelWise ? old[field]?.value ?? .flag(weights.defaultChannelWise) : old.value(field)
      let isSame = given?.float != nil ? given?.float == value.float : given == value
      if !isSame { try draft.set(RecipePath(field, in: block), value) }
    }
  }
}
