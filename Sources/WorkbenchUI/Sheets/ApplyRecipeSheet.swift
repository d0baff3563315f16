import Diagnostics
import LayerGraph
import Quantization

/// Before a recipe is applied: for every layer changed by hand, whose values hold; and what becomes of the config then.
struct ApplyRecipeSheet: Sheet {
  private let document: RecipeDocument
  private let present: QuantConfig
  private let base: QuantConfig
  private let generated: QuantConfig
  private let graph: Graph
  /// Layers (`nil`: the net's own parameters) with values set by hand that the recipe has otherwise.
  let conflicts: [LayerChange]
  private(set) var choices: [String?: HandChoice] = [:]
  /// What the choices make.
  private(set) var result: QuantConfig
  private(set) var changes: [LayerChange] = []
  private(set) var list = ListState()
  private(set) var below = ListState()
  private(set) var isBelow = false

  /// `nil` for a recipe that cannot be applied.
  init?(_ reading: RecipeReading, _ workspace: Workspace) {
    guard let document = reading.document, let effect = reading.effect, let generated = effect.generated else {
      return nil
    }
    self.document = document
    self.generated = generated
    (present, base, graph) = (workspace.config, workspace.generated, workspace.graph)
    result = workspace.config
    let differing = Dictionary(effect.changes.map { ($0.layer, Set($0.changes.map(\.path))) }) { first, _ in first }
    conflicts = effect.handEdits.filter { edit in
      guard let paths = differing[edit.layer] else { return false }
      return edit.changes.contains { paths.contains($0.path) }
    }
    list.fit(count: conflicts.count)
    isBelow = conflicts.isEmpty
    merge()
  }

  func choice(_ layer: String?) -> HandChoice { choices[layer] ?? .keep }

  private mutating func merge() {
    let choices = choices
    let merge = RecipeMerge(
      present: present, base: base, generated: generated, graph: graph, choice: { choices[$0] ?? .keep })
    result = merge.config
    changes = QuantConfig.layerChanges(from: present, to: result, graph)
    below.fit(count: rows.count)
  }

  // MARK: Keys

  mutating func press(_ key: Key, _ session: inout Session, at time: Duration) -> SheetOutcome {
    switch key {
    case .down, .character("j"): move(.by(1))
    case .up, .character("k"): move(.by(-1))
    case .pageDown, .control("d"): move(.pageDown)
    case .pageUp, .control("u"): move(.pageUp)
    case .home, .character("g"): move(.first)
    case .end, .character("G"): move(.last)
    case .tab, .backTab, .function(6): isBelow = conflicts.isEmpty || !isBelow
    case .space:
      guard conflicts.indices.contains(list.selection) else { return .stay }
      let layer = conflicts[list.selection].layer
      choices[layer] = choice(layer) == .keep ? .take : .keep
      merge()
    case .character("m"): choose(.keep)
    case .character("t"): choose(.take)
    case .enter: return apply(&session, at: time)
    case .escape, .control("c"), .character("q"), .character("n"), .character("A"): return .close
    default: break
    }
    return .stay
  }

  private mutating func move(_ move: ListState.Move) {
    if isBelow { below.move(move) } else { list.move(move) }
  }

  private mutating func choose(_ choice: HandChoice) {
    for conflict in conflicts { choices[conflict.layer] = choice }
    merge()
  }

  private func apply(_ session: inout Session, at time: Duration) -> SheetOutcome {
    var log = DiagnosticLog()
    do throws(DiagnosticError) {
      let checked = try result.validated(against: graph, log: &log)
      let kept = conflicts.count { choice($0.layer) == .keep }
      let label = "recipe applied" + (kept > 0 ? ", \(kept) of \(conflicts.count) kept as set by hand" : "")
      let isNew = session.editDocument(label, at: time) {
        $0.config = checked
        $0.recipe.applied = document.source
      }
      if !isNew { session.say(.info, "the config is what the recipe makes already", at: time) }
      return .close
    } catch {
      for problem in error.diagnostics { session.say(problem, at: time) }
      return .close
    }
  }

  // MARK: Drawing

  /// The differences, layer by layer.
  private var rows: [[Span]] {
    var rows: [[Span]] = []
    for change in changes {
      let mark: Span =
        switch change.kind {
        case .added: Span("+ ", .diffAdd)
        case .removed: Span("- ", .diffDel)
        case .changed: Span("~ ", .diffMod)
        }
      for one in change.changes {
        rows.append([mark, Span("\(change.layer ?? "net") ")] + RecipeEffectText.spans(one))
      }
    }
    return rows
  }

