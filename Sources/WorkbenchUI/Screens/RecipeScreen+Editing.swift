import Diagnostics
import Quantization

/// Edits of the recipe, each one step of undo.
extension RecipeScreen {
  /// Starts a recipe where there is none that can be read; else asks what is to be added.
  mutating func add(_ session: inout Session, at time: Duration) {
    if let sheet = AddRuleSheet(reading) { return session.open(sheet) }
    let isDamaged = session.workspace?.recipe.text != nil
    let label = isDamaged ? "recipe started anew in place of the damaged one" : "recipe started"
    session.editDocument(label, at: time) {
      var document = try RecipeDocument([], file: RecipeReading.file)
      try document.add(.common)
      $0.recipe.text = document.source
    }
    select(.block(.common))
  }

  mutating func add(_ block: RecipeBlock, _ session: inout Session, at time: Duration) {
    let isAdded = session.editRecipe("recipe: \(block) added", reading, at: time) {
      (document: inout RecipeDocument) throws(DiagnosticError) in try document.add(block)
    }
    if isAdded { goTo(.block(block), session) }
  }

  mutating func add(_ name: String, as entry: RecipeEntry, _ session: inout Session, at time: Duration) {
    guard let graph = session.workspace?.graph else { return }
    let what =
      switch entry {
      case .typeRule: "rule for type \(name) added"
      case .layerRule: "rule for \(name) added"
      case .name(let list): "\(name) on \(list.rawValue)"
      }
    let isAdded = session.editRecipe("recipe: \(what)", reading, at: time) {
      (document: inout RecipeDocument) throws(DiagnosticError) in try document.add(name, as: entry, graph)
    }
    if isAdded { goTo(entry.part(name), session) }
  }

  private mutating func goTo(_ part: RecipeNode.Part, _ session: Session) {
    select(part)
    refresh(session)
  }

  mutating func remove(_ session: inout Session, at time: Duration) {
    switch part {
    case .name(let name, let list):
      session.editRecipe("recipe: \(name) off \(list.rawValue)", reading, isChecked: false, at: time) {
        (document: inout RecipeDocument) throws(DiagnosticError) in try document.remove(name, from: list)
      }
    case .block(.globals): session.say(.info, "the global parameters always stand: D resets one of them", at: time)
    case .block(let block):
      session.editRecipe("recipe: \(block) removed", reading, isChecked: false, at: time) {
        (document: inout RecipeDocument) throws(DiagnosticError) in try document.remove(block)
      }
    case .list: session.say(.info, "X removes a name: choose one below the list", at: time)
    default: break
    }
  }

  // MARK: Parameters

  mutating func edit(_ session: inout Session, at time: Duration) {
    guard let field = selectedField, let graph = session.workspace?.graph else { return }
    guard field.isEditable else { return refuse(field, &session, at: time) }
    if field.kind == .flag, field.path.field != .channelWise { return step(1, isFlip: true, &session, at: time) }
    let reading = reading
    let rule = FieldRule(
      range: field.range,
      problem: { text, _ in
        do throws(DiagnosticError) {
          _ = try reading.edited(graph) { (document: inout RecipeDocument) throws(DiagnosticError) in
            try document.set(field.path, text: text)
          }
          return nil
        } catch { return error.diagnostics.first?.text ?? "\(error)" }
      }, step: { text, direction in Self.step(field, text, direction) })
    begin(FieldEditor(text: field.text, rule: rule))
  }

  private func refuse(_ field: RecipeField, _ session: inout Session, at time: Duration) {
    let why = field.path.block == .bnUpdate ? "update_bn is off" : "it follows wts_algo"
    session.say(.warning, "\(field.path.field.key) cannot be changed: \(why)", at: time)
  }

  mutating func set(_ text: String, _ session: inout Session, at time: Duration) {
    guard let field = selectedField else { return }
    session.editRecipe("\(Self.name(field.path)): \(field.text) -> \(text)", reading, at: time) {
      (document: inout RecipeDocument) throws(DiagnosticError) in try document.set(field.path, text: text)
    }
  }

  mutating func reset(_ session: inout Session, at time: Duration) {
    guard let field = selectedField else { return }
    session.editRecipe("\(Self.name(field.path)): back to \(field.defaultText)", reading, isChecked: false, at: time) {
      (document: inout RecipeDocument) throws(DiagnosticError) in try document.reset(field.path)
    }
  }

  mutating func step(_ direction: Int, isFlip: Bool = false, _ session: inout Session, at time: Duration) {
    guard let field = selectedField else { return }
    guard field.isEditable else { return refuse(field, &session, at: time) }
    guard !isFlip || field.kind != .integer, let next = Self.step(field, field.text, direction) else {
      return session.say(.info, "Enter edits this parameter; it has no steps", at: time)
    }
    set(next, &session, at: time)
  }

  /// The next value up or down.
  private static func step(_ field: RecipeField, _ text: String, _ direction: Int) -> String? {
    func cycle(_ words: [String]) -> String? {
      guard let now = words.firstIndex(of: text) else { return words.first }
      return words[(now + direction + words.count) % words.count]
    }
    if field.path.field == .channelWise { return cycle([byTypeWord, "true", "false"]) }
    switch field.kind {
    case .flag: return cycle(["false", "true"])
    case .choice(let words): return cycle(words)
    case .integer: return Int(text).map { "\($0.addingReportingOverflow(direction).partialValue)" }
    case .real, .range, .string, .names: return nil
    }
  }

  /// `recipe type InnerProduct channel_wise`.
  private static func name(_ path: RecipePath) -> String {
    let field = (path.field == .weightBits ? "weight " : "") + path.field.key
    switch path.block {
    case .globals, .bnUpdate: return "recipe \(field)"
    case .common: return "recipe common \(field)"
    case .type(let name): return "recipe type \(name) \(field)"
    case .layer(let name): return "recipe layer \(name) \(field)"
    }
  }
}
