import Diagnostics

/// The parameters that stand in one JSON object of a configuration; an absent one takes its default.
package struct SettingGroup: Sendable, Equatable {
  private var settings: [ConfigField: Setting] = [:]

  package init() {}

  package subscript(field: ConfigField) -> Setting? {
    get { settings[field] }
    set { settings[field] = newValue }
  }

  package var isEmpty: Bool { settings.isEmpty }
  /// The parameters present, in the order in which they are written.
  package var fields: [ConfigField] { ConfigField.allCases.filter { settings[$0] != nil } }

  /// The value in force where no layer or other parameter has a say.
  package func value(_ field: ConfigField) -> ConfigValue? { settings[field]?.value ?? field.defaultValue }

  /// The defaults of activation parameters, as `config init` writes them.
  static var activationDefaults: SettingGroup {
    var group = SettingGroup()
    for field in ConfigField.Group.activation.fields where field.defaultValue != nil { group.fillIn(field) }
    return group
  }

  /// The defaults of uniform weights.
  static func weightDefaults(channelWise: Bool) -> SettingGroup {
    var group = SettingGroup()
    group.fillIn(.weightAlgorithm)
    group.settings[.channelWise] = Setting(.flag(channelWise), .defaultValue)
    group.fillIn(.weightBits)
    return group
  }

  /// Puts a parameter's default in when it is absent.
  mutating func fillIn(_ field: ConfigField) {
    guard settings[field] == nil, let value = field.defaultValue else { return }
    settings[field] = Setting(value, .defaultValue)
  }

  /// Makes a weight group whole for its `wts_algo`: bits follow it, and the non-uniform parameters come or go.
  mutating func followWeightAlgorithm() {
    let provenance = settings[.weightAlgorithm]?.provenance ?? .defaultValue
    if settings[.weightBits]?.value.int != (isNonUniform ? 4 : 8) {
      settings[.weightBits] = Setting(.number(isNonUniform ? "4" : "8"), provenance)
    }
    for field in ConfigField.allCases where field.isNonUniformOnly {
      if isNonUniform { fillIn(field) } else { settings[field] = nil }
    }
  }

  var isNonUniform: Bool { value(.weightAlgorithm)?.string == ConfigField.nonUniformAlgorithm }

  var members: [(key: String, value: PythonJSON)] {
    fields.compactMap { field in settings[field].map { (field.key, $0.value.json) } }
  }
}

// MARK: checks between parameters

extension SettingGroup {
  /// What contradicts between parameters that are each in range.
  /// - Parameter owner: where the group stands, for a note: `layer 'conv1'`.
  func checkTogether(owner: String, fallback: SourceLocation? = nil, _ log: inout DiagnosticLog) {
    func refuse(_ text: String, _ field: ConfigField) {
      log.add(.error(text, at: self[field]?.location ?? fallback, notes: [.init("in \(owner)")]))
    }
    if let (start, end) = value(.searchRange)?.range, let step = value(.searchStep)?.double,
      self[.searchRange] != nil || self[.searchStep] != nil
    {
      let field: ConfigField = self[.searchStep] == nil ? .searchRange : .searchStep
      // A step of the whole range is legal; decimal fractions like 1.2 - 0.8 come out a little below 0.4.
      if step > (end - start) * (1 + 1e-6) {
        refuse("The search_step must be less than or equal to (search_range[1] - search_range[0])", field)
      } else if (end - start) / step > Double(IFMR.Parameters.candidateLimit) {
        refuse("The search_step makes more than \(IFMR.Parameters.candidateLimit) tries", field)
      }
    }
    guard self[.weightAlgorithm] != nil || self[.weightBits] != nil else { return }
    let (algorithm, bits) =
      isNonUniform ? (ConfigField.nonUniformAlgorithm, 4) : (ConfigField.uniformAlgorithm, 8)
    if let written = self[.weightBits]?.value.int, written != bits {
      refuse("The num_bits must be \(bits) for \(algorithm)", .weightBits)
    }
  }
}
