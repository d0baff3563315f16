import ScreenTesting
import Testing

@testable import WorkbenchUI

/// What is asked before a run is cancelled.
@Suite("Cancel sheet") struct CancelSheetTests {
  @Test func `cancelling asks first`() throws {
    var driver = try Shapes.driver()
    driver.press("r Enter")
    driver.send(.news(.started(run: 1)))
    _ = driver.takeRequests()
    driver.press("K Enter")
    #expect(driver.takeRequests().isEmpty)
    driver.press("K y")
    #expect(driver.takeRequests() == [.effect(.cancel)])
  }
}
