import Quantization
import ScreenTesting
import Testing

@testable import WorkbenchUI

/// What can be added to a recipe, by one key each.
@Suite("Add rule sheet") struct AddRuleSheetTests {
  @Test func `it offers what can still be added`() throws {
    var driver = try Shapes.driver(recipe: "common_config { }\n", "80x24")
    driver.press("a")
    try driver.expect("recipe/add-80x24")
    // There is a common rule already.
    #expect(!driver.screen.contains("c  common_config"))
    driver.press("b")
    #expect(driver.recipe == "bn_update_config { }\ncommon_config { }\n", "\(driver.recipe ?? "")")
    driver.press("a")
    #expect(!driver.screen.contains("b  bn_update_config"))
  }

  @Test(arguments: [
    ("t", "Pooling", RecipeNode.Part.block(.type("Pooling"))), ("l", "fc6", .block(.layer("fc6"))),
    ("s", "conv1", .name("conv1", .skipLayers)), ("k", "Eltwise", .name("Eltwise", .skipLayerTypes)),
    ("f", "conv1", .name("conv1", .skipFusionLayers)),
  ]) func `each key asks for its name and adds it`(_ key: String, _ name: String, _ part: RecipeNode.Part) throws {
    var driver = try Shapes.driver(recipe: "common_config { }\n")
    driver.press("a \(key)")
    driver.type(name)
    driver.press("Enter")
    #expect(driver.recipeScreen.part == part, "\(driver.screen)")
    driver.press("u")
    #expect(driver.recipe == "common_config { }\n")
  }

  @Test func `arrows go through the names`() throws {
    var driver = try Shapes.driver(recipe: "common_config { }\n")
    // The first one is that of the layer under the cursor, conv1.
    driver.press("a l down Enter")
    #expect(driver.recipeScreen.part == .block(.layer("conv1")), "\(driver.screen)")
  }

  @Test func `Esc adds nothing`() throws {
    var driver = try Shapes.driver(recipe: "common_config { }\n")
    driver.press("a Esc")
    #expect(driver.session.sheets.isEmpty && driver.recipe == "common_config { }\n")
  }
}
