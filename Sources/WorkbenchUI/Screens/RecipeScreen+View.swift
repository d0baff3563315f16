import Diagnostics
import Quantization

/// Three panes from 110 columns on; below, the tree with one of the others; below 76, one.
struct RecipeLayout {
  let tree: Rect?
  let form: Rect?
  let effect: Rect?
  let isWide: Bool

  init(_ body: Rect, _ focus: RecipeScreen.Pane) {
    /// The next pane shares the frame line of the one before.
    func next(_ rest: Rect) -> Rect {
      Rect(column: rest.column - 1, row: rest.row, columns: rest.columns + 1, rows: rest.rows)
    }
    isWide = body.columns >= SplitLayout.wideColumns
    if isWide {
      let (tree, rest) = body.splitColumns(body.columns * 27 / 100)
      let (form, effect) = next(rest).splitColumns(body.columns * 43 / 100)
      (self.tree, self.form, self.effect) = (tree, form, next(effect))
    } else if body.columns >= 76 {
      let (tree, rest) = body.splitColumns(body.columns * 40 / 100)
      self.tree = tree
      (form, effect) = focus == .effect ? (nil, next(rest)) : (next(rest), nil)
    } else {
      tree = focus == .tree ? body : nil
      form = focus == .form ? body : nil
      effect = focus == .effect ? body : nil
    }
    rows = body.rows - 2
    effectWidth = (effect ?? form ?? body).columns - 3
  }

  /// Rows inside the frames.
  let rows: Int
  /// Columns of text in the effect pane.
  let effectWidth: Int
}

extension Canvas {
  mutating func drawRecipe(_ screen: RecipeScreen, _ session: Session, _ workspace: Workspace) {
    guard let document = screen.reading.document else {
      let inner = drawFrame(session.body, title: "Recipe", isFocused: true, look: session.look).inset(columns: 1)
      return workspace.recipe.text == nil ? drawNoRecipe(in: inner) : drawDamage(screen.reading, in: inner)
    }
    let layout = RecipeLayout(session.body, screen.focus)
    if let rect = layout.tree {
      let count = screen.reading.problems.count
      let title: Words = count > 0 ? "Recipe: \(Digits.plural(count, "error"))" : "Recipe: \(document.file)"
      drawTree(screen, session, in: drawFrame(rect, title: title, isFocused: screen.focus == .tree, look: session.look))
    }
    if let rect = layout.form {
      let isHere = screen.focus == .form
      draw(screen, session, in: drawFrame(rect, title: Words(screen.form.title), isFocused: isHere, look: session.look))
      if layout.tree != nil { drawTees(rect, session.look) }
    }
    if let rect = layout.effect {
      let isHere = screen.focus == .effect
      let inner = drawFrame(rect, title: "Effect", isFocused: isHere, look: session.look)
      drawEffect(screen, session, in: inner)
      if layout.tree != nil { drawTees(rect, session.look) }
    }
  }

  /// Joins a frame with the one left of it.
  private mutating func drawTees(_ rect: Rect, _ look: Look) {
    put(String(look.glyphs.teeDown), column: rect.column, row: rect.row, role: .frame)
    put(String(look.glyphs.teeUp), column: rect.column, row: rect.endRow - 1, role: .frame)
  }

  // MARK: Without a recipe

  private mutating func drawNoRecipe(in inner: Rect) {
    let text: [Words] = [
      "A recipe (.cfg) is a short file of rules from which config.json is made: parameters of the net, one rule for all "
        + "layers, rules for layer types and for single layers, and names of what stays float.",
      "Of the rules that name a layer it takes the strongest, whole: its own, then that of its type, then the common one. "
        + "What a rule leaves out is the default.",
    ]
    var line = 1
    put("This project has no recipe.", in: inner, line: line, role: .textStrong)
    line += 2
    for paragraph in text {
      for part in TextClip.wrap(sentences[paragraph], to: min(inner.columns, 90)) {
        put(part, in: inner, line: line)
        line += 1
      }
      line += 1
    }
    for (key, words) in [
      ("a", "starts one, with a common rule"), ("o", "takes the recipe of a file"),
      ("i", "writes one from the config: what differs from the defaults becomes rules"),
    ] {
      put([Span(key, .key), Span("  \(said: words)")], in: inner, line: line)
      line += 1
    }
  }

