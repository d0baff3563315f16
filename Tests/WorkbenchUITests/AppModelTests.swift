import QuantEngine
import Quantization
import ScreenTesting
import Testing

@testable import WorkbenchUI

/// What keys and news do to the state of the workbench, and what it asks for.
@Suite("Workbench model") struct AppModelTests {
  private func isOn(_ layer: String, _ driver: ScreenDriver<AppModel>) throws -> Bool {
    try #require(driver.model.workspace).config.isEnabled(layer)
  }

  private func goTo(_ layer: String, _ driver: inout ScreenDriver<AppModel>) throws {
    driver.press("/")
    driver.type("name:\(layer)")
    driver.press("Enter")
    #expect(driver.model.selectedRow?.name == layer)
  }

  @Test func `x makes a layer float and u takes it back`() throws {
    var driver = try Shapes.driver()
    try goTo("conv3_dw", &driver)
    driver.press("x")
    #expect(try !isOn("conv3_dw", driver))
    #expect(driver.screen.contains("conv3_dw: quantised -> float (u undoes)"))
    driver.press("u")
    #expect(try isOn("conv3_dw", driver))
    driver.press("ctrl-r")
    #expect(try !isOn("conv3_dw", driver))
  }

  @Test func `b goes round 8, 12, 16 on all inputs in one step of undo`() throws {
    var driver = try Shapes.driver()
    try goTo("concat4", &driver)
    func bits(_ input: Int) throws -> Int? {
      try #require(driver.model.workspace).config.effective(layer: "concat4", input: input)?.numBits
    }
    for expected in [12, 16, 8] {
      driver.press("b")
      #expect(try bits(0) == expected)
      #expect(try bits(1) == expected)
    }
    driver.press("u u u")
    #expect(try bits(1) == 8)
    #expect(try #require(driver.model.workspace).history.canUndo == false)
  }

  @Test func `a fused layer says where its settings are`() throws {
    var driver = try Shapes.driver()
    try goTo("conv1_bn", &driver)
    driver.press("x")
    #expect(driver.screen.contains("conv1_bn is fused into conv1"))
    #expect(try #require(driver.model.workspace).history.canUndo == false)
  }

  @Test func `D puts a whole layer back in one step`() throws {
    var driver = try Shapes.driver()
    try goTo("conv3_dw", &driver)
    let fresh = try #require(driver.model.workspace).config
    driver.press("b x D")
    #expect(try #require(driver.model.workspace).config == fresh)
    driver.press("u")
    #expect(try !isOn("conv3_dw", driver))
  }

  @Test func `saving clears what is unsaved`() throws {
    var driver = try Shapes.driver()
    driver.press("x")
    #expect(driver.screen.contains("unsaved: config.json"))
    driver.press("S")
    let config = try #require(driver.model.workspace).config
    #expect(driver.takeRequests() == [.effect(.save(config))])
    driver.send(.news(.saved(config)))
    #expect(!driver.screen.contains("unsaved: config.json"))
    driver.press("u")
    #expect(driver.screen.contains("unsaved: config.json"))
  }

  @Test func `the cursor is the same layer on all screens`() throws {
    var driver = try Shapes.driver(runs: [Shapes.run(1, Shapes.defaults)])
    driver.press("5 J")
    #expect(driver.model.selectedRow?.name == "conv3_dw")
    driver.press("2")
    #expect(driver.model.shown[driver.model.list.selection] == driver.model.cursor)
    // A fused layer stands for its host.
    driver.press("j 5")
    #expect(driver.model.selectedRow?.name == "conv3_dw_bn")
    let row = driver.model.compared[driver.model.compareList.selection]
    #expect(driver.model.workspace?.rows[row].name == "conv3_dw")
  }

  @Test func `compare orders by network, worst and delta`() throws {
    let runs = [Shapes.run(2, Shapes.repaired), Shapes.run(1, Shapes.defaults)]
    var driver = try Shapes.driver(runs: runs)
    func names() -> [String] { driver.model.compared.compactMap { driver.model.workspace?.rows[$0].name } }
    driver.press("5")
    #expect(names().first == "conv1" && names().last == "prob")
    driver.press("o")
    // The lowest cosine of run 2 is conv5, .9972.
    #expect(names().first == "conv5")
    driver.press("o")
    // Gains: prob .9996 - .846 = .1536 is the largest; conv1 did not change.
    #expect(names().last == "prob")
    #expect(driver.screen.contains("+0.15360"))
  }

  @Test func `the threshold decides what is bad`() throws {
    var driver = try Shapes.driver(runs: [Shapes.run(1, Shapes.defaults)])
    // Under .99: conv3_dw .930, conv3_project .939, conv4_a .942, conv5 .870, fc6 .937, prob .846.
    #expect(driver.model.badCount == 6)
    driver.press("5 t ctrl-u")
    driver.type("0.9")
    driver.press("Enter")
    #expect(driver.model.badCount == 2)
    driver.press("t ctrl-u")
    driver.type("1.5")
    driver.press("Enter")
    #expect(driver.screen.contains("must be above 0, below 1"))
    driver.press("Esc")
    #expect(driver.model.threshold == 0.9)
  }

  @Test func `a filter that finds nothing says so, and Esc clears it`() throws {
    var driver = try Shapes.driver()
    driver.press("/")
    driver.type("type:LSTM")
    driver.press("Enter")
    #expect(driver.screen.contains("no layer fits the filter 'type:LSTM'"))
    driver.press("Esc")
    #expect(driver.model.shown.count == 47)
  }

