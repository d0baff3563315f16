import Quantization

/// Before values set by hand become rules of the recipe: which, and what a recipe cannot say.
struct LiftSheet: Sheet {
  private let lift: RecipeLift
  private let lines: [[Span]]
  private(set) var list = ListState()

  /// - Parameter changes: from what the recipe makes to the config.
  init(_ lift: RecipeLift, _ changes: [LayerChange]) {
    self.lift = lift
    let values = Dictionary(changes.map { ($0.layer, $0.changes) }) { first, _ in first }
    var lines: [[Span]] = []
    func add(_ title: Words, _ names: [String], _ shown: (String) -> [ConfigChange] = { _ in [] }) {
      guard !names.isEmpty else { return }
      lines.append([Span("\(title): \(names.count)", .textStrong)])
      for name in names {
        let said = shown(name).map { "\($0.path.field.key) \($0.new?.text ?? inheritWord)" }
        lines.append([Span("  \(name)"), Span("  \(said.joined(separator: "  "))", .textDim)])
      }
    }
    add("parameters of the net", lift.globals.map(\.key)) { key in
      (values[nil] ?? []).filter { $0.path.field.key == key }
    }
    add("rules of their own for layers", lift.overridden) { values[$0] ?? [] }
    add("layers that stay float", lift.skipped)
    add("off their skip list", lift.unskipped)
    if !lift.refusals.isEmpty {
      lines.append([Span("cannot be said in a recipe, stays set by hand: \(lift.refusals.count)", .logWarn)])
      for refusal in lift.refusals {
        lines.append([Span("  \(refusal.text.replacing("a recipe cannot express ", with: ""))", .logWarn)])
        for note in refusal.notes { lines.append([Span("    \(note.text)", .textDim)]) }
      }
    }
    if !lift.isChanged { lines.append([Span("nothing else: the recipe stays as it is", .textDim)]) }
    self.lines = lines
    list.fit(count: lines.count)
  }

  mutating func press(_ key: Key, _ session: inout Session, at time: Duration) -> SheetOutcome {
    switch key {
    case .down, .character("j"): list.move(.by(1))
    case .up, .character("k"): list.move(.by(-1))
    case .pageDown, .control("d"): list.move(.pageDown)
    case .pageUp, .control("u"): list.move(.pageUp)
    case .enter:
      take(&session, at: time)
      return .close
    case .escape, .control("c"), .character("q"), .character("n"), .character("i"): return .close
    default: break
    }
    return .stay
  }

  private func take(_ session: inout Session, at time: Duration) {
    let lift = lift
    let count = lift.overridden.count + lift.skipped.count + lift.unskipped.count + lift.globals.count
    let rest = lift.refusals.isEmpty ? "" : ", \(lift.refusals.count) cannot be"
    session.editDocument("lifted into the recipe: \(Digits.plural(count, "change"))\(rest)", at: time) {
      $0.recipe.text = lift.document.source
      $0.recipe.applied = lift.document.source
    }
  }

  private static func rect(_ size: Size, _ lines: Int) -> Rect {
    Rect(size).centered(columns: min(90, size.columns - 2), rows: min(size.rows - 4, lines + 5))
  }

  mutating func refresh(_ session: Session) {
    list.fit(height: max(1, Self.rect(session.size, lines.count).rows - 5))
  }

  func draw(on canvas: inout Canvas, _ session: Session, at time: Duration) {
    let rect = Self.rect(session.size, lines.count)
    canvas.fill(rect, role: .dialog)
    let inner = canvas.drawFrame(rect, title: "Lift the config into the recipe", isFocused: true, look: session.look)
    canvas.put("What the recipe does not make yet becomes:", in: inner, indent: 1, role: .textDim)
    let body = Rect(column: inner.column + 1, row: inner.row + 1, columns: inner.columns - 2, rows: inner.rows - 3)
    canvas.draw(list, in: body, isActive: list.count > body.rows, look: session.look) { index, canvas, line in
      canvas.put(lines[index], in: line)
    }
    canvas.put(
      [
        Span("Enter", .key), Span(" write it into the recipe", .dialog), Span("  Esc", .key), Span(" not now", .dialog),
      ],
      in: inner, line: inner.rows - 1, indent: 1)
  }
}
