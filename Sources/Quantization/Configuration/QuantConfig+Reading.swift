import Diagnostics
import LayerGraph

extension QuantConfig {
  /// Reads config.json and checks all that needs no graph: JSON, keys, types, ranges.
  /// - Throws: up to 20 errors, each with its place.
  package static func read(_ bytes: [UInt8], file: String) throws(DiagnosticError) -> QuantConfig {
    var log = DiagnosticLog()
    let config = try parse(bytes, file: file, &log)
    try log.throwIfErrors()
    return config
  }

  /// Reads config.json and checks it against the net that it is for, so that all errors come at once.
  /// - Parameter log: gets the warnings.
  /// - Throws: up to 20 errors, each with its place.
  package static func read(
    _ bytes: [UInt8], file: String, for graph: Graph, log: inout DiagnosticLog
  ) throws(DiagnosticError) -> QuantConfig {
    var found = DiagnosticLog()
    let config = try parse(bytes, file: file, &found)
    config.check(against: graph, &found)
    try found.throwIfErrors()
    log.add(contentsOf: found.diagnostics)
    return config
  }

  private static func parse(
    _ bytes: [UInt8], file: String, _ log: inout DiagnosticLog
  ) throws(DiagnosticError) -> QuantConfig {
    let root = try LocatedJSON.read(bytes, file: file)
    guard case .object(let members) = root.value else {
      throw DiagnosticError("a configuration is a JSON object { }, this is \(root.pythonType)", at: root.location)
    }
    var config = QuantConfig()
    config.file = file
    var globals: [LocatedJSON.Member] = []
    for member in members {
      if ConfigField.Group.global.field(member.key) != nil {
        globals.append(member)
      } else if member.key == ConfigField.Group.bnUpdate.rawValue {
        config.bnUpdate = object(member, &log).map { SettingGroup.read($0, .bnUpdate, layer: nil, &log) }
      } else if case .object(let entries) = member.value.value {
        config.layers[member.key] = LayerConfig.read(entries, member, &log)
      } else {
        log.add(
          .error(
            "\(member.key) is an invalid layer name or parameter.", at: member.keyLocation,
            help: NearestName.help(member.key, among: globalKeys)))
      }
    }
    config.globals = SettingGroup.read(globals, .global, layer: nil, &log)
    return config
  }

  /// Every key of the top level that can't name a layer.
  static var globalKeys: [String] {
    ConfigField.Group.global.fields.map(\.key) + [ConfigField.Group.bnUpdate.rawValue]
  }

  fileprivate static func object(
    _ member: LocatedJSON.Member, _ log: inout DiagnosticLog
  ) -> [LocatedJSON.Member]? {
    if case .object(let members) = member.value.value { return members }
    log.add(
      .error(
        "Type of \(member.key) should be <class 'dict'>, but is \(member.value.pythonType)", at: member.value.location))
    return nil
  }
}

extension LayerConfig {
  fileprivate static func read(
    _ entries: [LocatedJSON.Member], _ layer: LocatedJSON.Member, _ log: inout DiagnosticLog
  ) -> LayerConfig {
    var config = LayerConfig()
    config.location = layer.keyLocation
    var own: [LocatedJSON.Member] = []
    for member in entries {
      switch ConfigField.Group(rawValue: member.key) {
      case .activation: config.readActivations(member, layer: layer.key, &log)
      case .weights:
        config.weights = QuantConfig.object(member, &log).map {
          SettingGroup.read($0, .weights, layer: layer.key, &log)
        }
      default:
        let keys = [ConfigField.quantEnable.key, ConfigField.Group.activation.rawValue, ConfigField.Group.weights.rawValue]
        if member.key == ConfigField.quantEnable.key {
          own.append(member)
        } else {
          log.add(
            .error(
              "Unknown parameter \(member.key) in layer \(layer.key)", at: member.keyLocation,
              help: NearestName.help(member.key, among: keys)))
        }
      }
    }
    config.own = SettingGroup.read(own, .layer, layer: layer.key, &log)
    return config
  }

  private mutating func readActivations(_ member: LocatedJSON.Member, layer: String, _ log: inout DiagnosticLog) {
    guard case .array(let elements) = member.value.value else {
      if let members = QuantConfig.object(member, &log) {
        activations = [SettingGroup.read(members, .activation, layer: layer, &log)]
      }
      return
    }
    activationsAreList = true
    if elements.isEmpty {
      log.add(.error("\(member.key) of layer \(layer) is an empty list", at: member.value.location))
    }
    for (i, element) in elements.enumerated() {
      let named = LocatedJSON.Member("\(member.key)[\(i)]", at: member.keyLocation, element)
      activations.append(
        SettingGroup.read(QuantConfig.object(named, &log) ?? [], .activation, layer: layer, &log))
    }
  }
}
