import ScreenTesting
import Testing

@testable import WorkbenchUI

/// What is asked before leaving.
@Suite("Quit sheet") struct QuitSheetTests {
  @Test func `unsaved edits are asked about`() throws {
    var driver = try Shapes.driver()
    driver.press("x q")
    #expect(driver.screen.contains("not saved"))
    driver.press("Enter")
    #expect(driver.takeWork().isEmpty)
    driver.press("q s")
    let config = try #require(driver.session.workspace).config
    #expect(driver.takeWork() == [.effect(.save(config))])
    driver.send(.news(.saved(config)))
    #expect(driver.takeWork() == [.quit(status: 0)])
  }

  @Test func `a save that fails does not quit`() throws {
    var driver = try Shapes.driver()
    driver.press("x q s")
    _ = driver.takeWork()
    driver.send(.news(.failed([.error("cannot write config.json: no space left")])))
    #expect(driver.takeWork().isEmpty)
    #expect(driver.screen.contains("no space left"))
  }

  @Test func `a running job can be left running, cancelled, or stayed with`() throws {
    var driver = try Shapes.driver()
    driver.press("r Enter")
    driver.send(.news(.started(run: 1)))
    _ = driver.takeWork()
    driver.press("q Esc")
    #expect(driver.takeWork().isEmpty)
    driver.press("q c")
    #expect(driver.takeWork() == [.effect(.cancel)])
    driver.send(.news(.ended(Shapes.run(1, []), status: 130, output: "")))
    #expect(driver.takeWork().contains(.quit(status: 0)))
  }
}
