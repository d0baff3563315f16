import ScreenTesting
import Testing

@testable import WorkbenchUI

/// Screen 8: all messages.
@Suite("Log screen") struct LogScreenTests {
  @Test func `a long message can be read whole in the log`() throws {
    var driver = try Shapes.driver("60x16")
    let end = "the end of it all"
    driver.send(.news(.failed([.error("this is a long story about a file that cannot be written, and \(end)")])))
    driver.press("8")
    #expect(driver.screen.contains(end), "\(driver.screen)")
  }
}
