import ScreenTesting
import Testing

@testable import WorkbenchUI

/// Lines typed below the screen.
@Suite("Prompts") struct PromptTests {
  @Test func `a filter works while it is typed, and Esc takes it back`() throws {
    var driver = try Shapes.driver()
    driver.press("/")
    driver.type("name:conv3_dw")
    #expect(driver.model[LayersScreen.self].rows.shown.count == 1)
    #expect(driver.session.selectedRow?.name == "conv3_dw")
    driver.press("Esc")
    #expect(driver.model[LayersScreen.self].rows.shown.count == 47 && driver.session.prompt == nil)
  }

  @Test func `pasted text is typed into the prompt`() throws {
    var driver = try Shapes.driver()
    driver.press("/")
    driver.send(.paste("name:fc6"))
    #expect(driver.session.selectedRow?.name == "fc6")
  }

  @Test func `a text that the rule refuses stays, with the reason`() throws {
    var driver = try Shapes.driver(runs: [Shapes.run(1, Shapes.defaults)])
    driver.press("w ctrl-u Enter")
    #expect(driver.screen.contains("must not be empty") && driver.session.prompt != nil)
    driver.type("out/")
    driver.press("Enter")
    #expect(driver.screen.contains("a name must follow the folder"))
    #expect(driver.takeRequests().isEmpty)
  }
}
