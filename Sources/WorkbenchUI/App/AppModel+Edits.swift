import Diagnostics
import QuantEngine
import Quantization

/// Changes of the working config: each intent of the person is one step of undo.
extension AppModel {
  /// Makes an edit, says what it was, or says why it is refused.
  mutating func edit(
    _ label: String, at time: Duration, _ body: (inout QuantConfig) throws -> Void
  ) {
    do {
      let seconds = epoch + Double(time.components.seconds)
      if try workspace?.edit(label, at: seconds, body) == true { say(.info, "\(label) (u undoes)", at: time) }
    } catch {
      say(.error, Self.reason(error), at: time)
    }
    refreshLists()
  }

  static func reason(_ error: any Error) -> String {
    guard let error = error as? any DiagnosticConvertible, let first = error.diagnostics.first else {
      return "\(error)"
    }
    return ([first.text] + first.help).joined(separator: "; ")
  }

  mutating func toggle(at time: Duration) {
    guard let row = selectedRow, let workspace else { return }
    let isOn = workspace.config.isEnabled(row.name)
    edit("\(row.name): \(isOn ? "quantised -> float" : "float -> quantised")", at: time) {
      try $0.set(ConfigPath(.quantEnable, layer: row.name), text: isOn ? "false" : "true", graph: workspace.graph)
    }
  }

  mutating func cycleBits(at time: Duration) {
    guard let row = selectedRow, let workspace else { return }
    let path = ConfigPath(.activationBits, layer: row.name)
    let now = workspace.config.value(path, workspace.graph)?.int ?? 8
    let next = now < 12 ? 12 : now < 16 ? 16 : 8
    let isOff = workspace.config.isEnabled(row.name) ? "" : ", still float: x quantises it"
    edit("\(row.name): num_bits \(now) -> \(next)\(isOff)", at: time) {
      try $0.set(path, text: "\(next)", graph: workspace.graph)
    }
  }

  /// The default of the selected field, or of all fields of the layer.
  mutating func reset(at time: Duration) {
    guard let workspace else { return }
    if focus == .detail, screen == .layers, let field = selectedField {
      edit("\(field.path.shortName): back to \(field.defaultText)", at: time) {
        try $0.reset(field.path, graph: workspace.graph)
      }
      return
    }
    guard let row = selectedRow else { return }
    let fields = workspace.fields(of: cursor)
    edit("\(row.name): all back to default", at: time) { config in
      // The algorithm first: bits and the fields of the other algorithm follow it.
      if fields.contains(where: { $0.path.field == .weightAlgorithm }) {
        try config.reset(ConfigPath(.weightAlgorithm, layer: row.name), graph: workspace.graph)
      }
      for field in fields where !field.path.field.isNonUniformOnly {
        try config.reset(field.path, graph: workspace.graph)
      }
    }
  }

  mutating func undo(at time: Duration) {
    if let label = workspace?.undo() { say(.info, "undone: \(label)", at: time) }
    refreshLists()
  }

  mutating func redo(at time: Duration) {
    if let label = workspace?.redo() { say(.info, "done again: \(label)", at: time) }
    refreshLists()
  }

  mutating func save(at time: Duration) -> [Request<AppEffect>] {
    guard let workspace else { return [] }
    return [.effect(.save(workspace.config))]
  }

  // MARK: Fields

  /// The field under the cursor of the detail pane, while that has the focus.
  var selectedField: EditableField? {
    guard screen == .layers, focus == .detail, let workspace else { return nil }
    let form = DetailForm(self, workspace)
    guard form.lines.indices.contains(detail.selection), case .field(let index) = form.lines[detail.selection] else {
      return nil
    }
    return form.fields[index]
  }

  mutating func fitDetail() {
    guard let workspace else { return }
    let form = DetailForm(self, workspace)
    detail.fit(count: form.lines.count, height: form.height(in: layout.detail ?? layout.list))
    if focus == .detail, form.lines.indices.contains(detail.selection), !form.lines[detail.selection].isSelectable {
      moveField(.by(1))
    }
  }

