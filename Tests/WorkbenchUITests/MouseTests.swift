import ScreenTesting
import Testing

@testable import WorkbenchUI

/// Clicks and the wheel.
@Suite("Mouse") struct MouseTests {
  /// Where a text stands on the screen.
  private func place(_ text: String, _ driver: ScreenDriver<AppModel>) throws -> Point {
    for (row, line) in driver.canvas.lines.enumerated() {
      if let range = line.firstRange(of: text) {
        return Point(column: line.distance(from: line.startIndex, to: range.lowerBound), row: row)
      }
    }
    Issue.record("'\(text)' is not on the screen: \(driver.screen)")
    throw CancellationError()
  }

  @Test func `a click chooses a row, another one a tab`() throws {
    var driver = try Shapes.driver(runs: [Shapes.run(1, Shapes.defaults)])
    driver.send(.mouse(Mouse(.press, at: try place("conv3_dw ", driver))))
    #expect(driver.session.selectedRow?.name == "conv3_dw")
    driver.send(.mouse(Mouse(.press, at: try place("5 Compare", driver))))
    #expect(driver.session.screen == ScreenID(CompareScreen.self))
  }

  @Test func `the wheel moves by three, over a sheet the sheet`() throws {
    var driver = try Shapes.driver()
    let start = try #require(driver.session.cursor)
    driver.send(.mouse(Mouse(.wheelDown, at: Point(column: 3, row: 5))))
    #expect(driver.session.cursor == start + 3)
    driver.send(.mouse(Mouse(.wheelUp, at: Point(column: 3, row: 5))))
    #expect(driver.session.cursor == start)
    driver.press(":")
    driver.send(.mouse(Mouse(.wheelDown, at: Point(column: 30, row: 10))))
    #expect(driver.session.cursor == start)
    let sheet = try #require(driver.session.sheets.last as? PaletteSheet)
    #expect(sheet.list.selection == 3)
  }

  @Test func `the line between the panes is dragged, and remembered`() throws {
    var driver = try Shapes.driver("120x40")
    // 60 % of 120 columns: the line is the last of 72.
    #expect(driver.session.layout.detail?.column == 71)
    driver.send(.mouse(Mouse(.press, at: Point(column: 71, row: 12))))
    driver.send(.mouse(Mouse(.release, at: Point(column: 59, row: 14))))
    #expect(driver.session.layout.detail?.column == 59 && driver.session.memory.split == 50)
    // A release without a hold moves nothing, and neither pane gets too narrow.
    driver.send(.mouse(Mouse(.release, at: Point(column: 90, row: 14))))
    #expect(driver.session.layout.detail?.column == 59)
    driver.send(.mouse(Mouse(.press, at: Point(column: 59, row: 12))))
    driver.send(.mouse(Mouse(.release, at: Point(column: 2, row: 14))))
    #expect(driver.session.memory.split == 30)
  }

  @Test func `a click elsewhere and a release do nothing`() throws {
    var driver = try Shapes.driver()
    let start = driver.session.cursor
    driver.send(.mouse(Mouse(.press, at: Point(column: 0, row: 39))))
    driver.send(.mouse(Mouse(.release, at: Point(column: 5, row: 9))))
    #expect(driver.session.cursor == start && driver.takeWork().isEmpty)
  }
}
