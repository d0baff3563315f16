import Quantization

/// The working config as a document with undo and redo.
package struct EditedConfig: UndoableDocument {
  package var config: QuantConfig

  package init(_ config: QuantConfig) { self.config = config }

  /// What differs between two configs, both sides of it.
  package struct Change: Sendable {
    fileprivate var globals: (old: SettingGroup, new: SettingGroup)
    fileprivate var bnUpdate: (old: SettingGroup?, new: SettingGroup?)
    fileprivate var layers: [String: (old: LayerConfig?, new: LayerConfig?)]
  }

  package static func change(from old: EditedConfig, to new: EditedConfig) -> Change {
    let (a, b) = (old.config, new.config)
    var layers: [String: (old: LayerConfig?, new: LayerConfig?)] = [:]
    for name in Set(a.layers.keys).union(b.layers.keys) where a.layers[name] != b.layers[name] {
      layers[name] = (a.layers[name], b.layers[name])
    }
    return Change(globals: (a.globals, b.globals), bnUpdate: (a.bnUpdate, b.bnUpdate), layers: layers)
  }

  package mutating func apply(_ change: Change) {
    config.globals = change.globals.new
    config.bnUpdate = change.bnUpdate.new
    for (name, entry) in change.layers { config.layers[name] = entry.new }
  }

  package mutating func revert(_ change: Change) {
    config.globals = change.globals.old
    config.bnUpdate = change.bnUpdate.old
    for (name, entry) in change.layers { config.layers[name] = entry.old }
  }
}
