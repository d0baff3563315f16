import Quantization
import ScreenTesting
import Testing

@testable import WorkbenchUI

/// The list of all edits, and that of one layer.
@Suite("History sheet") struct HistorySheetTests {
  /// conv1: 12 bits, 16 bits, both undone, then float: two branches.
  private func driver(_ size: String = "80x24") throws -> ScreenDriver<AppModel> {
    var driver = try Shapes.driver(size)
    driver.press("b b u u x")
    driver.advance(by: .seconds(75))
    return driver
  }

  private func bits(_ driver: ScreenDriver<AppModel>) throws -> Int? {
    try #require(driver.session.workspace).config.effective(layer: "conv1", input: 0)?.numBits
  }

  @Test(arguments: ["80x24", "60x16"]) func `edits with their branches, and what the selected one would change`(
    _ size: String
  ) throws {
    var driver = try driver(size)
    driver.press("U k")
    try driver.expect("app/history-\(size)")
  }

  @Test func `Enter goes to a state of another branch, undo and redo go on from there`() throws {
    var driver = try driver()
    driver.press("U k Enter")
    #expect(try bits(driver) == 16)
    #expect(driver.screen.contains("now as after 'conv1: num_bits 12 -> 16'"))
    driver.press("u")
    #expect(try bits(driver) == 12)
    driver.press("U G Enter")
    #expect(try #require(driver.session.workspace).config.isEnabled("conv1") == false)
  }

  @Test func `a jump is no edit`() throws {
    var driver = try driver()
    driver.press("U g Enter")
    let history = try #require(driver.session.workspace).history
    #expect(history.current == 0 && history.entries.count == 3)
    #expect(driver.screen.contains("unsaved: -"))
  }

  @Test func `Esc leaves all as it is`() throws {
    var driver = try driver()
    let before = try #require(driver.session.workspace).config
    driver.press("U g Esc")
    #expect(driver.session.workspace?.config == before && driver.session.sheets.isEmpty)
  }

  @Test func `a layer takes back settings it had, as one more edit`() throws {
    var driver = try driver()
    // An edit of another layer does not show there, and stays.
    driver.press("j j j j x")
    let other = try #require(driver.session.selectedRow?.name)
    driver.press("k k k k H")
    #expect(driver.screen.contains("History of conv1") && !driver.screen.contains("\(other): quantised"))
    driver.press("g j Enter")
    let workspace = try #require(driver.session.workspace)
    #expect(try bits(driver) == 12)
    #expect(!workspace.config.isEnabled(other))
    #expect(workspace.history.undoLabel == "conv1: as after 'conv1: num_bits 8 -> 12'")
  }

  @Test func `without edits the keys say so`() throws {
    var driver = try Shapes.driver()
    driver.press("U")
    #expect(driver.screen.contains("no edit yet"))
    driver.press("H")
    #expect(driver.screen.contains("this layer has not been edited"))
  }

  @Test(arguments: [
    (-3.0, "now"), (0.5, "now"), (1.0, "1s"), (59.9, "59s"), (60.0, "1m"), (3599.0, "59m"), (3600.0, "1h"),
    (86_399.0, "23h"), (86_400.0, "1d"), (.nan, "now"), (.infinity, "now"),
  ]) func `ages are short`(_ seconds: Double, _ words: String) { #expect(Digits.age(seconds) == words) }
}
