import Quantization

/// The working config as a document with undo and redo.
package struct EditedConfig: UndoableDocument {
  package var config: QuantConfig

  package init(_ config: QuantConfig) { self.config = config }

  /// What differs between two configs, both sides of it.
  package struct Change: Sendable {
    var globals: (old: SettingGroup, new: SettingGroup)?
    var bnUpdate: (old: SettingGroup?, new: SettingGroup?)?
    /// `nil` on a side without an entry.
    var layers: [String: (old: LayerConfig?, new: LayerConfig?)] = [:]
  }

  package static func change(from old: EditedConfig, to new: EditedConfig) -> Change {
    let (a, b) = (old.config, new.config)
    var change = Change()
    if a.globals != b.globals { change.globals = (a.globals, b.globals) }
    if a.bnUpdate != b.bnUpdate { change.bnUpdate = (a.bnUpdate, b.bnUpdate) }
    for name in Set(a.layers.keys).union(b.layers.keys) where a.layers[name] != b.layers[name] {
      change.layers[name] = (a.layers[name], b.layers[name])
    }
    return change
  }

  package mutating func apply(_ change: Change) {
    if let globals = change.globals { config.globals = globals.new }
    if let bnUpdate = change.bnUpdate { config.bnUpdate = bnUpdate.new }
    for (name, entry) in change.layers { config.layers[name] = entry.new }
  }

  package mutating func revert(_ change: Change) {
    if let globals = change.globals { config.globals = globals.old }
    if let bnUpdate = change.bnUpdate { config.bnUpdate = bnUpdate.old }
    for (name, entry) in change.layers { config.layers[name] = entry.old }
  }
}
