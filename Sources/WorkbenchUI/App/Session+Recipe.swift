import Diagnostics
import LayerGraph
import QuantEngine
import Quantization

extension RecipeReading {
  /// The recipe after an edit.
  /// - Parameter isChecked: what the net refuses of the new rules is refused here.
  /// - Throws: why the edit cannot be made.
  func edited(
    _ graph: Graph, isChecked: Bool = true, _ body: (inout RecipeDocument) throws(DiagnosticError) -> Void
  ) throws(DiagnosticError) -> RecipeDocument {
    guard var document else { throw DiagnosticError("there is no recipe to edit") }
    try body(&document)
    guard isChecked, let effect else { return document }
    var log = DiagnosticLog()
    do throws(DiagnosticError) { _ = try document.recipe.apply(to: graph, log: &log) } catch {
      let known = Set(effect.diagnostics.map(\.text))
      let new = error.diagnostics.filter { $0.severity == .error && !known.contains($0.text) }
      if !new.isEmpty { throw DiagnosticError(new) }
    }
    return document
  }
}

/// Changes of the recipe: each is one step of undo, in the same history as those of the config.
extension Session {
  @discardableResult
  mutating func editRecipe(
    _ label: String, _ reading: RecipeReading, isChecked: Bool = true, at time: Duration,
    _ body: (inout RecipeDocument) throws(DiagnosticError) -> Void
  ) -> Bool {
    guard let graph = workspace?.graph else { return false }
    return editDocument(label, at: time) {
      $0.recipe.text = try reading.edited(graph, isChecked: isChecked, body).source
    }
  }

  /// Makes a file's text the project's recipe, whatever it says: what is wrong with it can be repaired here.
  mutating func takeRecipe(_ file: OfferedRecipe, at time: Duration) {
    let name = file.file.split(separator: "/").last.map(String.init) ?? file.file
    guard editDocument("recipe taken from \(name)", at: time, { $0.recipe.text = file.bytes }), let workspace else {
      return say(.info, "the project has this recipe already", at: time)
    }
    for problem in RecipeReading.problems(in: workspace) { say(problem, at: time) }
  }

  /// Asks what becomes of values set by hand, and applies the recipe.
  mutating func applyRecipe(_ reading: RecipeReading, at time: Duration) {
    if let problem = reading.problems.first {
      let place = problem.location.map { "line \($0.line): " } ?? ""
      return say(.error, "the recipe cannot be applied: \(place)\(problem.text)", at: time)
    }
    if let workspace, let sheet = ApplyRecipeSheet(reading, workspace) { open(sheet) }
  }

  /// Shows what of the config the recipe does not make yet, and what a recipe cannot say.
  mutating func liftRecipe(_ reading: RecipeReading, at time: Duration) {
    guard let workspace else { return }
    if let problem = reading.problems.first {
      return say(.error, "repair the recipe first: \(problem.text)", at: time)
    }
    do throws(DiagnosticError) {
      let empty = try RecipeDocument([], file: RecipeReading.file)
      let document = reading.document ?? empty
      let lift = try RecipeLift(workspace.config, graph: workspace.graph, onto: document)
      if !lift.isChanged, lift.refusals.isEmpty, reading.document != nil {
        return say(.info, "the recipe makes this config as it is: nothing to lift", at: time)
      }
      var log = DiagnosticLog()
      let made = try document.recipe.apply(to: workspace.graph, log: &log)
      open(LiftSheet(lift, QuantConfig.layerChanges(from: made, to: workspace.config, workspace.graph)))
    } catch { say(.error, Self.reason(error), at: time) }
  }
}
