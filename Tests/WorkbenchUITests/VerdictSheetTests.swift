import Quantization
import ScreenTesting
import Testing

@testable import QuantEngine
@testable import WorkbenchUI

/// From marks to the verdict, and back.
@Suite("Verdict sheet") struct VerdictSheetTests {
  private func driver(_ size: String = "80x24") throws -> ScreenDriver<AppModel> {
    let config = try Shapes.project().config
    var driver = try Shapes.driver(size, runs: [Shapes.run(1, Shapes.defaults, config: config)])
    driver.press("6 g")
    return driver
  }

  /// Two layers are marked; conv3_dw gets better, conv1 does not.
  private func judged(_ size: String = "80x24") throws -> ScreenDriver<AppModel> {
    var driver = try driver(size)
    // conv1 is fourth.
    driver.press("space j j space a")
    #expect(driver.session.workspace?.history.entries.map(\.label) == ["tune: conv3_dw bits 12, conv1 bits 12"])
    driver.press("Enter")
    driver.send(.news(.started(run: 2)))
    let config = driver.session.workspace?.config
    driver.send(.news(.ended(Shapes.run(2, Shapes.repaired, config: config), status: 0, output: "")))
    return driver
  }

  private func text(_ driver: ScreenDriver<AppModel>) -> String? { driver.session.workspace?.config.text }

  @Test(arguments: ["120x40", "80x24"]) func `the verdict says what the run gave`(_ size: String) throws {
    let driver = try judged(size)
    // Output .846 -> .9996; conv3_dw .930 -> .9991, conv1 as it was.
    try driver.expect("app/verdict-\(size)")
  }

  @Test func `undo all gives the first config, byte for byte`() throws {
    let before = try Shapes.project().config.text
    var driver = try judged()
    #expect(text(driver) != before)
    driver.press("u")
    #expect(text(driver) == before && driver.session.sheets.isEmpty)
    #expect(driver.screen.contains("undone: tune: conv3_dw bits 12, conv1 bits 12"))
    driver.press("ctrl-r")
    #expect(driver.session.workspace?.activationBits(driver.session.workspace!.rows[1]) == 12)
  }

  @Test func `undo all after another edit leaves that edit`() throws {
    var driver = try driver()
    driver.press("space a Enter")
    driver.send(.news(.started(run: 2)))
    // fc6 goes float while the run is under way.
    driver.press("2 G k x")
    #expect(driver.session.workspace?.config.isEnabled("fc6") == false)
    let config = driver.session.workspace?.config
    driver.send(.news(.ended(Shapes.run(2, Shapes.repaired, config: config), status: 0, output: "")))
    // On another screen it waits: keys there mean something else.
    #expect(driver.session.sheets.isEmpty)
    #expect(driver.screen.contains("run 2: goal met: 6 shows what the proposals gave"))
    driver.press("6 u")
    let now = try #require(driver.session.workspace?.config)
    var expected = try Shapes.project().config
    try expected.apply(.quantEnable(false), to: "fc6", Shapes.project().graph)
    #expect(now.text == expected.text)
    #expect(driver.session.workspace?.history.entries.last?.label == "back from tune: conv3_dw bits 12")
  }

  @Test func `dropping those that got no better leaves the others, and can be undone`() throws {
    var driver = try judged()
    driver.press("d")
    let graph = try Shapes.project().graph
    var expected = try Shapes.project().config
    try expected.apply(.activationBits(12), to: "conv3_dw", graph)
    #expect(text(driver) == expected.text)
    driver.press("u")
    try expected.apply(.activationBits(12), to: "conv1", graph)
    #expect(text(driver) == expected.text)
  }

  @Test func `keeping is what Enter and Esc do`() throws {
    for key in ["k", "Enter", "Esc"] {
      var driver = try judged()
      let before = text(driver)
      driver.press(key)
      #expect(text(driver) == before && driver.session.sheets.isEmpty)
      #expect(driver.screen.contains("kept; the goal is met: w writes the models"))
    }
  }

  @Test func `a goal that is not met, limits and losses elsewhere are told`() throws {
    var driver = try driver()
    driver.press("e ctrl-u")
    driver.type("0.9999 layers 0")
    driver.press("Enter space a Enter")
    driver.send(.news(.started(run: 2)))
    var cosines = Shapes.repaired
    // res2: .9997 -> .95.
    cosines[1].2 = 0.95
    let config = driver.session.workspace?.config
    driver.send(.news(.ended(Shapes.run(2, cosines, config: config), status: 0, output: "")))
    for words in [
      "Run 2: goal not met", "output cos >= 0.9999: not met", "1 layers out of int8, at most 0",
      "1 other layer lost over 0.001, most res2 -0.04970",
    ] { #expect(driver.screen.contains(words), "\(words)\n\(driver.screen)") }
    #expect(!driver.screen.contains("drop"))
  }

  @Test func `a run of which the proposals were taken back has no verdict`() throws {
    var driver = try driver()
    driver.press("space a Esc u r Enter")
    driver.send(.news(.started(run: 2)))
    driver.send(.news(.ended(Shapes.run(2, Shapes.defaults), status: 0, output: "")))
    #expect(driver.session.sheets.isEmpty)
  }

  @Test func `a verdict that nobody looked at goes when its proposals are taken back`() throws {
    var driver = try driver()
    driver.press("space a Enter")
    driver.send(.news(.started(run: 2)))
    driver.press("2")
    driver.send(.news(.ended(Shapes.run(2, Shapes.repaired), status: 0, output: "")))
    driver.press("u 6")
    #expect(driver.session.sheets.isEmpty)
  }

  @Test func `a run that fails leaves the verdict to the next`() throws {
    var driver = try driver()
    driver.press("space a Enter")
    driver.send(.news(.started(run: 2)))
    let failed = FinishedRun(
      number: 2, folder: RunFolder(path: "/nonexistent/2"), progress: JobProgress(), config: nil, comparison: nil)
    driver.send(.news(.ended(failed, status: 4, output: "error: out of memory\n")))
    #expect(driver.screen.contains("out of memory") && !driver.screen.contains("goal"))
    driver.press("Esc")
    #expect(driver.session.sheets.isEmpty)
    driver.press("r Enter")
    driver.send(.news(.started(run: 3)))
    driver.send(.news(.ended(Shapes.run(3, Shapes.repaired), status: 0, output: "")))
    #expect(driver.screen.contains("goal met"))
  }

  @Test func `without the start sheet the run begins at once`() throws {
    var driver = try driver()
    _ = driver.takeWork()
    driver.press("s space a")
    let config = try #require(driver.session.workspace?.config)
    #expect(driver.session.sheets.isEmpty && driver.takeWork() == [.effect(.start(config))])
    #expect(config.effective(layer: "conv3_dw", input: 0)?.numBits == 12)
  }
}
