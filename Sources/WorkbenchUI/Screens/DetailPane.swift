import Diagnostics
import QuantEngine
import Quantization

/// The settings and results of the layer under the cursor: a list of lines, some of them fields to edit in place.
struct DetailPane: Sendable {
  var list = ListState()
  var hasFocus = false
  /// What the last run found comes before the settings.
  let resultsFirst: Bool
  private(set) var editor: FieldEditor?
  /// Made anew when something that it shows has changed.
  private(set) var form: DetailForm?
  private var key: FormKey?

  /// All that the form depends on.
  private struct FormKey: Equatable {
    let row: Int?
    let group: String?
    let revision: Int
    let threshold: Double
  }

  init(resultsFirst: Bool = false) { self.resultsFirst = resultsFirst }

  /// The field under the pane's cursor, while the pane has the focus.
  func selectedField(_ session: Session) -> EditableField? {
    guard hasFocus, let form, form.lines.indices.contains(list.selection),
      case .field(let index) = form.lines[list.selection]
    else { return nil }
    return form.fields[index]
  }

  /// Follows the cursor of all screens; another layer is shown from its top.
  mutating func refresh(_ session: Session) {
    guard let workspace = session.workspace else { return }
    let now = FormKey(
      row: session.cursor, group: session.group?.prefix, revision: workspace.revision, threshold: session.threshold)
    if key?.row != now.row || key?.group != now.group { list = ListState() }
    if key != now {
      key = now
      form = DetailForm(session, workspace, resultsFirst: resultsFirst)
    }
    guard let form else { return }
    let layout = session.layout
    list.fit(count: form.lines.count, height: form.height(in: layout.detail ?? layout.list))
    if hasFocus, form.lines.indices.contains(list.selection), !form.lines[list.selection].isSelectable {
      move(.by(1), session)
    }
  }

  /// Moves to a line that can be selected, in the direction of the move.
  mutating func move(_ move: ListState.Move, _ session: Session) {
    guard let lines = form?.lines else { return }
    let before = list
    list.move(move)
    let isUp = list.selection < before.selection || move == .last
    while !(lines.indices.contains(list.selection) && lines[list.selection].isSelectable) {
      let old = list.selection
      list.move(.by(isUp ? -1 : 1))
      guard list.selection != old else {
        // No such line this way: show the beginning, and stay.
        let top = list
        list = before
        if isUp { list.wheel(by: -top.count) }
        if lines.indices.contains(before.selection), !lines[before.selection].isSelectable { return }
        list.move(.to(before.selection))
        return
      }
    }
  }

  // MARK: Editing

  mutating func edit(_ session: inout Session, at time: Duration) {
    guard let field = selectedField(session), let workspace = session.workspace else { return }
    guard field.isEditable else {
      session.say(.warning, "\(field.path.field.key) has no effect now and cannot be changed", at: time)
      return
    }
    if field.kind == .flag, field.path.field != .withOffset { return flip(&session, at: time) }
    if field.path.field == .skipFusionLayers { return session.open(FusionSheet(workspace)) }
    editor = FieldEditor(text: field.text, rule: Self.rule(field, workspace))
  }

  /// Takes a key for the field being edited; `nil` when none is.
  mutating func type(_ key: Key, _ session: inout Session, at time: Duration) -> [Request<AppEffect>]? {
    guard let outcome = editor?.handle(key) else { return nil }
    switch outcome {
    case .editing, .ignored: break
    case .cancelled: editor = nil
    case .accepted(let text):
      editor = nil
      set(text, &session, at: time)
    }
    return []
  }

  mutating func paste(_ text: String) { editor?.paste(text) }

  func set(_ text: String, _ session: inout Session, at time: Duration) {
    guard let field = selectedField(session), let workspace = session.workspace else { return }
    if text == inheritWord, field.path.field != .withOffset {
      return session.say(.warning, "only with_offset is inherited; D takes the default", at: time)
    }
    let label = "\(field.path.shortName): \(field.text) -> \(text)"
    if field.path.layer != nil {
      session.change(.set(field.path.field, input: field.path.input, text: text), label: label, at: time)
    } else if let reason = FieldAdvice.refusal(of: text, for: field, workspace) {
      session.say(.error, reason, at: time)
    } else {
      session.edit(label, at: time) { try $0.set(field.path, text: text, graph: workspace.graph) }
    }
  }

  func flip(_ session: inout Session, at time: Duration) {
    guard let field = selectedField(session), field.isEditable, let next = Self.step(field, field.text, 1),
      field.kind != .integer
    else { return }
    set(next, &session, at: time)
  }

  func step(_ direction: Int, _ session: inout Session, at time: Duration) {
    guard let field = selectedField(session), field.isEditable else { return }
    guard let next = Self.step(field, field.text, direction) else {
      session.say(.info, "Enter edits this field; it has no steps", at: time)
      return
    }
    set(next, &session, at: time)
  }

  /// The default of the selected field.
  func reset(_ session: inout Session, at time: Duration) {
    guard let field = selectedField(session), let workspace = session.workspace else { return }
    let label = "\(field.path.shortName): back to \(field.defaultText)"
    if field.path.layer != nil {
      session.change(.reset(field.path.field, input: field.path.input), label: label, at: time)
    } else {
      session.edit(label, at: time) { try $0.reset(field.path, graph: workspace.graph) }
    }
  }

  /// Accepts what the config accepts.
  private static func rule(_ field: EditableField, _ workspace: Workspace) -> FieldRule {
    let (config, graph) = (workspace.config, workspace.graph)
    return FieldRule(
      range: field.range,
      problem: { text, _ in
        var copy = config
        do {
          try copy.set(field.path, text: text, graph: graph)
          return FieldAdvice.refusal(of: text, for: field, workspace)
        } catch { return (error as? any DiagnosticConvertible)?.diagnostics.first?.text ?? "\(error)" }
      }, step: { text, direction in step(field, text, direction) })
  }

  /// The next value up or down.
  private static func step(_ field: EditableField, _ text: String, _ direction: Int) -> String? {
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
}

extension ConfigPath {
  /// `conv1 num_bits`, `conv1 weight num_bits`, `add[1] num_bits`, `batch_num`: for messages.
  fileprivate var shortName: String {
    let owner = layer.map { $0 + (input.map { "[\($0)]" } ?? "") + " " } ?? ""
    return owner + (field == .weightBits ? "weight " : "") + field.key
  }
}
