import Diagnostics
import QuantEngine
import Quantization
import ScreenTesting
import Testing

@testable import WorkbenchUI

/// What is offered when a run has failed.
@Suite("Failure sheet") struct FailureSheetTests {
  private let gone = FinishedRun(
    number: 1, folder: RunFolder(path: "/nonexistent/1"), progress: JobProgress(), config: nil, comparison: nil)

  private func failed(_ size: String = "120x40") throws -> ScreenDriver<AppModel> {
    var driver = try Shapes.driver(size)
    driver.press("r Enter")
    driver.send(.news(.started(run: 1)))
    driver.send(.news(.events(Shapes.events(until: .finished))))
    driver.send(.news(.ended(gone, status: 4, output: "error: 'pool1'\n")))
    _ = driver.takeRequests()
    return driver
  }

  @Test(arguments: ["120x40", "80x24"]) func `layers, reasons and the image are listed`(_ size: String) throws {
    try failed(size).expect("app/failure-\(size)")
  }

  @Test func `un-quantising is one undoable step and runs again`() throws {
    var driver = try failed()
    let before = try #require(driver.session.workspace).config
    driver.press("x")
    var wanted = before
    try wanted.set(
      ConfigPath(.quantEnable, layer: "pool1"), text: "false", graph: try #require(driver.session.workspace).graph)
    #expect(driver.takeWork() == [.effect(.start(wanted))])
    driver.press("u")
    #expect(driver.session.workspace?.config == before)
  }

  @Test func `the image of the bad values can be left out`() throws {
    var driver = try failed()
    let config = try #require(driver.session.workspace).config
    #expect(driver.screen.contains("leave 044.png out, run again"))
    driver.press("i")
    #expect(driver.takeWork() == [.effect(.leaveOut(["images/044.png"])), .effect(.start(config))])
    driver.send(.news(.images(ImageSupply(count: 63, batchSize: 8, leftOut: 1))))
    #expect(driver.screen.contains("1 image left out: 63 images for calibration"))
    driver.press("1")
    #expect(driver.screen.contains("63 images, 8 a batch, 1 left out"))
    driver.press(":")
    driver.type("images all")
    driver.press("Enter")
    #expect(driver.takeWork() == [.effect(.leaveOut(nil))])
  }

  @Test func `it waits on another screen and comes when the run is looked at`() throws {
    var driver = try Shapes.driver()
    driver.press("r Enter")
    driver.send(.news(.started(run: 1)))
    driver.press("2")
    driver.send(.news(.events(Shapes.events(until: .finished))))
    driver.send(.news(.ended(gone, status: 4, output: "")))
    #expect(!driver.screen.contains("Run 1 failed"))
    driver.press("4")
    #expect(driver.screen.contains("Run 1 failed"))
    // Once it has been seen it comes by its key only.
    driver.press("Esc 2 4")
    #expect(!driver.screen.contains("Run 1 failed --"))
    driver.press("a")
    #expect(driver.screen.contains("Run 1 failed --"))
  }

  @Test func `bad input is told with what can be done about it`() throws {
    var driver = try Shapes.driver("80x24")
    // 9 batches of 8 are more than the 64 images.
    driver.press("r + + + + + + + Enter")
    driver.press("r Esc")
    driver.send(.news(.started(run: 1)))
    driver.press("4")
    let graph = try #require(driver.session.workspace).graph
    var session = driver.session
    session.edit("more", at: .zero) { try $0.set(ConfigPath(.batchNum), text: "9", graph: graph) }
    session.job?.isRunning = false
    session.job?.status = 3
    session.job?.output = ["parse ...", "error: 72 images are needed, there are 64", "  help: add images"]
    let sheet = try #require(FailureSheet(session))
    #expect(sheet.question.lines.map(\.text) == ["error: 72 images are needed, there are 64", "  help: add images"])
    #expect(sheet.question.choices.map(\.words) == ["batch_num 8, run again", "log", "copy"])
  }
}
