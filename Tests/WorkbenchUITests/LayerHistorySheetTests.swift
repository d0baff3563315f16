import Quantization
import ScreenTesting
import Testing

@testable import QuantEngine
@testable import WorkbenchUI

/// What a layer was set to, and what each run made of it.
@Suite("Layer history sheet") struct LayerHistorySheetTests {
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

  @Test(arguments: sizes) func `history of a layer with the metric of each run`(_ size: String) throws {
    var driver = try driver(size)
    let workspace = try #require(driver.session.workspace)
    find("name:conv3_dw", &driver)
    driver.press("b H")
    #expect(driver.takeWork() == [.effect(.readLayer("conv3_dw"))])
    let was = workspace.config.layers["conv3_dw"]
    var wide = workspace.config
    try wide.set(ConfigPath(.activationBits, layer: "conv3_dw"), text: "16", graph: workspace.graph)
    let metric = workspace.metrics["conv3_dw"]
    var poor = metric
    poor?.cosine = 0.93
    driver.send(
      .news(
        .layerRuns(
          layer: "conv3_dw",
          [
            LayerRun(run: 3, settings: wide.layers["conv3_dw"], metric: metric),
            LayerRun(run: 2, settings: was, metric: poor), LayerRun(run: 1, settings: was, metric: poor),
          ])))
    try driver.expect("layers/history-\(size)")
    // What only run 3 had is taken like what an edit made.
    driver.press("G Enter")
    #expect(driver.session.workspace?.config.effective(layer: "conv3_dw", input: 0)?.numBits == 16)
    #expect(driver.session.workspace?.history.undoLabel == "conv3_dw: as in run 3")
  }
}
