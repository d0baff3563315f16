import QuantEngine
import Quantization

/// The working config and the recipe that belongs to it, as one document with undo and redo.
package struct EditedConfig: UndoableDocument {
  package var config: QuantConfig
  package var recipe: ProjectRecipe

  package init(_ config: QuantConfig, recipe: ProjectRecipe = ProjectRecipe()) {
    self.config = config
    self.recipe = recipe
  }

  /// What differs between two documents, both sides of it.
  package struct Change: Sendable {
    var globals: (old: SettingGroup, new: SettingGroup)?
    var bnUpdate: (old: SettingGroup?, new: SettingGroup?)?
    /// `nil` on a side without an entry.
    var layers: [String: (old: LayerConfig?, new: LayerConfig?)] = [:]
    var recipe: TextChange?
    /// Of the recipe that the config was made from.
    var applied: TextChange?
  }

  package static func change(from old: EditedConfig, to new: EditedConfig) -> Change {
    let (a, b) = (old.config, new.config)
    var change = Change()
    if a.globals != b.globals { change.globals = (a.globals, b.globals) }
    if a.bnUpdate != b.bnUpdate { change.bnUpdate = (a.bnUpdate, b.bnUpdate) }
    for name in Set(a.layers.keys).union(b.layers.keys) where a.layers[name] != b.layers[name] {
      change.layers[name] = (a.layers[name], b.layers[name])
    }
    change.recipe = TextChange(from: old.recipe.text, to: new.recipe.text)
    change.applied = TextChange(from: old.recipe.applied, to: new.recipe.applied)
    return change
  }

  package mutating func apply(_ change: Change) {
    if let globals = change.globals { config.globals = globals.new }
    if let bnUpdate = change.bnUpdate { config.bnUpdate = bnUpdate.new }
    for (name, entry) in change.layers { config.layers[name] = entry.new }
    change.recipe?.apply(to: &recipe.text)
    change.applied?.apply(to: &recipe.applied)
  }

  package mutating func revert(_ change: Change) {
    if let globals = change.globals { config.globals = globals.old }
    if let bnUpdate = change.bnUpdate { config.bnUpdate = bnUpdate.old }
    for (name, entry) in change.layers { config.layers[name] = entry.old }
    change.recipe?.revert(&recipe.text)
    change.applied?.revert(&recipe.applied)
  }
}
