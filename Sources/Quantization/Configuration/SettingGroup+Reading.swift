import Diagnostics

extension SettingGroup {
  /// Reads the members of one JSON object and checks each alone and all together.
  /// - Parameters:
  ///   - group: which parameters may stand there.
  ///   - layer: the layer that the object belongs to, for messages.
  static func read(
    _ members: [LocatedJSON.Member], _ group: ConfigField.Group, layer: String?, _ log: inout DiagnosticLog
  ) -> SettingGroup {
    var result = SettingGroup()
    let owner = layer.map { "layer '\($0)'" } ?? group.rawValue
    let place = (group == .layer ? "" : " in \(group.rawValue)") + (layer.map { " in layer \($0)" } ?? "")
    for member in members {
      guard let field = group.field(member.key) else {
        log.add(
          .error(
            "Unknown parameter \(member.key)\(place)", at: member.keyLocation,
            help: NearestName.help(member.key, among: group.fields.map(\.key))))
        continue
      }
      var found = DiagnosticLog()
      let setting = Setting.read(member.value, as: field, &found)
      for var diagnostic in found.diagnostics {
        if layer != nil || group == .bnUpdate { diagnostic.notes.insert(.init("in \(owner)"), at: 0) }
        log.add(diagnostic)
      }
      result[field] = setting
    }
    let isWhole = members.allSatisfy { group.field($0.key).map { result[$0] != nil } ?? true }
    if isWhole { result.checkTogether(owner: owner, &log) }
    if group == .weights, !result.isNonUniform {
      for field in result.fields where field.isNonUniformOnly {
        log.add(
          .error(
            "Unknown parameter \(field.key)\(place)", at: result[field]?.location,
            notes: [.init("\(field.key) belongs to wts_algo \(ConfigField.nonUniformAlgorithm)")]))
      }
    }
    return result
  }
}

extension Setting {
  /// Reads one value and checks it; `nil` after an error.
  static func read(_ json: LocatedJSON, as field: ConfigField, _ log: inout DiagnosticLog) -> Setting? {
    var items: [SourceLocation] = []
    let value: ConfigValue
    switch (field.kind, json.value) {
    case (.flag, .bool(let flag)): value = .flag(flag)
    case (.integer, .number(let text)) where JSONNumber.isInteger(text): value = .number(text)
    case (.real, .number(let text)): value = .number(text)
    case (.string, .string(let text)), (.choice, .string(let text)): value = .string(text)
    case (.range, .array(let elements)):
      let texts = elements.compactMap { if case .number(let text) = $0.value { text } else { nil } }
      guard elements.count == 2, texts.count == 2 else {
        log.add(.error("The search_range must have two floating-point number", at: json.location))
        return nil
      }
      value = .range(texts[0], texts[1])
    case (.names, .array(let elements)):
      var names: [String] = []
      for element in elements {
        guard case .string(let name) = element.value else {
          log.add(mismatch(of: "\(field.key)[\(names.count)]", .string, element))
          return nil
        }
        names.append(name)
        if let place = element.location { items.append(place) }
      }
      value = .names(names)
    default:
      log.add(mismatch(of: field.key, field.kind, json))
      return nil
    }
    if let problem = field.problem(value) {
      log.add(.error(problem, at: json.location))
      return nil
    }
    return Setting(value, .file, at: json.location, itemLocations: items)
  }

  private static func mismatch(of key: String, _ kind: ConfigField.Kind, _ json: LocatedJSON) -> Diagnostic {
    let wanted =
      switch kind {
      case .flag: "bool"
      case .integer: "int"
      case .real: "float"
      case .range, .names: "list"
      case .string, .choice: "str"
      }
    return .error("Type of \(key) should be <class '\(wanted)'>, but is \(json.pythonType)", at: json.location)
  }
}
