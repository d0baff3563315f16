import Quantization
import ScreenTesting
import Testing

@testable import WorkbenchUI

/// Applying a recipe over values set by hand.
@Suite("Apply recipe sheet") struct ApplyRecipeSheetTests {
  /// conv1 at 12 bits by hand, fc6 float by hand; the recipe has both otherwise.
  private func driver(_ size: String = "120x40") throws -> ScreenDriver<AppModel> {
    let text = """
      common_config { ifmr_quantize { num_bits: 9 } }
      skip_layers: "conv5"

      """
    var driver = try Shapes.driver(recipe: text, size)
    driver.press("2")
    for layer in ["conv1", "fc6"] {
      driver.press("/")
      driver.type("name:\(layer)")
      driver.press("Enter \(layer == "conv1" ? "b" : "x") Esc")
    }
    driver.press("3 A")
    return driver
  }

  private func bits(_ layer: String) -> ConfigPath { ConfigPath(.activationBits, layer: layer) }

  @Test(arguments: ["120x40", "80x24", "60x16"]) func `it lists what was set by hand, and what the config becomes`(
    _ size: String
  ) throws {
    var driver = try driver(size)
    driver.press("space")
    try driver.expect("recipe/apply-\(size)")
  }

  @Test func `mine is kept layer by layer, and one step undoes it all`() throws {
    var driver = try driver()
    let before = try #require(driver.session.workspace).config
    // The lists are in the order of config.json: conv1, fc6. conv1 takes the recipe's, fc6 keeps.
    driver.press("space Enter")
    #expect(driver.value(bits("conv1")) == "9" && driver.value(bits("conv4_a")) == "9")
    let config = try #require(driver.session.workspace).config
    #expect(!config.isEnabled("fc6") && !config.isEnabled("conv5"))
    #expect(driver.screen.contains("recipe applied, 1 of 2 kept as set by hand (u undoes)"))
    driver.press("u")
    #expect(driver.session.workspace?.config == before)
    #expect(driver.session.workspace?.recipe.applied == nil)
  }

  @Test func `t takes the recipe for all, m keeps all`() throws {
    var driver = try driver()
    driver.press("t Enter")
    #expect(driver.value(bits("conv1")) == "9")
    #expect(driver.session.workspace?.config.isEnabled("fc6") == true)
    driver.press("u A t m Enter")
    #expect(driver.value(bits("conv1")) == "12")
    #expect(driver.session.workspace?.config.isEnabled("fc6") == false)
  }

  @Test func `what was kept counts as set by hand the next time`() throws {
    var driver = try driver()
    driver.press("m Enter A")
    let sheet = try #require(driver.session.sheets.last as? ApplyRecipeSheet)
    #expect(sheet.conflicts.map(\.layer) == ["conv1", "fc6"] && sheet.changes.isEmpty)
  }

  @Test func `Esc changes nothing`() throws {
    var driver = try driver()
    let before = try #require(driver.session.workspace).history.current
    driver.press("t Esc")
    #expect(driver.session.workspace?.history.current == before && driver.session.sheets.isEmpty)
  }
}
