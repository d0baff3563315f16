import Quantization
import ScreenTesting
import Testing

@testable import QuantEngine
@testable import WorkbenchUI

/// Settings of one layer pasted to others.
@Suite("Paste sheet") struct PasteSheetTests {
  private func find(_ filter: String, _ driver: inout ScreenDriver<AppModel>) {
    driver.press("/ ctrl-u")
    driver.type(filter)
    driver.press("Enter")
  }

  private func config(_ driver: ScreenDriver<AppModel>) throws -> QuantConfig {
    try #require(driver.session.workspace).config
  }

  @Test func `p pastes what y copied`() throws {
    var driver = try Shapes.driver()
    driver.press("b y")
    find("name:concat4", &driver)
    driver.press("p")
    #expect(driver.screen.contains("Paste settings to concat4 from") && driver.screen.contains("copied last"))
    driver.press("Enter")
    // One input's settings serve both of the concat.
    for input in 0...1 { #expect(try config(driver).effective(layer: "concat4", input: input)?.numBits == 12) }
    #expect(driver.session.workspace?.history.undoLabel == "concat4: settings of conv1")
  }

  @Test func `paste finds another layer by its name, and does not paste what is illegal there`() throws {
    var driver = try Shapes.driver()
    let before = try config(driver)
    find("name:fc6", &driver)
    driver.press("p")
    driver.type("conv5")
    driver.press("Enter")
    // Convolutions are channel-wise, which an InnerProduct must not be.
    #expect(driver.screen.contains("channel_wise"))
    #expect(try config(driver) == before)
  }
}
