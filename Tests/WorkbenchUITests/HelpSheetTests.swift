import ScreenTesting
import Testing

@testable import WorkbenchUI

/// The keys of a screen.
@Suite("Help sheet") struct HelpSheetTests {
  @Test func `help lists the keys of the screen from the key table`() throws {
    var driver = try Shapes.driver("80x24")
    driver.press("5 ?")
    try driver.expect("app/help-80x24")
    driver.type("undo")
    #expect(driver.screen.contains("take back the last edit"))
    #expect(driver.screen.contains("(now off:"))
    driver.press("Esc Esc")
    #expect(!driver.screen.contains("Help:"))
  }
}
