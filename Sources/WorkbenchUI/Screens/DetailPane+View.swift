import QuantEngine
import Quantization

extension Canvas {
  /// The detail pane: facts, settings with their origin, results; at the bottom the range of the field under the cursor.
  mutating func draw(_ pane: DetailPane, _ session: Session, _ workspace: Workspace, in inner: Rect) {
    let form = pane.form ?? DetailForm(session, workspace, resultsFirst: pane.resultsFirst)
    let (head, rest) = inner.splitRows(form.head.count)
    for (index, spans) in form.head.enumerated() { put(spans, in: head, line: index) }
    let (body, advice) = rest.splitRows(max(1, rest.rows - DetailForm.adviceRows))
    var list = pane.list
    list.fit(count: form.lines.count, height: body.rows)
    let plots = form.plots.map { Self.plot($0, columns: body.columns, look: session.look) }
    var at: EditableField?
    for (line, index) in list.visible.enumerated() {
      let place = body.line(line)
      switch form.lines[index] {
      case .rule(let text): drawRule(Words(text), in: place, look: session.look)
      case .settings: drawSettingsRule(in: place, look: session.look)
      case .heading(let text): put(Words(text), in: place, role: .textStrong)
      case .note(let spans): put(spans, in: place)
      case .plot(let number, let row): copy(plots[number], row: row, to: place)
      case .field(let number):
        let isHere = pane.hasFocus && index == list.selection
        if isHere { at = form.fields[number] }
        draw(form.rows[number], in: place, editor: isHere ? pane.editor : nil)
      }
      if pane.hasFocus, index == list.selection, pane.editor == nil { overlay(place, .cursor) }
    }
    if form.lines.count > body.rows {
      let below = form.lines.count - list.visible.upperBound
      if below > 0 { put("\(below) more below", in: body.line(body.rows - 1), role: .textDim, alignment: .trailing) }
    }
    drawAdvice(at, pane, session, workspace, in: advice)
  }

  /// `-- config ------ value ------ comes from`, over the columns of `FormRow`.
  private mutating func drawSettingsRule(in line: Rect, look: Look) {
    drawRule("config", in: line, look: look)
    let cells = FormRow.columns(line)
    put(" value ", in: cells.value, role: .title)
    let title: Words = " comes from "
    guard cells.note.columns >= CellWidth.of(sentences[title]) else { return }
    put(title, in: cells.note, role: .title)
  }

  private static func plot(_ histogram: Histogram, columns: Int, look: Look) -> Canvas {
    var canvas = Canvas(Size(columns: columns, rows: DetailForm.plotRows), sentences: look.strings.sentences)
    canvas.draw(histogram, in: canvas.bounds, look: look)
    return canvas
  }

  /// One row of another canvas.
  private mutating func copy(_ other: Canvas, row: Int, to line: Rect) {
    for column in 0..<min(line.columns, other.size.columns) {
      guard let cell = other[column, row], cell.width > 0, cell.character != " " else { continue }
      put(String(cell.character), column: line.column + column, row: line.row, role: cell.role)
    }
  }

  private mutating func drawAdvice(
    _ field: EditableField?, _ pane: DetailPane, _ session: Session, _ workspace: Workspace, in rect: Rect
  ) {
    guard let field else { return drawOffers(session, workspace, in: rect) }
    let advice = FieldAdvice(field, session, workspace)
    if let problem = pane.editor?.problem {
      put("range: \(said: field.range)", in: rect, line: 0, role: .textDim)
      for (line, text) in TextClip.wrap("! " + problem, to: rect.columns).prefix(2).enumerated() {
        put(text, in: rect, line: line + 1, role: .inputBad)
      }
      return
    }
    put("range: \(said: field.range)", in: rect, line: 0, role: .textDim)
    for (line, text) in TextClip.wrap(advice.level.sign + sentences[advice.text], to: rect.columns).prefix(2)
      .enumerated()
    {
      put(text, in: rect, line: line + 1, role: advice.level.role)
    }
  }

  /// Without a field under the cursor: what can be done with the layer.
  private mutating func drawOffers(_ session: Session, _ workspace: Workspace, in rect: Rect) {
    guard let row = session.selectedRow, session.ownLayerOff == nil else { return }
    if workspace.state(of: row, threshold: session.threshold) == .bad {
      put("below the threshold: try b (12 bits), then x (float)", in: rect, line: 0, role: .metricNear)
    }
    let isOn = workspace.config.isEnabled(row.name)
    let lines = [
      [("x", isOn ? "un-quantise" : "quantise"), ("b", "bits"), ("D", "default"), ("d", "diff")],
      [("p", "paste from.."), ("H", "history of this layer")],
    ]
    for (line, offers) in lines.enumerated() {
      let spans = offers.flatMap { key, words in [Span(key, .key), Span(" \(said: words)  ", .textDim)] }
      put(spans, in: rect, line: line + 1, indent: line)
    }
  }
}
