import CaffeFormat
import Diagnostics

/// A recipe as its user wrote it, for editing: the text, and the rules read from it.
///
/// An edit changes the bytes it must and no other, so comments, order, quotes and blanks stay. After every edit the text is
/// read anew by the protobuf reader and must mean what was intended; an edit that is refused leaves the document as it was.
package struct RecipeDocument: Sendable {
  package let recipe: Recipe
  /// What is wrong with values and names, each with its place, in the order of the file; empty for a legal recipe.
  package let problems: [Diagnostic]
  private let problemCount: Int
  private let message: ProtoMessage

  package var file: String { recipe.file }
  package var source: [UInt8] { recipe.source }
  package var text: String { String(decoding: source, as: UTF8.self) }

  /// - Throws: what `Recipe.read` refuses.
  package init(_ bytes: [UInt8], file: String) throws(DiagnosticError) {
    try self.init(repairing: bytes, file: file)
    if !problems.isEmpty { throw DiagnosticError(problems) }
  }

  /// Opens a recipe for repair: values out of range and repeated names are `problems`.
  /// - Throws: what the text reader refuses, syntax and unknown fields.
  package init(repairing bytes: [UInt8], file: String) throws(DiagnosticError) {
    self.init(bytes, try Recipe.message(of: bytes, file: file), file: file)
  }

  private init(_ bytes: [UInt8], _ message: ProtoMessage, file: String) {
    let (recipe, log) = Recipe.readAll(message, source: bytes, file: file)
    self.recipe = recipe
    problems = log.inFileOrder.filter { $0.severity == .error }
    problemCount = log.errorCount
    self.message = message
  }

  /// Where a parameter stands in the text; `nil` when its default is in force.
  package func place(of path: RecipePath) -> SourceLocation? { recipe.setting(path)?.location }

  /// What is wrong with a parameter.
  package func problem(_ path: RecipePath) -> Diagnostic? {
    guard let place = place(of: path) else { return nil }
    return problems.first { $0.location == place }
  }

  // MARK: editing

  /// Sets a parameter to what the user typed; a number's text is kept. `by type` takes `channel_wise` out.
  ///
  /// A missing `common_config`, `bn_update_config` or algorithm message is made; a missing override is not. `wts_algo`
  /// renames the algorithm's message: `channel_wise` stays, what only the old algorithm has goes.
  /// - Throws: why the value is refused, with the range.
  package mutating func set(_ path: RecipePath, text: String) throws(DiagnosticError) {
    if path.field == .channelWise, text == byTypeWord { return try reset(path) }
    let value = try path.field.parse(text)
    do throws(DiagnosticError) {
      try edit { (draft: inout RecipeDraft) throws(DiagnosticError) in try draft.set(path, value) }
    } catch {
      var error = error
      if !error.diagnostics.isEmpty { error.diagnostics[0].help.append("\(path.field.key): \(path.field.rangeText)") }
      throw error
    }
  }

  /// Takes a parameter out of the text, so that its default is in force.
  package mutating func reset(_ path: RecipePath) throws(DiagnosticError) {
    try edit { (draft: inout RecipeDraft) throws(DiagnosticError) in try draft.reset(path) }
  }

  /// Adds an empty rule, or an empty `bn_update_config`.
  /// - Throws: there is one already.
  package mutating func add(_ block: RecipeBlock) throws(DiagnosticError) {
    guard block != .globals else { throw DiagnosticError("the global parameters are no block") }
    let place = recipe.location(of: block)
    try edit { (draft: inout RecipeDraft) throws(DiagnosticError) in
      if draft.has(block) { throw DiagnosticError("the recipe has \(block) already", at: place) }
      try draft.add([(block, [])])
    }
  }

  /// Removes a block with all that stands in it.
  package mutating func remove(_ block: RecipeBlock) throws(DiagnosticError) {
    try edit { (draft: inout RecipeDraft) throws(DiagnosticError) in try draft.remove(block) }
  }

  /// Adds a name to a list.
  /// - Throws: the list has it already.
  package mutating func append(_ name: String, to list: RecipeList) throws(DiagnosticError) {
    try edit { (draft: inout RecipeDraft) throws(DiagnosticError) in try draft.append(name, to: list) }
  }

  package mutating func remove(_ name: String, from list: RecipeList) throws(DiagnosticError) {
    try edit { (draft: inout RecipeDraft) throws(DiagnosticError) in try draft.remove(name, from: list) }
  }

  /// Makes changes to the text and lets the reader judge the result.
  mutating func edit(_ change: (inout RecipeDraft) throws(DiagnosticError) -> Void) throws(DiagnosticError) {
    var draft = try RecipeDraft(source, message)
    try change(&draft)
    let bytes = draft.text.bytes
    let read = try Recipe.message(of: bytes, file: file)
    guard read == (try ProtoSchema.builtIn().inFieldOrder(draft.text.message)) else {
      throw DiagnosticError(
        "this edit cannot be made in this text: it would come out with another meaning", at: SourceLocation(file: file),
        help: ["edit the file by hand"])
    }
    let edited = RecipeDocument(bytes, read, file: file)
    // Repair goes step by step: an edit need not make all well, but must make nothing worse.
    guard edited.problemCount <= problemCount else {
      let old = Set(problems.map(\.text))
      let new = edited.problems.filter { !old.contains($0.text) }
      throw DiagnosticError(new.isEmpty ? edited.problems : new)
    }
    self = edited
  }
}
