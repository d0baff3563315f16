/// A row of a form: a field with its value and where the value comes from.
package struct FormRow: Equatable, Sendable {
  /// Where a value was decided; named as in the column "comes from".
  package enum Origin: Equatable, Sendable {
    case builtIn, recipeCommon, recipeType, recipeLayer, hand, file
    case run(Int)
    case none

    package var words: String {
      switch self {
      case .builtIn: "default"
      case .recipeCommon: "recipe common"
      case .recipeType: "recipe type"
      case .recipeLayer: "recipe layer"
      case .hand: "hand"
      case .file: "file"
      case .run(let number): "run \(number)"
      case .none: ""
      }
    }

    package var role: Role {
      switch self {
      case .builtIn, .file, .none: .fromDefault
      case .recipeCommon, .recipeType, .recipeLayer: .fromRecipe
      case .hand, .run: .fromHand
      }
    }
  }

  package enum Value: Equatable, Sendable {
    case text(String)
    case flag(Bool)
    /// A heading over rows that are indented below it.
    case heading
  }

  package var label: String
  package var value: Value
  package var origin: Origin
  /// Beside or instead of the origin: `was 8`, `60 tries`.
  package var note: String
  package var indent: Int
  /// Shown, but not to be changed; the cursor passes over it.
  package var isFixed: Bool

  package init(
    _ label: String, _ value: Value, from origin: Origin = .none, note: String = "", indent: Int = 0,
    isFixed: Bool = false
  ) {
    self.label = label
    self.value = value
    self.origin = origin
    self.note = note
    self.indent = indent
    self.isFixed = isFixed || value == .heading
  }

  /// The value as it stands in the form.
  package var valueText: String {
    switch value {
    case .text(let text): text
    case .flag(let on): on ? "[x]" : "[ ]"
    case .heading: ""
    }
  }
}

extension FormRow {
  /// The three columns of a row: label, value, what is said about it.
  static func columns(_ line: Rect) -> (label: Rect, value: Rect, note: Rect) {
    let (label, rest) = line.splitColumns(max(0, min(26, line.columns * 42 / 100)))
    let (value, note) = rest.splitColumns(max(0, min(18, rest.columns * 47 / 100)))
    return (label, value, note)
  }
}

extension Canvas {
  /// Draws one row of a form: label, value, origin, in three columns; an editor, when given, in place of the value.
  package mutating func draw(_ row: FormRow, in line: Rect, editor: FieldEditor? = nil) {
    if row.value == .heading {
      put(Words(row.label), in: line, indent: row.indent * 2, role: .textStrong)
      return
    }
    let (left, middle, right) = FormRow.columns(line)
    let role: Role = row.isFixed ? .textDim : .text
    put(row.label, in: left.splitColumns(max(0, left.columns - 1)).left, indent: row.indent * 2, role: role)
    if let editor {
      draw(editor.field, in: middle.splitColumns(middle.columns - 1).left, isValid: editor.problem == nil)
      put(
        Words(editor.problem ?? editor.rule.range), in: right, role: editor.problem == nil ? .textDim : .inputBad)
      return
    }
    put("\(row.valueText)", in: middle, role: row.origin == .hand ? .stateEdited : role)
    let origin = [sentences.each(row.note), sentences[row.origin.words]].filter { !$0.isEmpty }.joined(separator: ", ")
    put(origin, in: right, role: row.origin.role)
  }
}
