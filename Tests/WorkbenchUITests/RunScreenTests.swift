import QuantEngine
import ScreenTesting
import Testing

@testable import WorkbenchUI

/// Screen 4: a run live, and how it ended.
@Suite("Run screen") struct RunScreenTests {
  @Test(arguments: ["120x40", "80x24"]) func `a run is watched live`(_ size: String) throws {
    var driver = try Shapes.driver(size)
    driver.press("r Enter")
    driver.send(.news(.started(run: 1)))
    driver.send(.news(.events(Shapes.events(until: .searching))))
    driver.advance(by: .seconds(41))
    try driver.expect("app/run-\(size)")
  }

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
    #expect(driver.session.workspace?.last?.number == 1)
    driver.press("F")
    #expect(driver.model[RunScreen.self].searches(driver.session).map(\.layer) == ["pool1"])
  }

  @Test func `a layer of several inputs can be walked through`() throws {
    var driver = try Shapes.driver()
    driver.press("r Enter")
    driver.send(.news(.started(run: 1)))
    driver.send(
      .news(
        .events(
          [("conv1", 0), ("concat4", 0), ("concat4", 1), ("fc6", 0)].map { layer, input in
            var event = JobEvent(.waiting)
            (event.layer, event.input) = (layer, input)
            return event
          })))
    var places: [Int] = []
    for _ in 0..<3 {
      driver.press("j")
      places.append(driver.model[RunScreen.self].list.selection)
    }
    #expect(places == [1, 2, 3])
    #expect(driver.session.selectedRow?.name == "fc6")
  }

  @Test func `who comes after the end of a run finds its last layer`() throws {
    var driver = try Shapes.driver()
    driver.press("r Enter")
    driver.send(.news(.started(run: 1)))
    driver.press("2")
    driver.send(.news(.events(Shapes.events(until: .finished))))
    driver.send(.news(.ended(Shapes.run(1, Shapes.defaults), status: 0, output: "")))
    driver.press("4")
    // conv1, pool1, conv3_dw: the last one begun.
    #expect(driver.model[RunScreen.self].list.selection == 2)
  }
}
