import ScreenTesting
import Testing

@testable import WorkbenchUI

/// Screen 5: bars, orders, the threshold.
@Suite("Compare screen") struct CompareScreenTests {
  @Test(arguments: ["120x40", "80x24", "60x16"]) func `compare shows bars and what changed`(_ size: String) throws {
    let runs = [Shapes.run(2, Shapes.repaired), Shapes.run(1, Shapes.defaults)]
    var driver = try Shapes.driver(size, runs: runs)
    driver.press("5")
    try driver.expect("app/compare-\(size)")
  }

  @Test func `compare orders by network, worst and delta`() throws {
    let runs = [Shapes.run(2, Shapes.repaired), Shapes.run(1, Shapes.defaults)]
    var driver = try Shapes.driver(runs: runs)
    func names() -> [String] {
      driver.model[CompareScreen.self].rows.compactMap { driver.session.workspace?.rows[$0].name }
    }
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
    #expect(driver.session.badCount == 6)
    driver.press("5 t ctrl-u")
    driver.type("0.9")
    driver.press("Enter")
    #expect(driver.session.badCount == 2)
    driver.press("t ctrl-u")
    driver.type("1.5")
    driver.press("Enter")
    #expect(driver.screen.contains("must be above 0, below 1"))
    driver.press("Esc")
    #expect(driver.session.threshold == 0.9)
  }
}
