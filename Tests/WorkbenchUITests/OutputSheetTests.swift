import ScreenTesting
import Testing

@testable import WorkbenchUI

/// Command lines in the palette.
@Suite("Output sheet") struct OutputSheetTests {
  private func driver(_ size: String = "80x24") throws -> ScreenDriver<AppModel> {
    var around = Surroundings()
    around.verbs = ["runs", "layers"]
    var driver = ScreenDriver(AppModel(title: "shapes", look: Look(), around: around), size: size)
    driver.send(.news(.opened(try Shapes.project())))
    _ = driver.takeRequests()
    return driver
  }

  @Test func `a line of the program is given to the program, whose output is shown`() throws {
    var driver = try driver()
    driver.press(":")
    driver.type("runs diff 2 '3'")
    driver.press("Enter")
    #expect(driver.takeWork() == [.effect(.verb(["runs", "diff", "2", "3"]))])
    let lines = (1...40).map { "line \($0)" }
    driver.send(
      .news(.verbEnded(["runs", "diff", "2", "3"], status: 0, output: lines.joined(separator: "\n") + "\n")))
    #expect(driver.screen.contains("cortado runs diff 2 3") && driver.screen.contains("line 1 "))
    driver.press("G")
    #expect(driver.screen.contains("line 40") && !driver.screen.contains("line 1 "))
    driver.press("y")
    #expect(driver.takeRequests().contains(.copy(lines.joined(separator: "\n"))))
    driver.press("Esc")
    #expect(driver.session.sheets.isEmpty)
  }

  @Test func `a status other than 0 is told`() throws {
    var driver = try driver()
    driver.send(.news(.verbEnded(["runs", "show", "9"], status: 3, output: "error: there is no run '9'\n")))
    #expect(driver.screen.contains("cortado runs show 9: 3") && driver.screen.contains("error: there is no run '9'"))
  }

  @Test func `a word that is no verb is still refused`() throws {
    var driver = try driver()
    driver.press(":")
    driver.type("fly away")
    driver.press("Enter")
    #expect(driver.screen.contains("there is no command 'fly away'"))
  }
}
