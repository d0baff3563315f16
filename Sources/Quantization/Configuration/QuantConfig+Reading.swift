import Diagnostics
import LayerGraph

extension QuantConfig {
  /// Reads config.json and checks all that needs no graph: JSON, keys, types, ranges.
  /// - Throws: up to 20 errors, each with its place.
  package static func read(_ bytes: [UInt8], file: String) throws(DiagnosticError) -> QuantConfig {
    var log = DiagnosticLog()
    let config = try parse(bytes, file: file, &log)
    try log.throwErrorsInFileOrder()
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
    try found.throwErrorsInFileOrder()
    log.add(contentsOf: found.inFileOrder)
    return config
  }

  private static func parse(
    _ bytes: [UInt8], file: String, _ log: inout DiagnosticLog
  ) throws(DiagnosticError) -> QuantConfig {
    let root = try LocatedJSON(parsing: bytes, file: file)
    guard case .object(let members) = root.value else {
      throw DiagnosticError("a configuration is a JSON object { }, this is \(root.pythonType)", at: root.location)
    }
    var config = QuantConfig()
    config.file = file
    var globals: [LocatedJSON.Member] = []
    for member in members {
      if ConfigField.Group.global.field(member.name) != nil {
        globals.append(member)
      } else if member.name == ConfigField.Group.bnUpdate.rawValue {
        config.bnUpdate = object(member.value, named: member.name, &log).map {
          SettingGroup.read($0, .bnUpdate, layer: nil, &log)
        }
      } else if case .object(let entries) = member.value.value {
        config.layers[member.name] = LayerConfig.read(entries, member, &log)
      } else {
        log.add(
          .error(
            "\(member.name) is an invalid layer name or parameter.", at: member.location,
            help: NearestName.help(member.name, among: globalKeys)))
      }
    }
    config.globals = SettingGroup.read(globals, .global, layer: nil, &log)
    return config
  }

  /// Every key of the top level that can't name a layer.
  package static var globalKeys: [String] {
    ConfigField.Group.global.fields.map(\.key) + [ConfigField.Group.bnUpdate.rawValue]
  }

  fileprivate static func object(
    _ json: LocatedJSON, named name: String, _ log: inout DiagnosticLog
  ) -> [LocatedJSON.Member]? {
    if case .object(let members) = json.value { return members }
    log.add(.error("Type of \(name) should be <class 'dict'>, but is \(json.pythonType)", at: json.location))
    return nil
  }
}

extension LayerConfig {
  fileprivate static func read(
    _ entries: [LocatedJSON.Member], _ layer: LocatedJSON.Member, _ log: inout DiagnosticLog
  ) -> LayerConfig {
    var config = LayerConfig()
    config.location = layer.location
    var own: [LocatedJSON.Member] = []
    for member in entries {
      switch ConfigField.Group(rawValue: member.name) {
      case .activation: config.readActivations(member, layer: layer.name, &log)
      case .weights:
        config.weights = QuantConfig.object(member.value, named: member.name, &log).map {
          SettingGroup.read($0, .weights, layer: layer.name, &log)
        }
      default:
        let keys = [
          ConfigField.quantEnable.key, ConfigField.Group.activation.rawValue, ConfigField.Group.weights.rawValue,
        ]
        if member.name == ConfigField.quantEnable.key {
          own.append(member)
        } else {
          log.add(
            .error(
              "Unknown parameter \(member.name) in layer \(layer.name)", at: member.location,
              help: NearestName.help(member.name, among: keys)))
        }
      }
    }
    config.own = SettingGroup.read(own, .layer, layer: layer.name, &log)
    return config
  }

  private mutating func readActivations(_ member: LocatedJSON.Member, layer: String, _ log: inout DiagnosticLog) {
    guard case .array(let elements) = member.value.value else {
      if let members = QuantConfig.object(member.value, named: member.name, &log) {
        activations = [SettingGroup.read(members, .activation, layer: layer, &log)]
      }
      return
    }
    activationsAreList = true
    if elements.isEmpty {
      log.add(.error("\(member.name) of layer \(layer) is an empty list", at: member.value.location))
    }
    for (i, element) in elements.enumerated() {
      let members = QuantConfig.object(element, named: "\(member.name)[\(i)]", &log) ?? []
      activations.append(SettingGroup.read(members, .activation, layer: layer, &log))
    }
  }
}
