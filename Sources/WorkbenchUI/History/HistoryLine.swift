import QuantEngine
import Quantization

/// A line of `history.jsonl`.
///
/// The first holds `format` and `base`, the config before the first edit, with the project's `recipe` and the `applied`
/// one, if any; an edit holds `id`, `parent`, `label`, `time`
/// and `change`; `at` says where undo, redo or a jump led; `saved` which state config.json is.
struct HistoryLine: Codable, Sendable {
  static let format = 1

  var format: Int?
  var base: ConfigRecord?
  var recipe: TextRecord?
  var applied: TextRecord?
  var id: Int?
  var parent: Int?
  var label: String?
  /// Seconds since 1970.
  var time: Double?
  var change: ChangeRecord?
  var at: Int?
  var saved: Int?

  static func begin(_ base: EditedConfig) -> HistoryLine {
    var line = HistoryLine(format: format, base: ConfigRecord(base.config))
    line.recipe = base.recipe.text.map(TextRecord.init)
    line.applied = base.recipe.applied.map(TextRecord.init)
    return line
  }

  /// The document before the first edit.
  var begun: EditedConfig? {
    base?.config.map { EditedConfig($0, recipe: ProjectRecipe(text: recipe?.bytes, applied: applied?.bytes)) }
  }

  init(format: Int? = nil, base: ConfigRecord? = nil, at: Int? = nil, saved: Int? = nil) {
    self.format = format
    self.base = base
    self.at = at
    self.saved = saved
  }

  init(_ entry: UndoHistory<EditedConfig>.Entry) {
    id = entry.id
    parent = entry.parent
    label = entry.label
    time = entry.time
    change = ChangeRecord(entry.change)
  }

  var entry: UndoHistory<EditedConfig>.Entry? {
    guard let id, let parent, let label, let time, let change = change?.change else { return nil }
    return .init(id: id, parent: parent, label: label, time: time, change: change)
  }

  var text: String { JSONText.encode(self) }
}

/// The two sides of an edit.
struct ChangeRecord: Codable, Equatable, Sendable {
  struct Sides<Value: Codable & Equatable & Sendable>: Codable, Equatable, Sendable {
    var old: Value?
    var new: Value?
  }

  var globals: Sides<GroupRecord>?
  var bnUpdate: Sides<GroupRecord>?
  var layers: [String: Sides<LayerRecord>]?
  var recipe: TextChangeRecord?
  var applied: TextChangeRecord?

  init(_ change: EditedConfig.Change) {
    globals = change.globals.map { Sides(old: GroupRecord($0.old), new: GroupRecord($0.new)) }
    bnUpdate = change.bnUpdate.map { Sides(old: $0.old.map(GroupRecord.init), new: $0.new.map(GroupRecord.init)) }
    let layers = change.layers.mapValues { Sides(old: $0.old.map(LayerRecord.init), new: $0.new.map(LayerRecord.init)) }
    self.layers = layers.isEmpty ? nil : layers
    recipe = change.recipe.map(TextChangeRecord.init)
    applied = change.applied.map(TextChangeRecord.init)
  }

  /// `nil` when it is no change of a config.
  var change: EditedConfig.Change? {
    var change = EditedConfig.Change()
    (change.recipe, change.applied) = (recipe?.change, applied?.change)
    if let globals {
      guard let old = globals.old?.group, let new = globals.new?.group else { return nil }
      change.globals = (old, new)
    }
    if let bnUpdate {
      let (old, new) = (bnUpdate.old.map(\.group), bnUpdate.new.map(\.group))
      if case .some(.none) = old { return nil }
      if case .some(.none) = new { return nil }
      change.bnUpdate = (old ?? nil, new ?? nil)
    }
    for (name, sides) in layers ?? [:] {
      let (old, new) = (sides.old.map(\.layer), sides.new.map(\.layer))
      if case .some(.none) = old { return nil }
      if case .some(.none) = new { return nil }
      change.layers[name] = (old ?? nil, new ?? nil)
    }
    return change
  }
}
