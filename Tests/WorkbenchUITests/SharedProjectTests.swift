import QuantEngine
import Quantization
import ScreenTesting
import Testing

@testable import WorkbenchUI

/// Others in the same project: a workbench that has it, a config.json that is written outside.
@Suite("Shared project") struct SharedProjectTests {
  private func readOnly() throws -> ScreenDriver<AppModel> {
    var driver = ScreenDriver(AppModel(title: "shapes", look: Look()), size: "120x40")
    driver.send(.news(.held(ProjectHold(ProjectLock.Holder(pid: 123, host: "builder")))))
    driver.send(.news(.opened(try Shapes.project())))
    _ = driver.takeRequests()
    return driver
  }

  @Test func `a second workbench changes nothing and says who has the project`() throws {
    var driver = try readOnly()
    #expect(driver.screen.contains("READ-ONLY") && driver.screen.contains("process 123 on builder has the project"))
    let before = try #require(driver.session.workspace).config
    for key in ["x", "b", "r", "S", "u", "D"] {
      driver.press(key)
      #expect(driver.screen.contains("opened read-only: process 123 on builder works on this project"), "\(key)")
    }
    // A field in the form, too.
    driver.press("Enter Space")
    #expect(driver.session.workspace?.config == before)
    #expect(driver.takeRequests().isEmpty)
    driver.press("Esc q")
    #expect(driver.takeWork() == [.quit(status: 0)])
  }

  @Test func `a second workbench follows the runs of the first without touching them`() throws {
    var driver = try readOnly()
    driver.send(.news(.attached(run: 4)))
    driver.send(.news(.events(Shapes.events(until: .searching))))
    driver.press("4")
    _ = driver.takeWork()
    #expect(driver.screen.contains("Run 4: under way"))
    driver.press("p K")
    #expect(driver.takeWork().isEmpty)
    driver.press("q")
    #expect(driver.takeWork() == [.quit(status: 0)])
  }

  @Test func `it may edit when the other has closed`() throws {
    var driver = try readOnly()
    driver.send(.news(.held(nil)))
    driver.press("x")
    #expect(driver.screen.contains("conv1: quantised -> float"))
    #expect(!driver.screen.contains("READ-ONLY"))
  }
}
