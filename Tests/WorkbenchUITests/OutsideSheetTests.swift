import Quantization
import ScreenTesting
import Testing

@testable import WorkbenchUI

/// A config.json that is written outside while the workbench is open.
@Suite("Outside sheet") struct OutsideSheetTests {
  /// conv1 at 12 bits here, unsaved; outside conv3_dw at 16 bits.
  private func changed(alsoHere: Bool = true) throws -> (ScreenDriver<AppModel>, outside: QuantConfig) {
    var driver = try Shapes.driver("80x24")
    let workspace = try #require(driver.session.workspace)
    if alsoHere { driver.press("b") }
    var outside = workspace.saved
    try outside.set(ConfigPath(.activationBits, layer: "conv3_dw"), text: "16", graph: workspace.graph)
    driver.send(.news(.changedOutside(outside)))
    return (driver, outside)
  }

  private func bits(_ driver: ScreenDriver<AppModel>) throws -> [Int?] {
    let workspace = try #require(driver.session.workspace)
    return ["conv1", "conv3_dw"].map {
      workspace.config.value(ConfigPath(.activationBits, layer: $0), workspace.graph)?.int
    }
  }

  @Test func `who changed what is told, and three answers`() throws {
    try changed().0.expect("app/outside-80x24")
  }

  @Test func `the disk's is taken as one edit`() throws {
    var (driver, outside) = try changed()
    driver.press("t")
    #expect(driver.session.workspace?.config == outside)
    #expect(driver.session.workspace?.isUnsaved == false)
    driver.press("u")
    #expect(try bits(driver) == [12, 8])
    #expect(driver.session.workspace?.isUnsaved == true)
  }

  @Test func `own settings are kept, undo leads to the disk's`() throws {
    var (driver, _) = try changed()
    driver.press("o")
    #expect(try bits(driver) == [12, 8])
    #expect(driver.session.workspace?.isUnsaved == true)
    driver.press("u")
    #expect(try bits(driver) == [8, 16])
    #expect(driver.session.workspace?.isUnsaved == false)
  }

  @Test func `a merge has the edits of both sides`() throws {
    var (driver, _) = try changed()
    driver.press("m")
    #expect(try bits(driver) == [12, 16])
    driver.press("u")
    #expect(try bits(driver) == [8, 16])
  }

  @Test func `saving asks again while it is undecided`() throws {
    var (driver, _) = try changed()
    driver.press("Esc")
    _ = driver.takeWork()
    driver.press("S")
    #expect(driver.takeWork().isEmpty)
    #expect(driver.screen.contains("config.json was changed outside"))
    driver.press("o S")
    #expect(driver.takeWork() == [.effect(.save(try #require(driver.session.workspace).config))])
  }

  @Test func `who is typing is not interrupted`() throws {
    var driver = try Shapes.driver("80x24")
    let workspace = try #require(driver.session.workspace)
    var outside = workspace.saved
    try outside.set(ConfigPath(.activationBits, layer: "conv3_dw"), text: "16", graph: workspace.graph)
    driver.press("b /")
    driver.send(.news(.changedOutside(outside)))
    driver.type("t")
    #expect(driver.session.prompt?.editor.field.text == "t")
    driver.press("Esc")
    #expect(driver.screen.contains("take the disk's"))
  }
}
