import Diagnostics
import Quantization
import ScreenTesting
import Testing

@testable import QuantEngine
@testable import WorkbenchUI

/// What is asked before a run.
@Suite("Start sheet") struct StartSheetTests {
  @Test func `the start sheet compares images with what the config asks for`() throws {
    var driver = try Shapes.driver("80x24")
    driver.press("r")
    try driver.expect("app/start-80x24")
    #expect(driver.requests.contains(.effect(.forecast(try #require(driver.session.workspace).config))))
    // 64 images at 8 a batch: 8 batches are all, 9 are too many.
    driver.press("+ + + + + + + +")
    #expect(driver.screen.contains("64 of 64 found") && !driver.screen.contains("more batches"))
    // Not now: nothing has changed.
    driver.press("Esc")
    #expect(driver.session.workspace?.config.batchNum == 1 && driver.session.workspace?.history.undoLabel == nil)
    driver.press("r + + + + + + + Enter")
    let wanted = try #require(driver.session.workspace).config
    #expect(wanted.batchNum == 8)
    #expect(driver.takeWork() == [.effect(.start(wanted))])
    // One step of undo.
    #expect(driver.session.workspace?.history.entries.count == 1)
  }

  @Test func `more batches than there are images for cannot be started`() throws {
    var driver = try Shapes.driver("80x24")
    let graph = try #require(driver.session.workspace).graph
    driver.press(":")
    driver.type("set batch_num 8")
    driver.press("Enter")
    driver.send(.news(.images(ImageSupply(count: 60, batchSize: 8, leftOut: 4))))
    driver.press("r")
    #expect(driver.screen.contains("64 of 60 found") && !driver.screen.contains("Enter start"))
    driver.press("Enter")
    #expect(driver.takeWork().isEmpty)
    driver.press("r - Enter")
    var wanted = try #require(driver.session.workspace).config
    try wanted.set(ConfigPath(.batchNum), text: "7", graph: graph)
    #expect(driver.takeWork() == [.effect(.start(wanted))])
  }

  /// A measurement of three searches: one own, one that follows, one taken over.
  private func forecast(memory: Int = 210_000_000) -> RunForecast {
    RunForecast(
      images: 8, imagesFound: 64,
      searches: [
        .init(layer: "conv1", input: 0, tries: 60, reused: "run 1", reason: nil),
        .init(layer: "conv4_a", input: 0, tries: 60, reused: nil, reason: .changed),
        .init(layer: "conv3_dw", input: 0, tries: 60, reused: nil, reason: .changed),
      ], calibrateSeconds: 12.34, compareSeconds: 40, memoryBytes: memory, memoryLimit: 4_100_000_000,
      startsBehind: "pool1")
  }

  /// conv3_dw has 12 bits since run 1.
  private func edited(_ size: String) throws -> ScreenDriver<AppModel> {
    let config = try Shapes.project().config
    var driver = try Shapes.driver(size, runs: [Shapes.run(1, Shapes.defaults, config: config)])
    driver.press("5 J 2 b r")
    return driver
  }

  @Test(arguments: ["120x40", "80x24"]) func `what was measured comes later`(_ size: String) throws {
    var driver = try edited(size)
    #expect(driver.screen.contains("being looked up"))
    #expect(driver.screen.contains("Enter start"))
    driver.send(.news(.forecast(try #require(driver.session.workspace).config, forecast(), [])))
    try driver.expect("app/forecast-\(size)")
  }

  @Test func `a measurement of another config is not shown`() throws {
    var driver = try edited("120x40")
    let config = try #require(driver.session.workspace).config
    driver.press("+")
    driver.send(.news(.forecast(config, forecast(), [])))
    #expect(driver.screen.contains("being looked up") && !driver.screen.contains("210.0MB"))
    _ = driver.takeRequests()
    driver.press("Esc")
    #expect(driver.takeRequests() == [.effect(.stopForecast)])
  }

  @Test func `activations that go to a file are told`() throws {
    var driver = try edited("120x40")
    driver.send(
      .news(.forecast(try #require(driver.session.workspace).config, forecast(memory: 5_000_000_000), [])))
    #expect(driver.screen.contains("5.0GB of 4.1GB that may be used: part of it goes to a file"))
  }

  @Test func `a run that would not start cannot be started`() throws {
    var driver = try edited("80x24")
    let refusal = Diagnostic(.error, "update_bn is true", help: ["set it to false"])
    driver.send(.news(.forecast(try #require(driver.session.workspace).config, nil, [refusal])))
    #expect(driver.screen.contains("It would not start") && driver.screen.contains("set it to false"))
    #expect(!driver.screen.contains("Enter start"))
    _ = driver.takeWork()
    driver.press("Enter")
    #expect(driver.takeWork().isEmpty)
  }
}
