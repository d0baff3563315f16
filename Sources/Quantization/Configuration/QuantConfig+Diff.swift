import Diagnostics
import LayerGraph

/// One parameter in which two configurations differ.
package struct ConfigChange: Sendable, Hashable {
  package let path: ConfigPath
  /// `nil`: absent, without a default that is known.
  package let old: ConfigValue?
  package let new: ConfigValue?

  package init(path: ConfigPath, old: ConfigValue?, new: ConfigValue?) {
    self.path = path
    self.old = old
    self.new = new
  }
}

extension QuantConfig {
  /// Every parameter whose value differs, in the order of the file. Numbers compare as numbers; a parameter absent on
  /// one side counts as its default there, a layer without an entry as switched off.
  /// - Parameter graph: the net, where it is at hand: it knows what an absent `channel_wise` means.
  package static func diff(_ a: QuantConfig, _ b: QuantConfig, graph: Graph? = nil) -> [ConfigChange] {
    let nodes = graph?.nodesByName ?? [:]
    var changes: [ConfigChange] = []
    for path in a.paths(with: b) {
      var (old, new) = (a.comparable(path), b.comparable(path))
      if path.field == .channelWise, let layer = path.layer {
        let standard = nodes[layer].map { ConfigValue.flag($0.role.channelWise) }
        (old, new) = (old ?? standard, new ?? standard)
        // Without the net, an entry that is gone says nothing about it.
        if standard == nil, a.layers[layer] == nil || b.layers[layer] == nil { continue }
      }
      if old?.isSame(as: new) ?? (new == nil) { continue }
      changes.append(ConfigChange(path: path, old: old, new: new))
    }
    return changes
  }

  private func comparable(_ path: ConfigPath) -> ConfigValue? {
    if let setting = setting(path) { return setting.value }
    switch path.field {
    case .quantEnable: return path.layer.map { .flag(layers[$0] != nil) }
    case .withOffset: return .string(inheritWord)
    case .weightBits: return path.layer.map { .number(layers[$0]?.weights?.isNonUniform == true ? "4" : "8") }
    default: return path.field.defaultValue
    }
  }

  /// Every parameter that stands in one of the two.
  private func paths(with other: QuantConfig) -> [ConfigPath] {
    var paths = (ConfigField.Group.global.fields + ConfigField.Group.bnUpdate.fields).map { ConfigPath($0) }
    let names = Set(layers.keys).union(other.layers.keys)
    // Most layers of two configurations are alike; then nothing in them differs.
    let different = names.filter { layers[$0] != other.layers[$0] }
    for name in different.sorted(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) }) {
      let entries = [layers[name], other.layers[name]].compactMap(\.self)
      paths.append(ConfigPath(.quantEnable, layer: name))
      let inputs = entries.map(\.activations.count).max() ?? 0
      for i in 0..<inputs {
        for field in ConfigField.Group.activation.fields {
          paths.append(ConfigPath(field, layer: name, input: inputs > 1 ? i : nil))
        }
      }
      let present = Set(entries.flatMap { $0.weights?.fields ?? [] })
      for field in ConfigField.Group.weights.fields where present.contains(field) {
        paths.append(ConfigPath(field, layer: name))
      }
    }
    return paths
  }
}

extension ConfigValue {
  /// Equal, numbers by value: 0.70 is 0.7.
  func isSame(as other: ConfigValue?) -> Bool {
    if let a = double, let b = other?.double { return a == b }
    if let a = range, let b = other?.range { return a == b }
    return self == other
  }
}
