import Diagnostics
import Quantization

extension Prompt {
  /// The name of a new rule or list entry of the recipe.
  static func recipeName(_ entry: RecipeEntry, _ reading: RecipeReading, _ session: Session) -> Prompt? {
    guard let document = reading.document, let graph = session.workspace?.graph else { return nil }
    let title =
      switch entry {
      case .typeRule: "rule for the layer type: "
      case .layerRule: "rule for the layer: "
      case .name(.skipLayers): "layer that stays float: "
      case .name(.skipLayerTypes): "type whose layers stay float: "
      case .name(.skipFusionLayers): "layer that is not fused: "
      }
    let names = document.candidates(for: entry, graph)
    let here = session.selectedRow.map { entry == .typeRule || entry == .name(.skipLayerTypes) ? $0.type : $0.name }
    let rule = FieldRule.name(of: names, first: here.flatMap { names.contains($0) ? $0 : nil }) { text, _ in
      do throws(DiagnosticError) {
        _ = try reading.edited(graph) { (document: inout RecipeDocument) throws(DiagnosticError) in
          try document.add(text, as: entry, graph)
        }
        return nil
      } catch { return Session.reason(error) }
    }
    return Prompt(title, text: "", rule: rule) { text, session, time in
      session.tell(RecipeScreen.self) { screen, session in screen.add(text, as: entry, &session, at: time) }
      return []
    }
  }

  /// A recipe to take into the project.
  static func recipeFile() -> Prompt {
    let rule = FieldRule(range: "a .cfg file; its text becomes the project's recipe, u takes that back") {
      text, strings in
      text.isEmpty ? strings.empty : nil
    }
    return Prompt("take the recipe of file: ", text: "", rule: rule) { text, _, _ in [.effect(.readRecipe(text))] }
  }
}
