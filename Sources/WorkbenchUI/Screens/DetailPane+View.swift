import QuantEngine
import Quantization

extension Canvas {
  /// The detail pane: facts, settings with their origin, results; at the bottom the range of the field under the cursor.
  mutating func draw(_ pane: DetailPane, _ session: Session, _ workspace: Workspace, in inner: Rect) {
    let form = pane.form(session, workspace)
    let (head, rest) = inner.splitRows(form.head.count)
    for (index, spans) in form.head.enumerated() { put(spans, in: head, line: index) }
    let (body, advice) = rest.splitRows(max(1, rest.rows - DetailForm.adviceRows))
    var list = pane.list
    list.fit(count: form.lines.count, height: body.rows)
    var at: EditableField?
    for (line, index) in list.visible.enumerated() {
      let place = body.line(line)
      switch form.lines[index] {
      case .rule(let text): drawRule(text, in: place, look: session.look)
      case .heading(let text): put(text, in: place, role: .textStrong)
      case .note(let spans): put(spans, in: place)
      case .field(let number):
        let field = form.fields[number]
        let isHere = pane.hasFocus && index == list.selection
        if isHere { at = field }
        draw(Self.formRow(field), in: place, editor: isHere ? pane.editor : nil)
      }
      if pane.hasFocus, index == list.selection, pane.editor == nil { overlay(place, .cursor) }
    }
    if form.lines.count > body.rows {
      let below = form.lines.count - list.visible.upperBound
      if below > 0 { put("\(below) more below", in: body.line(body.rows - 1), role: .textDim, alignment: .trailing) }
    }
    drawAdvice(at, pane, session, workspace, in: advice)
  }

  private static func formRow(_ field: EditableField) -> FormRow {
    let isFlag = field.kind == .flag && field.path.field != .withOffset
    return FormRow(
      field.path.field.key, isFlag ? .flag(field.text == "true") : .text(field.text),
      from: .init(field.provenance), note: field.text != field.defaultText ? "was \(field.defaultText)" : "",
      indent: [.activation, .weights, .bnUpdate].contains(field.path.field.group) ? 1 : 0, isFixed: !field.isEditable)
  }

  private mutating func drawAdvice(
    _ field: EditableField?, _ pane: DetailPane, _ session: Session, _ workspace: Workspace, in rect: Rect
  ) {
    if let field {
      if let problem = pane.editor?.problem {
        for (line, text) in TextClip.wrap(problem, to: rect.columns).prefix(1).enumerated() {
          put(text, in: rect, line: line, role: .inputBad)
        }
        put("range: \(field.range)", in: rect, line: 1, role: .textDim)
        return
      }
      put("range: \(field.range)", in: rect, line: 0, role: .textDim)
      put(field.caution ?? field.advice, in: rect, line: 1, role: field.caution == nil ? .textDim : .metricNear)
    } else if let row = session.selectedRow, workspace.state(of: row, threshold: session.threshold) == .bad {
      put("under the threshold: try b (12 bits), then x (float)", in: rect, line: 1, role: .metricNear)
    }
  }
}