  private static func rect(_ size: Size) -> Rect {
    Rect(size).centered(columns: min(100, size.columns - 2), rows: size.rows - 4)
  }

  /// Rows for the conflicts, without their rule.
  private func upperRows(_ rows: Int) -> Int { max(1, min(conflicts.count, (rows - 6) / 2)) }

  mutating func refresh(_ session: Session) {
    let rows = Self.rect(session.size).rows
    let upper = upperRows(rows)
    list.fit(height: upper)
    below.fit(height: max(1, rows - 5 - upper))
  }

  func draw(on canvas: inout Canvas, _ session: Session, at time: Duration) {
    let (rect, look) = (Self.rect(session.size), session.look)
    canvas.fill(rect, role: .dialog)
    let inner = canvas.drawFrame(rect, title: "Apply the recipe", isFocused: true, look: look)
    let upper = upperRows(rect.rows)
    let kept = conflicts.count { choice($0.layer) == .keep }
    let title: Words =
      conflicts.isEmpty
      ? "set by hand"
      : "set by hand: \(Digits.plural(conflicts.count, "layer")), \(kept) kept, \(conflicts.count - kept) as the recipe"
    canvas.drawRule(title, in: inner.line(0), look: look)
    let (conflictRows, rest) = Rect(
      column: inner.column + 1, row: inner.row + 1, columns: inner.columns - 2, rows: inner.rows - 2
    ).splitRows(upper)
    if conflicts.isEmpty {
      canvas.put("nothing that the recipe has otherwise", in: conflictRows, role: .textDim)
    }
    canvas.draw(list, in: conflictRows, isActive: !isBelow, look: look) { index, canvas, line in
      draw(conflicts[index], on: &canvas, in: line)
    }
    let counts = RecipeEffectText.counts(changes.filter { $0.layer != nil }, "then against the config now").map {
      $0.said(look.strings.sentences)
    }
    canvas.drawRule(
      "\(counts.joined())", in: Rect(column: inner.column, row: rest.row, columns: inner.columns, rows: 1), look: look)
    let body = Rect(column: rest.column, row: rest.row + 1, columns: rest.columns, rows: rest.rows - 1)
    let rows = rows
    if rows.isEmpty {
      canvas.put("no difference: the recipe becomes what the config was made from", in: body, role: .textDim)
    }
    canvas.draw(below, in: body, isActive: isBelow, look: look) { index, canvas, line in
      canvas.put(rows[index], in: line)
    }
    drawKeys(in: inner, on: &canvas)
  }

  /// What matters most comes first: in a narrow terminal the end is cut.
  private func drawKeys(in inner: Rect, on canvas: inout Canvas) {
    var keys = [("Enter", "apply"), ("Esc", "not now")]
    if !conflicts.isEmpty {
      keys += [("space", "switch"), ("m", "all mine"), ("t", "all recipe"), ("Tab", "list")]
    }
    let spans = keys.enumerated().flatMap { index, key in
      [Span((index == 0 ? "" : "  ") + key.0, .key), Span(" \(said: key.1)", .dialog)]
    }
    canvas.put(spans, in: inner, line: inner.rows - 1, indent: 1)
  }

  /// `keep mine    conv3_dw  num_bits 12, recipe 8`.
  private func draw(_ conflict: LayerChange, on canvas: inout Canvas, in line: Rect) {
    let isKept = choice(conflict.layer) == .keep
    var at = canvas.put(isKept ? "keep mine   " : "take recipe ", in: line, role: isKept ? .fromHand : .fromRecipe)
    at += canvas.put("\(conflict.layer ?? "net")  ", in: line, indent: at, role: .textStrong)
    let paths = conflict.changes.map(\.path).filter { path in
      present.value(path, graph) != generated.value(path, graph)
    }
    guard let path = paths.first else { return }
    let mine = present.value(path, graph)?.text ?? inheritWord
    let theirs = generated.value(path, graph)?.text ?? inheritWord
    let more: Words = paths.count > 1 ? "  and \(paths.count - 1) more" : ""
    canvas.put("\(path.field.key): mine \(mine), recipe \(theirs)\(more)", in: line, indent: at, role: .textDim)
  }
}
