import ScreenTesting
import Testing

@testable import WorkbenchUI

/// What is asked before a run is deleted.
@Suite("Delete run sheet") struct DeleteRunSheetTests {
  @Test func `deleting asks, and refuses a pinned run`() throws {
    var driver = try RunsScreenTests.driver()
    _ = driver.takeWork()
    driver.press("X Enter")
    #expect(driver.takeWork().isEmpty)
    driver.press("X y")
    #expect(driver.takeWork() == [.effect(.changeRun(5, .delete))])
    driver.press("j j j X")
    #expect(driver.screen.contains("run 2 is pinned: P takes the pin away"))
    driver.press("y")
    #expect(!driver.takeWork().contains(.effect(.changeRun(2, .delete))))
    driver.press("P")
    #expect(driver.takeWork() == [.effect(.changeRun(2, .pin(false)))])
  }
}
