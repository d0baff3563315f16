import ScreenTesting
import Testing

@testable import WorkbenchUI

/// What is asked before a run is cancelled.
@Suite("Cancel sheet") struct CancelSheetTests {
  @Test func `cancelling a run of more than ten seconds asks first`() throws {
    var driver = try Shapes.driver()
    driver.press("r Enter")
    driver.send(.news(.started(run: 1)))
    driver.send(.news(.events(Shapes.events(until: .searching))))
    driver.advance(by: .seconds(11))
    _ = driver.takeRequests()
    driver.press("K")
    // conv1 has its factors, pool1 failed, conv3_dw is being searched.
    #expect(driver.screen.contains("Its 1 finished layer are kept"))
    driver.press("Enter")
    #expect(driver.takeRequests().isEmpty)
    driver.press("K y")
    #expect(driver.takeRequests() == [.effect(.cancel)])
  }

  @Test func `a young run is cancelled at once`() throws {
    var driver = try Shapes.driver()
    driver.press("r Enter")
    driver.send(.news(.started(run: 1)))
    driver.advance(by: .seconds(9))
    _ = driver.takeRequests()
    driver.press("K")
    #expect(driver.takeRequests() == [.effect(.cancel)])
  }
}
