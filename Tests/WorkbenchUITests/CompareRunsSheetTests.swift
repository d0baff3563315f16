import ScreenTesting
import Testing

@testable import QuantEngine
@testable import WorkbenchUI

/// Choosing the runs that Compare shows.
@Suite("Compare runs sheet") struct CompareRunsSheetTests {
  /// Runs 4 to 1; 3 failed.
  private var summaries: [RunSummary] {
    func summary(_ number: Int, _ cosine: Double?, _ below: Int?, _ label: String) -> RunSummary {
      var s = RunSummary(RunFolder(path: "/nonexistent/.cortado/runs/000\(number)"), before: nil)
      (s.outputCosine, s.below, s.label) = (cosine, below, label)
      s.state = below == nil ? .failed : .done
      s.status = below == nil ? 5 : 0
      // So many hours before the start of the program.
      s.started = -3600 * Double(5 - number)
      return s
    }
    return [
      summary(4, 0.9996, 0, "again"), summary(3, nil, nil, ""), summary(2, 0.9996, 0, "conv3_dw 12 bits"),
      summary(1, 0.846, 6, "defaults"),
    ]
  }

  private func driver(_ size: String = "80x24") throws -> ScreenDriver<AppModel> {
    let runs = [ComparedShapes.run(4, repaired: true), ComparedShapes.run(2, repaired: true)]
    var driver = try Shapes.driver(size, runs: runs)
    driver.press("5")
    _ = driver.takeRequests()
    driver.press("c")
    #expect(driver.takeRequests() == [.effect(.comparedRuns)])
    driver.send(.news(.comparedRuns(summaries)))
    return driver
  }

  @Test(arguments: ["80x24", "120x40"]) func `lists the runs`(_ size: String) throws {
    try driver(size).expect("app/compare-runs-\(size)")
  }

  @Test func `differences are taken to the chosen run, which is read first`() throws {
    var driver = try driver()
    driver.press("G Enter")
    #expect(driver.takeRequests() == [.effect(.comparedRun(1))])
    #expect(driver.session.sheets.isEmpty)
    driver.send(.news(.comparedRun(ComparedShapes.run(1, repaired: false))))
    #expect(driver.screen.contains("Compare: run 1 -> 4, each against the original"))
    // prob: .9996 - .846.
    #expect(driver.screen.contains("+0.15360"))
  }

  @Test func `the original has no differences`() throws {
    var driver = try driver()
    driver.press("g Enter")
    #expect(driver.takeRequests().isEmpty)
    #expect(driver.screen.contains("Compare: run 4 against the original"))
    #expect(!driver.screen.contains("vs "))
  }

  @Test func `another run is shown, against the one before it`() throws {
    var driver = try driver()
    // The cursor is on run 2, what differences are taken to.
    driver.press("a Esc")
    #expect(driver.takeRequests() == [.effect(.comparedRun(1)), .effect(.details(run: 2, layers: ["conv1", "res2"]))])
    driver.send(.news(.comparedRun(ComparedShapes.run(1, repaired: false))))
    #expect(driver.screen.contains("Compare: run 1 -> 2, each against the original"))
    driver.press("o")
    #expect(driver.screen.contains("first drop") == false)
  }

  @Test func `a run that did not come that far is refused with the reason`() throws {
    var driver = try driver()
    driver.press("k Enter")
    #expect(driver.screen.contains("run 3 (failed"))
    #expect(driver.screen.contains("has no comparison: it did not come that far"))
    #expect(!driver.session.sheets.isEmpty)
  }

  @Test func `the run that is shown is not what it is compared with`() throws {
    var driver = try driver()
    driver.press("g j Enter")
    #expect(driver.screen.contains("run 4 is the one that is shown"))
  }
}
