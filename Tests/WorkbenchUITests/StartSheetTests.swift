import ScreenTesting
import Testing

@testable import WorkbenchUI

/// What is asked before a run.
@Suite("Start sheet") struct StartSheetTests {
  @Test func `the start sheet compares images with what the config asks for`() throws {
    var driver = try Shapes.driver("80x24")
    driver.press("r")
    try driver.expect("app/start-80x24")
    // 64 images at 8 a batch: 8 batches are all, 9 are too many.
    driver.press("+ + + + + + + +")
    #expect(driver.screen.contains("72 of 64 found"))
    #expect(!driver.screen.contains("Enter start"))
    driver.press("Enter")
    #expect(driver.takeWork().isEmpty)
    driver.press("r - Enter")
    let wanted = try #require(driver.session.workspace).config
    #expect(wanted.batchNum == 8)
    #expect(driver.takeWork() == [.effect(.start(wanted))])
  }
}
