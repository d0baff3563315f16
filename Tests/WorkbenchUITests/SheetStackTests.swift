import QuantEngine
import ScreenTesting
import Testing

@testable import WorkbenchUI

/// Sheets lie over the screen, one above the other.
@Suite("Sheet stack") struct SheetStackTests {
  /// Says its name in the upper left corner; `n` opens the next above it, `c` closes, `d` closes and rings.
  private struct Leaf: Sheet {
    var name: Character
    var pasted = ""

    mutating func press(_ key: Key, _ session: inout Session, at time: Duration) -> SheetOutcome {
      switch key {
      case .character("n"):
        session.open(Leaf(name: "B"))
        return .stay
      case .character("r"):
        session.open(Leaf(name: "C"))
        return .close
      case .character("c"): return .close
      case .character("d"): return .done([.bell])
      default: return .stay
      }
    }
    mutating func paste(_ text: String) { pasted += text }
    func hear(_ news: AppNews, _ session: inout Session, at time: Duration) -> SheetOutcome {
      if case .written = news { .close } else { .stay }
    }
    func draw(on canvas: inout Canvas, _ session: Session, at time: Duration) {
      canvas.put("<\(name)\(pasted)>", column: 0, row: 0)
    }
  }

  private func driver() -> ScreenDriver<AppModel> {
    var model = AppModel(title: "shapes", look: Look())
    model.session.open(Leaf(name: "A"))
    var driver = ScreenDriver(model)
    _ = driver.takeRequests()
    return driver
  }

  private func top(_ driver: ScreenDriver<AppModel>) -> String { String(driver.screen.prefix(3)) }

  @Test func `a sheet opened by a sheet lies above it until it closes`() {
    var driver = driver()
    driver.press("n")
    #expect(top(driver) == "<B>" && driver.session.sheets.count == 2)
    driver.press("c")
    #expect(top(driver) == "<A>")
    driver.press("c")
    #expect(driver.session.sheets.isEmpty)
  }

  @Test func `a sheet can be replaced by another`() {
    var driver = driver()
    driver.press("r")
    #expect(top(driver) == "<C>" && driver.session.sheets.count == 1)
  }

  @Test func `what a sheet asks for is passed on`() {
    var driver = driver()
    driver.press("d")
    #expect(driver.takeRequests() == [.bell] && driver.session.sheets.isEmpty)
  }

  @Test func `keys and pasted text go to the sheet on top alone`() {
    var driver = driver()
    driver.press("n 8")
    driver.send(.paste("xy"))
    #expect(driver.screen.hasPrefix("<Bxy>"))
    #expect(driver.session.screen == ScreenID(ScreenCatalog.start))
    driver.press("c")
    #expect(top(driver) == "<A>")
  }

  @Test func `news close the sheets they answer, also below`() {
    var driver = driver()
    driver.press("n")
    driver.send(.news(.written(path: "p")))
    #expect(driver.session.sheets.isEmpty)
  }

  @Test func `the end of a run takes away questions about it`() throws {
    var driver = try Shapes.driver()
    driver.press("r Enter")
    driver.send(.news(.started(run: 1)))
    driver.advance(by: .seconds(11))
    driver.press("K")
    #expect(driver.session.sheets.count == 1)
    driver.send(.news(.ended(Shapes.run(1, Shapes.defaults), status: 0, output: "")))
    #expect(driver.session.sheets.isEmpty)
    // A question about the config stays.
    driver.press("2 x q")
    driver.send(.news(.ended(Shapes.run(1, Shapes.defaults), status: 0, output: "")))
    #expect(driver.session.sheets.count == 1)
  }
}