  /// Moves to a line that can be selected, in the direction of the move.
  mutating func moveField(_ move: ListState.Move) {
    guard let workspace else { return }
    let lines = DetailForm(self, workspace).lines
    let before = detail
    detail.move(move)
    let isUp = detail.selection < before.selection || move == .last
    while !(lines.indices.contains(detail.selection) && lines[detail.selection].isSelectable) {
      let old = detail.selection
      detail.move(.by(isUp ? -1 : 1))
      guard detail.selection != old else {
        // No such line this way: show the beginning, and stay.
        let top = detail
        detail = before
        if isUp { detail.wheel(by: -top.count) }
        if lines.indices.contains(before.selection), !lines[before.selection].isSelectable { return }
        detail.move(.to(before.selection))
        return
      }
    }
  }

  mutating func editField(at time: Duration) {
    guard let field = selectedField, let workspace else { return }
    guard field.isEditable else {
      say(.warning, "\(field.path.field.key) has no effect now and cannot be changed", at: time)
      return
    }
    if field.kind == .flag, field.path.field != .withOffset { return flipField(at: time) }
    editor = FieldEditor(text: field.text, rule: Self.rule(field, workspace))
  }

  /// Accepts what the config accepts.
  static func rule(_ field: EditableField, _ workspace: Workspace) -> FieldRule {
    let (config, graph) = (workspace.config, workspace.graph)
    return FieldRule(
      range: field.range,
      problem: { text, _ in
        var copy = config
        do {
          try copy.set(field.path, text: text, graph: graph)
          return nil
        } catch { return (error as? any DiagnosticConvertible)?.diagnostics.first?.text ?? "\(error)" }
      }, step: { text, direction in step(field, text, direction) })
  }

  /// The next value up or down.
  static func step(_ field: EditableField, _ text: String, _ direction: Int) -> String? {
    func cycle(_ words: [String]) -> String? {
      guard let now = words.firstIndex(of: text) else { return words.first }
      return words[(now + direction + words.count) % words.count]
    }
    if field.path.field == .withOffset { return cycle([inheritWord, "true", "false"]) }
    switch field.kind {
    case .flag: return cycle(["false", "true"])
    case .choice(let words): return cycle(words)
    case .integer: return Int(text).map { "\($0.addingReportingOverflow(direction).partialValue)" }
    case .real, .range, .string, .names: return nil
    }
  }

  mutating func setField(to text: String, at time: Duration) {
    guard let field = selectedField, let workspace else { return }
    edit("\(field.path.shortName): \(field.text) -> \(text)", at: time) {
      try $0.set(field.path, text: text, graph: workspace.graph)
    }
  }

  mutating func flipField(at time: Duration) {
    guard let field = selectedField, field.isEditable, let next = Self.step(field, field.text, 1),
      field.kind != .integer
    else { return }
    setField(to: next, at: time)
  }

  mutating func stepField(_ direction: Int, at time: Duration) {
    guard let field = selectedField, field.isEditable else { return }
    guard let next = Self.step(field, field.text, direction) else {
      say(.info, "Enter edits this field; it has no steps", at: time)
      return
    }
    setField(to: next, at: time)
  }

  mutating func pressInEditor(_ key: Key, at time: Duration) -> [Request<AppEffect>] {
    guard let outcome = editor?.handle(key) else { return [] }
    switch outcome {
    case .editing, .ignored: break
    case .cancelled: editor = nil
    case .accepted(let text):
      editor = nil
      setField(to: text, at: time)
    }
    return []
  }
}

extension ConfigPath {
  /// `conv1 num_bits`, `conv1 weight num_bits`, `add[1] num_bits`, `batch_num`: for messages.
  fileprivate var shortName: String {
    let owner = layer.map { $0 + (input.map { "[\($0)]" } ?? "") + " " } ?? ""
    return owner + (field == .weightBits ? "weight " : "") + field.key
  }
}
