import QuantEngine
import Quantization
import ScreenTesting
import Testing

@testable import WorkbenchUI

/// Edits of the recipe in `history.jsonl`, beside those of the config.
@Suite("History file with a recipe") struct RecipeHistoryTests {
  private struct Desk {
    var driver: ScreenDriver<AppModel>
    private(set) var file: String

    init(_ recipe: ProjectRecipe = ProjectRecipe(), config: QuantConfig? = nil, file: String = "") throws {
      self.file = file
      driver = ScreenDriver(AppModel(title: "shapes", look: Look()), size: "120x40")
      driver.send(.news(.opened(try Shapes.project(config: config, history: file, recipe: recipe))))
      take()
    }

    private mutating func take() {
      for request in driver.takeRequests() {
        guard case .effect(.record(let batch)) = request else { continue }
        file = (batch.isNew ? "" : file) + batch.lines.map { $0 + "\n" }.joined()
      }
    }

    mutating func press(_ keys: String) {
      driver.press(keys)
      take()
    }

    mutating func save() {
      if let workspace { driver.send(.news(.saved(workspace.config, recipe: workspace.recipe))) }
      take()
    }

    var workspace: Workspace? { driver.session.workspace }
    var recipe: ProjectRecipe { workspace?.recipe ?? ProjectRecipe() }
  }

  private static let text = "# Rules\ncommon_config { ifmr_quantize { num_bits: 9 } } # \u{76ee}\n"

  @Test func `edits of both are undone after a restart, in their order`() throws {
    let start = ProjectRecipe(text: Array(Self.text.utf8))
    var first = try Desk(start)
    let config = try #require(first.workspace).config
    first.press("b 3 j j Enter + + Esc A Enter 2 x")
    let end = try #require(first.workspace).history.document
    #expect(end.recipe.text == Array(Self.text.replacing("num_bits: 9", with: "num_bits: 11").utf8))
    #expect(end.recipe.applied == end.recipe.text)
    first.save()
    var second = try Desk(end.recipe, config: end.config, file: first.file)
    #expect(second.workspace?.history.document == end && second.driver.screen.contains("unsaved: -"))
    second.press("u u")
    #expect(second.recipe.applied == nil && second.recipe.text == end.recipe.text)
    second.press("u u u")
    #expect(second.workspace?.history.document == EditedConfig(config, recipe: start))
    #expect(second.workspace?.history.canUndo == false)
    // And all of it again in a third session.
    var third = try Desk(end.recipe, config: end.config, file: second.file)
    #expect(third.recipe == start && third.driver.screen.contains("unsaved: config.json recipe.cfg"))
    third.press(Array(repeating: "ctrl-r", count: 5).joined(separator: " "))
    #expect(third.workspace?.history.document == end)
  }

  @Test func `a recipe changed by somebody else is one more edit`() throws {
    let start = ProjectRecipe(text: Array(Self.text.utf8))
    var first = try Desk(start)
    first.press("x")
    first.save()
    let config = try #require(first.workspace).config
    let other = ProjectRecipe(text: Array("common_config { }\n".utf8))
    var second = try Desk(other, config: config, file: first.file)
    #expect(second.workspace?.history.undoLabel == "recipe.cfg changed outside")
    #expect(second.recipe == other)
    second.press("u")
    #expect(second.recipe == start)
  }

  @Test func `a history of a time without recipes is taken up`() throws {
    var first = try Desk()
    first.press("x")
    first.save()
    #expect(!first.file.contains("recipe\":") && !first.file.contains("applied"))
    let config = try #require(first.workspace).config
    let second = try Desk(config: config, file: first.file)
    #expect(second.workspace?.history.entries.map(\.label) == ["conv1: quantised -> float"])
    let third = try Desk(ProjectRecipe(text: Array(Self.text.utf8)), config: config, file: first.file)
    #expect(third.workspace?.history.entries.count == 2 && third.recipe.text == Array(Self.text.utf8))
  }

  @Test func `the list of edits says where the recipe was another`() throws {
    var desk = try Desk(ProjectRecipe(text: Array(Self.text.utf8)))
    desk.press("3 j j Enter + U g")
    #expect(desk.driver.screen.contains("against now: another recipe.cfg"), "\(desk.driver.screen)")
  }
}
