import Diagnostics
import ScreenTesting
import Testing

@testable import WorkbenchUI

/// What holds for all screens: opening, the one cursor, saving, leaving.
@Suite("Workbench model") struct AppModelTests {
  @Test func `before the model is read the screen says so and asks for it`() throws {
    let driver = ScreenDriver(AppModel(title: "shapes", look: Look()))
    #expect(driver.requests == [.effect(.open)])
    #expect(driver.screen.contains("reading shapes"))
  }

  @Test func `a model that cannot be read is explained`() throws {
    var driver = ScreenDriver(AppModel(title: "shapes", look: Look()))
    let place = SourceLocation(file: "shapes.prototxt", line: 3, column: 7)
    driver.send(.news(.refused([.error("unknown field 'nmae'", at: place, help: ["did you mean 'name'?"])])))
    #expect(driver.screen.contains("shapes.prototxt:3:7: error: unknown field 'nmae'"))
    #expect(driver.screen.contains("did you mean 'name'?"))
    driver.press("q")
    #expect(driver.takeWork().last == .quit(status: 0))
  }

  @Test func `empty screens say what will be there and which key fills them`() throws {
    var driver = try Shapes.driver("80x24")
    driver.press("5")
    #expect(driver.screen.contains("No run yet") && driver.screen.contains("r starts one"))
    driver.press("4")
    #expect(driver.screen.contains("No run yet") && driver.screen.contains("r starts one"))
  }

  @Test func `too small a terminal can still be left`() throws {
    var driver = try Shapes.driver("59x15")
    driver.press("q")
    #expect(driver.takeWork() == [.quit(status: 0)])
  }

  @Test func `saving clears what is unsaved`() throws {
    var driver = try Shapes.driver()
    driver.press("x")
    #expect(driver.screen.contains("unsaved: config.json"))
    driver.press("S")
    let config = try #require(driver.session.workspace).config
    #expect(driver.takeWork() == [.effect(.save(config))])
    driver.send(.news(.saved(config)))
    #expect(!driver.screen.contains("unsaved: config.json"))
    driver.press("u")
    #expect(driver.screen.contains("unsaved: config.json"))
  }

  @Test func `the cursor is the same layer on all screens`() throws {
    var driver = try Shapes.driver(runs: [Shapes.run(1, Shapes.defaults)])
    driver.press("5 J")
    #expect(driver.session.selectedRow?.name == "conv3_dw")
    driver.press("2")
    let layers = driver.model[LayersScreen.self]
    #expect(layers.rows.shown[layers.list.selection] == driver.session.cursor.map { .layer($0) })
    // A fused layer stands for its host.
    driver.press("j 5")
    #expect(driver.session.selectedRow?.name == "conv3_dw_bn")
    let compare = driver.model[CompareScreen.self]
    let row = compare.rows[compare.list.selection]
    #expect(driver.session.workspace?.rows[row].name == "conv3_dw")
  }

  @Test func `edits since the last run are counted`() throws {
    let project = try Shapes.project()
    var driver = try Shapes.driver(runs: [Shapes.run(1, Shapes.defaults, config: project.config)])
    #expect(!driver.screen.contains("not run yet"))
    driver.press("x")
    #expect(driver.screen.contains("1 edit not run yet"))
    #expect(driver.screen.contains("2 E *   conv1"))
  }

  @Test func `Ctrl-C twice quits, once does not`() throws {
    var driver = try Shapes.driver()
    driver.press("ctrl-c")
    #expect(driver.takeWork().isEmpty)
    driver.press("j ctrl-c")
    #expect(driver.takeWork().isEmpty)
    driver.press("ctrl-c")
    #expect(driver.takeWork() == [.quit(status: 0)])
  }
}
