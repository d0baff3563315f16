import Diagnostics

/// What config.json says about one layer.
package struct LayerConfig: Sendable, Equatable {
  /// Holds `quantEnable` alone.
  package var own = SettingGroup()
  /// One group for all inputs, or one for each.
  package var activations: [SettingGroup] = []
  /// True when `activation_quant_params` is written as a list.
  package var activationsAreList = false
  package var weights: SettingGroup?
  /// Where the layer's key stands in the file.
  package var location: SourceLocation?

  package init() {}

  /// Present means on, unless `quant_enable` says otherwise.
  package var isEnabled: Bool { own[.quantEnable]?.value.flag ?? true }

  /// The activation parameters of an input; one group serves every input.
  package func activation(_ input: Int) -> SettingGroup {
    if activations.indices.contains(input) { return activations[input] }
    return activations.count == 1 ? activations[0] : SettingGroup()
  }

  /// Equality ignores places.
  package static func == (a: LayerConfig, b: LayerConfig) -> Bool {
    a.own == b.own && a.activations == b.activations && a.activationsAreList == b.activationsAreList
      && a.weights == b.weights
  }
}

/// config.json of post-training quantization as a value: what to quantize, and how.
///
/// Parameters absent from the file stay absent and mean their default; a layer without an entry stays float.
package struct QuantConfig: Sendable, Equatable {
  package var globals = SettingGroup()
  package var bnUpdate: SettingGroup?
  package var layers: [String: LayerConfig] = [:]
  /// The file it was read from.
  package var file: String?

  package init() {}

  package var version: Int { globals.value(.version)?.int ?? 1 }
  /// Batches that calibration uses, > 0.
  package var batchNum: Int { globals.value(.batchNum)?.int ?? 1 }
  /// True: asymmetric data unless a layer's with_offset says otherwise.
  package var activationOffset: Bool { globals.value(.activationOffset)?.flag ?? true }
  package var jointQuant: Bool { globals.value(.jointQuant)?.flag ?? false }
  package var doFusion: Bool { globals.value(.doFusion)?.flag ?? true }
  package var skipFusionLayers: [String] { globals.value(.skipFusionLayers)?.names ?? [] }
  package var updateBN: Bool { globals.value(.updateBN)?.flag ?? false }

  /// Names of the layers with an entry, in the order of their bytes: as they are written.
  package var layerNames: [String] { layers.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) } }

  /// The file's text, as Python's json module writes it; no newline at the end.
  ///
  /// Global parameters come first, then the layers by name; keys in the order of `ConfigField`.
  package var text: String { json.pythonText }

  package static func == (a: QuantConfig, b: QuantConfig) -> Bool {
    a.globals == b.globals && a.bnUpdate == b.bnUpdate && a.layers == b.layers
  }

  private var json: LocatedJSON {
    var members = globals.members
    if let bnUpdate { members.append(.init(ConfigField.Group.bnUpdate.rawValue, LocatedJSON(.object(bnUpdate.members)))) }
    for name in layerNames {
      if let layer = layers[name] { members.append(.init(name, layer.json)) }
    }
    return LocatedJSON(.object(members))
  }
}

extension LayerConfig {
  fileprivate var json: LocatedJSON {
    var members = own.members
    let groups = activations.map { LocatedJSON(.object($0.members)) }
    if activationsAreList {
      members.append(.init(ConfigField.Group.activation.rawValue, LocatedJSON(.array(groups))))
    } else if let group = groups.first {
      members.append(.init(ConfigField.Group.activation.rawValue, group))
    }
    if let weights {
      members.append(.init(ConfigField.Group.weights.rawValue, LocatedJSON(.object(weights.members))))
    }
    return LocatedJSON(.object(members))
  }
}