  /// Why the text cannot be read, with the lines around the place.
  private mutating func drawDamage(_ reading: RecipeReading, in inner: Rect) {
    put("This recipe cannot be read.", in: inner, line: 1, role: .textStrong)
    var line = 3
    for problem in reading.errors.prefix(3) {
      for part in problem.lines.flatMap({ TextClip.wrap($0, to: inner.columns) }) {
        put(part, in: inner, line: line, role: part.contains("error:") ? .logError : .text)
        line += 1
      }
      line += 1
      guard let place = problem.location, place.line > 0 else { continue }
      for number in max(1, place.line - 2)...place.line + 2 where number <= reading.lines.count {
        let head = TextClip.fit("\(number)", to: 5, alignment: .trailing) + " | "
        put([Span(head, .textDim), Span(reading.lines[number - 1])], in: inner, line: line)
        line += 1
        if number == place.line {
          let before = String(reading.lines[number - 1].prefix(max(0, place.column - 1)))
          put("^", in: inner, line: line, indent: 8 + CellWidth.of(before), role: .logError)
          line += 1
        }
      }
      line += 1
    }
    for (key, words) in [
      ("o", "takes the recipe of a file in its place"), ("a", "starts anew; u brings this text back"),
      ("u", "takes back the last edit, when that is what broke it"),
    ] {
      put([Span(key, .key), Span("  \(said: words)")], in: inner, line: line)
      line += 1
    }
  }

  // MARK: Panes

  private mutating func drawTree(_ screen: RecipeScreen, _ session: Session, in inner: Rect) {
    draw(screen.tree, in: inner, isActive: screen.focus == .tree, look: session.look) { index, canvas, line in
      let row = screen.reading.rows[index]
      let role: Role = row.isThere ? .text : .textDim
      if row.hasError { canvas.put("!", in: line, role: .logError) }
      let taken = canvas.put(
        row.title, in: line, indent: 2 + 2 * row.indent, role: row.hasError ? .logError : role)
      let at = max(15, 2 + 2 * row.indent + taken + 2)
      canvas.put(Words(row.summary), in: line, indent: at, role: .textDim)
    }
  }

  private mutating func draw(_ screen: RecipeScreen, _ session: Session, in inner: Rect) {
    let (form, reading) = (screen.form, screen.reading)
    let hasFocus = screen.focus == .form
    let (body, advice) = inner.splitRows(max(1, inner.rows - (form.fields.isEmpty ? 0 : RecipeForm.adviceRows)))
    var list = screen.formList
    list.fit(count: form.lines.count, height: body.rows)
    for (line, index) in list.visible.enumerated() {
      let place = body.line(line)
      switch form.lines[index] {
      case .heading(let text): put(Words(text), in: place, role: .textStrong)
      case .note(let spans): put(spans, in: place)
      case .field(let number):
        let field = form.fields[number]
        let isHere = hasFocus && index == list.selection
        draw(reading.row(field), in: place, editor: isHere ? screen.editor : nil)
        if isHere, screen.editor == nil { overlay(place, .cursor) }
      }
    }
    let below = form.lines.count - list.visible.upperBound
    if below > 0 { put("\(below) more below", in: body.line(body.rows - 1), role: .textDim, alignment: .trailing) }
    if !form.fields.isEmpty { drawAdvice(screen, in: advice) }
  }

  /// What is wrong or doubtful about the parameter under the cursor, its range, its advice.
  private mutating func drawAdvice(_ screen: RecipeScreen, in rect: Rect) {
    guard let field = screen.selectedField else {
      let doubtful = screen.form.fields.compactMap(\.caution).first
      for (line, text) in TextClip.wrap(sentences[doubtful ?? ""], to: rect.columns).prefix(rect.rows).enumerated() {
        put(text, in: rect, line: line, role: .metricNear)
      }
      return
    }
    var lines: [Span] = []
    if let problem = screen.editor?.problem ?? screen.reading.problem(field.path)?.text {
      lines.append(Span(problem, .inputBad))
    } else if let caution = field.caution {
      lines.append(Span(Words(caution), .metricNear))
    }
    lines.append(Span("range: \(said: field.range)", .textDim))
    if !field.advice.isEmpty { lines.append(Span(Words(field.advice), .textDim)) }
    let wrapped = lines.flatMap { span in
      TextClip.wrap(span.said(sentences), to: rect.columns).map { Span($0, span.role) }
    }
    for (line, span) in wrapped.prefix(rect.rows).enumerated() { put([span], in: rect, line: line) }
  }

  private mutating func drawEffect(_ screen: RecipeScreen, _ session: Session, in inner: Rect) {
    draw(screen.effectList, in: inner, isActive: screen.focus == .effect, look: session.look) { index, canvas, line in
      canvas.put(screen.effect.lines[index], in: line)
    }
  }
}
