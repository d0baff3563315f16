import Quantization
import ScreenTesting
import Testing

@testable import QuantEngine
@testable import WorkbenchUI

/// What differs from file, run and default.
@Suite("Layer diff sheet") struct LayerDiffSheetTests {
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

  @Test(arguments: sizes) func `difference to file, run and default`(_ size: String) throws {
    var driver = try driver(size)
    driver.press("b x d")
    try driver.expect("layers/diff-\(size)")
    driver.press("d d")
    #expect(driver.screen.contains("[default]"))
    driver.press("Enter")
    let workspace = try #require(driver.session.workspace)
    #expect(workspace.config.layers["conv1"] == workspace.saved.layers["conv1"])
  }
}
