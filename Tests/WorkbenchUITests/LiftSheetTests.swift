import Quantization
import ScreenTesting
import Testing

@testable import WorkbenchUI

/// Values set by hand become rules.
@Suite("Lift sheet") struct LiftSheetTests {
  private func edited(_ size: String = "80x24") throws -> ScreenDriver<AppModel> {
    var driver = try Shapes.driver(recipe: "# mine\ncommon_config { }\n", size, applied: "# mine\ncommon_config { }\n")
    driver.press("2 b 3")
    return driver
  }

  @Test func `hand edits become a rule; the comment stays, and the recipe makes the config`() throws {
    var driver = try edited()
    driver.press("i")
    try driver.expect("recipe/lift-80x24")
    driver.press("Enter")
    #expect(
      driver.recipe == """
        # mine
        common_config { }
        override_layer_configs {
          layer_name: "conv1"
          calibration_config {
            ifmr_quantize {
              num_bits: 12
            }
          }
        }

        """)
    #expect(driver.recipeScreen.reading.effect?.changes.isEmpty == true)
    let workspace = try #require(driver.session.workspace)
    #expect(
      workspace.fields(of: workspace.index(of: "conv1")).first { $0.path.field == .activationBits }?.provenance
        == .recipeLayer)
    driver.press("i")
    #expect(driver.screen.contains("nothing to lift"))
    driver.press("u")
    #expect(driver.recipe == "# mine\ncommon_config { }\n")
  }

  @Test func `what a recipe cannot say is listed, the rest is lifted`() throws {
    var driver = try edited()
    driver.press("2 Enter")
    let screen = { (driver: ScreenDriver<AppModel>) in driver.model[LayersScreen.self] }
    for _ in 0..<20 where screen(driver).detail.selectedField(driver.session)?.path.field != .withOffset {
      driver.press("j")
    }
    driver.press("space Esc 3 i")
    // activation_offset is true and with_offset inherits; the word after inherit is true: the same in force.
    #expect(!driver.screen.contains("cannot be said"), "\(driver.screen)")
    driver.press("Esc 2 Enter")
    for _ in 0..<20 where screen(driver).detail.selectedField(driver.session)?.path.field != .withOffset {
      driver.press("j")
    }
    driver.press("space Esc 3 i")
    #expect(driver.screen.contains("cannot be said in a recipe, stays set by hand: 1"), "\(driver.screen)")
    #expect(driver.screen.contains("with_offset of a layer"))
  }

  @Test func `without a recipe one is written`() throws {
    var driver = try Shapes.driver()
    driver.press("b 3 i Enter")
    #expect(driver.recipe?.contains("layer_name: \"conv1\"") == true)
    #expect(driver.recipeScreen.reading.effect?.changes.isEmpty == true)
  }
}
