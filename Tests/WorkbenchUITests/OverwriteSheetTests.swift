import ScreenTesting
import Testing

@testable import WorkbenchUI

/// Writing the models of a run over what is there.
@Suite("Overwrite sheet") struct OverwriteSheetTests {
  @Test func `files that are there are overwritten only when told so`() throws {
    var driver = try Shapes.driver(runs: [Shapes.run(3, Shapes.defaults)])
    driver.press("w ctrl-u")
    driver.type("out/net")
    driver.press("Enter")
    #expect(driver.takeRequests() == [.effect(.export(run: 3, prefix: "out/net", overwriting: false))])
    driver.send(
      .news(
        .wouldOverwrite(
          ["out/net_deploy_model.prototxt"], then: .export(run: 3, prefix: "out/net", overwriting: true))))
    driver.press("Enter")
    #expect(driver.takeRequests().isEmpty)
    driver.send(
      .news(
        .wouldOverwrite(
          ["out/net_deploy_model.prototxt"], then: .export(run: 3, prefix: "out/net", overwriting: true))))
    driver.press("y")
    #expect(driver.takeRequests() == [.effect(.export(run: 3, prefix: "out/net", overwriting: true))])
  }
}
