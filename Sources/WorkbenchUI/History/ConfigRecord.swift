import Quantization

/// A configuration as text that loses nothing: values as typed, where they came from; not the places in a file.
struct ConfigRecord: Codable, Equatable, Sendable {
  var globals: GroupRecord
  var bnUpdate: GroupRecord?
  var layers: [String: LayerRecord]

  init(_ config: QuantConfig) {
    globals = GroupRecord(config.globals)
    bnUpdate = config.bnUpdate.map(GroupRecord.init)
    layers = config.layers.mapValues(LayerRecord.init)
  }

  /// `nil` when a parameter is none that there is.
  var config: QuantConfig? {
    guard let globals = globals.group else { return nil }
    var config = QuantConfig()
    config.globals = globals
    if let bnUpdate {
      guard let group = bnUpdate.group else { return nil }
      config.bnUpdate = group
    }
    for (name, record) in layers {
      guard let layer = record.layer else { return nil }
      config.layers[name] = layer
    }
    return config
  }
}

struct LayerRecord: Codable, Equatable, Sendable {
  var own: GroupRecord
  var activations: [GroupRecord]
  var isList: Bool
  var weights: GroupRecord?

  init(_ layer: LayerConfig) {
    own = GroupRecord(layer.own)
    activations = layer.activations.map(GroupRecord.init)
    isList = layer.activationsAreList
    weights = layer.weights.map(GroupRecord.init)
  }

  var layer: LayerConfig? {
    let groups = activations.compactMap(\.group)
    guard let own = own.group, groups.count == activations.count else { return nil }
    var layer = LayerConfig()
    layer.own = own
    layer.activations = groups
    layer.activationsAreList = isList
    if let weights {
      guard let group = weights.group else { return nil }
      layer.weights = group
    }
    return layer
  }
}

/// Parameters by their names.
struct GroupRecord: Codable, Equatable, Sendable {
  private var settings: [String: SettingRecord]

  init(_ group: SettingGroup) {
    settings = [:]
    for field in group.fields { settings[field.rawValue] = group[field].map(SettingRecord.init) }
  }

  init(from decoder: any Decoder) throws { settings = try [String: SettingRecord](from: decoder) }
  func encode(to encoder: any Encoder) throws { try settings.encode(to: encoder) }

  var group: SettingGroup? {
    var group = SettingGroup()
    for (name, record) in settings {
      guard let field = ConfigField(rawValue: name), let setting = record.setting else { return nil }
      group[field] = setting
    }
    return group
  }
}

/// A value under the name of its kind, and where it came from.
struct SettingRecord: Codable, Equatable, Sendable {
  var flag: Bool?
  var number: String?
  var string: String?
  var range: [String]?
  var names: [String]?
  var from: String

  init(_ setting: Setting) {
    from = setting.provenance.rawValue
    switch setting.value {
    case .flag(let value): flag = value
    case .number(let text): number = text
    case .string(let text): string = text
    case .range(let start, let end): range = [start, end]
    case .names(let list): names = list
    }
  }

  var setting: Setting? {
    guard let provenance = Provenance(rawValue: from) else { return nil }
    if let flag { return Setting(.flag(flag), provenance) }
    if let number { return Setting(.number(number), provenance) }
    if let string { return Setting(.string(string), provenance) }
    if let range, range.count == 2 { return Setting(.range(range[0], range[1]), provenance) }
    return names.map { Setting(.names($0), provenance) }
  }
}
