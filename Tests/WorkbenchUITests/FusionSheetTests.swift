import Quantization
import ScreenTesting
import Testing

@testable import QuantEngine
@testable import WorkbenchUI

/// Layers that fusion leaves out, picked from a list.
@Suite("Fusion sheet") struct FusionSheetTests {
  private static let sizes = ["120x40", "80x24"]

  private func find(_ filter: String, _ driver: inout ScreenDriver<AppModel>) {
    driver.press("/ ctrl-u")
    driver.type(filter)
    driver.press("Enter")
  }

  private func driver(_ size: String = "120x40") throws -> ScreenDriver<AppModel> {
    let config = try Shapes.project().config
    var driver = try Shapes.driver(
      size, runs: [Shapes.run(2, Shapes.repaired, config: config), Shapes.run(1, Shapes.defaults, config: config)])
    _ = driver.takeRequests()
    return driver
  }

  @Test func `skip_fusion_layers is picked from layers that something is folded into`() throws {
    var driver = try driver()
    driver.press("g Enter")
    while driver.model[LayersScreen.self].detail.selectedField(driver.session)?.path.field != .skipFusionLayers {
      driver.press("j")
    }
    driver.press("Enter")
    #expect(driver.screen.contains("takes in conv1_bn, conv1_scale") && !driver.screen.contains("pool1  "))
    driver.press("space")
    driver.type("fc")
    driver.press("Esc Enter")
    let workspace = try #require(driver.session.workspace)
    #expect(workspace.config.skipFusionLayers == ["conv1"])
    #expect(workspace.rows.first { $0.name == "conv1_bn" }?.fusedInto == nil)
  }
}
