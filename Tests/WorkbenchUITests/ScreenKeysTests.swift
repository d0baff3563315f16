import ScreenTesting
import Testing

@testable import WorkbenchUI

/// From a key or a name to what it does, alike for every screen.
@Suite("Screen keys") struct ScreenKeysTests {
  /// Presses nothing: only asks for what is given here, as a palette would.
  private struct Caller: Sheet {
    let action: String
    func press(_ key: Key, _ session: inout Session, at time: Duration) -> SheetOutcome {
      session.perform(action)
      return .close
    }
    func draw(on canvas: inout Canvas, _ session: Session, at time: Duration) {}
  }

  private func driver(calling action: String) throws -> ScreenDriver<AppModel> {
    var model = AppModel(title: "shapes", look: Look())
    model.session.open(Caller(action: action))
    var driver = ScreenDriver(model)
    driver.send(.news(.opened(try Shapes.project())))
    _ = driver.takeRequests()
    return driver
  }

  @Test func `a screen's own key wins over the shared one`() throws {
    var driver = try Shapes.driver()
    let config = try #require(driver.session.workspace).config
    driver.send(.news(.saved(config)))
    // Saved already: the layers' own S is off, the shared one saves again.
    driver.press("S")
    #expect(driver.takeRequests().isEmpty && driver.screen.contains("everything is saved"))
    driver.press("8 S")
    #expect(driver.takeRequests() == [.effect(.save(config))])
  }

  @Test func `a key that is off says why`() throws {
    var driver = try Shapes.driver()
    driver.press("w")
    #expect(driver.screen.contains("no run yet: r starts one") && driver.session.prompt == nil)
  }

  @Test func `an action is done by its name as by its key`() throws {
    var driver = try driver(calling: "toggle")
    driver.press("Enter")
    let workspace = try #require(driver.session.workspace)
    #expect(workspace.history.undoLabel == "conv1: quantised -> float")
    var shown = try self.driver(calling: "log")
    shown.press("Enter")
    #expect(shown.session.screen == ScreenID(LogScreen.self))
  }

  @Test func `an action called by its name is off for the same reason`() throws {
    var driver = try driver(calling: "write")
    driver.press("Enter")
    #expect(driver.screen.contains("no run yet: r starts one"))
  }

  @Test func `an unknown name is said`() throws {
    var driver = try driver(calling: "fly")
    driver.press("Enter")
    #expect(driver.screen.contains("no action is called 'fly' here"))
  }

  @Test func `the digits of the catalog lead to their screens`() throws {
    var driver = try Shapes.driver()
    for type in ScreenCatalog.all {
      driver.press(type.tab.key)
      #expect(driver.session.screen == ScreenID(type), "\(type)")
    }
  }

  @Test func `no two screens have a digit or a name in common`() {
    #expect(Set(ScreenCatalog.all.map { $0.tab.key }).count == ScreenCatalog.all.count)
    #expect(Set(ScreenCatalog.all.map { $0.command.name }).count == ScreenCatalog.all.count)
  }

  @Test func `what a screen asks of another one is done when it appears`() throws {
    var driver = try Shapes.driver(runs: [Shapes.run(1, Shapes.defaults)])
    // The layer of the lowest cosine is prob, .846.
    driver.press("4 Enter")
    #expect(driver.session.screen == ScreenID(CompareScreen.self) && driver.session.selectedRow?.name == "prob")
    driver.press("Enter")
    #expect(driver.model[CompareScreen.self].detail.hasFocus)
  }
}