  // MARK: Runs

  @Test func `a finished run is told with its result and becomes the one compared with`() throws {
    var driver = try Shapes.driver(runs: [Shapes.run(1, Shapes.defaults)])
    driver.press("r Enter")
    driver.send(.news(.started(run: 2)))
    driver.send(.news(.ended(Shapes.run(2, Shapes.repaired), status: 0, output: "")))
    #expect(driver.screen.contains("run 2 done, output cos 0.99960, 0 layers under 0.99"))
    driver.press("Enter")
    #expect(driver.screen.contains("Compare: run 1 -> 2"))
  }

  @Test func `a run that failed shows why and leaves the last result`() throws {
    var driver = try Shapes.driver(runs: [Shapes.run(1, Shapes.defaults)])
    driver.press("r Enter")
    driver.send(.news(.started(run: 2)))
    driver.send(.news(.events(Shapes.events(until: .finished))))
    let failed = FinishedRun(
      number: 2, folder: RunFolder(path: "/nonexistent/2"), progress: JobProgress(), config: nil, comparison: nil)
    driver.send(.news(.ended(failed, status: 4, output: "calibrate ...\nerror: 'pool1' is not finite\n")))
    #expect(driver.screen.contains("run 2 failed: error: 'pool1' is not finite"))
    #expect(driver.screen.contains("Run 2: failed, status 4"))
    #expect(driver.model.workspace?.last?.number == 1)
    driver.press("F")
    #expect(driver.model.searches.map(\.layer) == ["pool1"])
  }

  @Test func `cancelling asks first`() throws {
    var driver = try Shapes.driver()
    driver.press("r Enter")
    driver.send(.news(.started(run: 1)))
    _ = driver.takeRequests()
    driver.press("K Enter")
    #expect(driver.takeRequests().isEmpty)
    driver.press("K y")
    #expect(driver.takeRequests() == [.effect(.cancel)])
  }

  @Test func `edits since the last run are counted`() throws {
    let project = try Shapes.project()
    var driver = try Shapes.driver(runs: [Shapes.run(1, Shapes.defaults, config: project.config)])
    #expect(!driver.screen.contains("not run yet"))
    driver.press("x")
    #expect(driver.screen.contains("1 edit not run yet"))
    #expect(driver.screen.contains("2 E conv1"))
  }

  @Test func `a long message can be read whole in the log`() throws {
    var driver = try Shapes.driver("60x16")
    let end = "the end of it all"
    driver.send(.news(.failed([.error("this is a long story about a file that cannot be written, and \(end)")])))
    driver.press("8")
    #expect(driver.screen.contains(end), "\(driver.screen)")
  }

  // MARK: Quitting

  @Test func `unsaved edits are asked about`() throws {
    var driver = try Shapes.driver()
    driver.press("x q")
    #expect(driver.screen.contains("not saved"))
    driver.press("Enter")
    #expect(driver.takeRequests().isEmpty)
    driver.press("q s")
    let config = try #require(driver.model.workspace).config
    #expect(driver.takeRequests() == [.effect(.save(config))])
    driver.send(.news(.saved(config)))
    #expect(driver.takeRequests() == [.quit(status: 0)])
  }

  @Test func `a save that fails does not quit`() throws {
    var driver = try Shapes.driver()
    driver.press("x q s")
    _ = driver.takeRequests()
    driver.send(.news(.failed([.error("cannot write config.json: no space left")])))
    #expect(driver.takeRequests().isEmpty)
    #expect(driver.screen.contains("no space left"))
  }

  @Test func `a running job can be left running, cancelled, or stayed with`() throws {
    var driver = try Shapes.driver()
    driver.press("r Enter")
    driver.send(.news(.started(run: 1)))
    _ = driver.takeRequests()
    driver.press("q Esc")
    #expect(driver.takeRequests().isEmpty)
    driver.press("q c")
    #expect(driver.takeRequests() == [.effect(.cancel)])
    driver.send(.news(.ended(Shapes.run(1, []), status: 130, output: "")))
    #expect(driver.takeRequests().contains(.quit(status: 0)))
  }

  @Test func `Ctrl-C twice quits, once does not`() throws {
    var driver = try Shapes.driver()
    driver.press("ctrl-c")
    #expect(driver.takeRequests().isEmpty)
    driver.press("j ctrl-c")
    #expect(driver.takeRequests().isEmpty)
    driver.press("ctrl-c")
    #expect(driver.takeRequests() == [.quit(status: 0)])
  }

  // MARK: Writing models

  @Test func `files that are there are overwritten only when told so`() throws {
    var driver = try Shapes.driver(runs: [Shapes.run(3, Shapes.defaults)])
    driver.press("w ctrl-u")
    driver.type("out/net")
    driver.press("Enter")
    #expect(driver.takeRequests() == [.effect(.export(run: 3, prefix: "out/net", overwriting: false))])
    driver.send(.news(.wouldOverwrite(run: 3, prefix: "out/net", files: ["out/net_deploy_model.prototxt"])))
    driver.press("Enter")
    #expect(driver.takeRequests().isEmpty)
    driver.send(.news(.wouldOverwrite(run: 3, prefix: "out/net", files: ["out/net_deploy_model.prototxt"])))
    driver.press("y")
    #expect(driver.takeRequests() == [.effect(.export(run: 3, prefix: "out/net", overwriting: true))])
  }
}
