import Foundation
import Quantization
import ScreenTesting
import Testing

@testable import QuantEngine
@testable import WorkbenchUI

/// Screen 5: bars, orders, metrics, the threshold, the runs that are compared.
@Suite("Compare screen") struct CompareScreenTests {
  private func names(_ driver: ScreenDriver<AppModel>) -> [String] {
    driver.model[CompareScreen.self].rows.compactMap { driver.session.workspace?.rows[$0].name }
  }

  @Test(arguments: ["120x40", "80x24", "60x16"]) func `compare shows bars and what changed`(_ size: String) throws {
    let runs = [Shapes.run(2, Shapes.repaired), Shapes.run(1, Shapes.defaults)]
    var driver = try Shapes.driver(size, runs: runs)
    driver.press("5")
    try driver.expect("app/compare-\(size)")
  }

  @Test(arguments: ["120x40", "80x24"], Array(CompareMetric.allCases.enumerated()))
  func `each metric has its list`(_ size: String, _ metric: (offset: Int, element: CompareMetric)) throws {
    var driver = try ComparedShapes.driver(size, runs: ComparedShapes.both, details: nil)
    for _ in 0..<metric.offset { driver.press("m") }
    #expect(driver.model[CompareScreen.self].metric == metric.element)
    try driver.expect("app/compare-\(metric.element.rawValue)-\(size)")
  }

  @Test func `compare orders by network, worst and delta`() throws {
    let runs = [Shapes.run(2, Shapes.repaired), Shapes.run(1, Shapes.defaults)]
    var driver = try Shapes.driver(runs: runs)
    driver.press("5")
    #expect(names(driver).first == "conv1" && names(driver).last == "prob")
    driver.press("o")
    // The lowest cosine of run 2 is conv5, .9972.
    #expect(names(driver).first == "conv5")
    driver.press("o")
    // Gains: prob .9996 - .846 = .1536 is the largest; conv1 did not change.
    #expect(names(driver).last == "prob")
    #expect(driver.screen.contains("+0.15360"))
  }

  @Test func `orders go by the metric that is shown`() throws {
    var driver = try ComparedShapes.driver(runs: [ComparedShapes.run(1, repaired: false)], details: nil)
    driver.press("m o")
    // Local: .932 is the lowest; prob is float and has none, so it comes last.
    #expect(names(driver).first == "conv3_dw" && names(driver).last == "prob")
    #expect(driver.session.selectedRow?.name == "conv3_dw")
    for _ in 2..<CompareMetric.allCases.count { driver.press("m") }
    // Saturated: .2 % there, .05 % elsewhere.
    #expect(driver.model[CompareScreen.self].metric == .saturated && names(driver).first == "conv3_dw")
  }

  /// In run 2 every figure is the better one: all differences are above 0, whichever way the figure itself goes.
  @Test func `differences are signed so that + is better`() throws {
    var driver = try ComparedShapes.driver(runs: ComparedShapes.both, details: nil)
    // conv3_dw: .9991 - .93; .9996 - .932; 30 - 10; .25 - .03125; .003 - .001; .5 - .25; |-.03| - |.01|; .2 % - .05 %.
    let expected = ["+0.06910", "+0.06760", "+20.0", "+0.219", "+0.002", "+0.25", "+0.02", "+0.150"]
    for text in expected {
      let line = driver.screen.split(separator: "\n").first { $0.contains(" 20 conv3_dw ") } ?? ""
      #expect(line.contains("\(text) "), "\(text) in \(line)")
      driver.press("m")
    }
  }

  @Test func `next bad goes by the metric that is shown`() throws {
    var driver = try ComparedShapes.driver(runs: [ComparedShapes.run(1, repaired: false)], details: nil)
    driver.press("g J")
    #expect(driver.session.selectedRow?.name == "conv3_dw")
    driver.press("J")
    #expect(driver.session.selectedRow?.name == "conv3_project")
    driver.press("K")
    #expect(driver.session.selectedRow?.name == "conv3_dw")
    // By itself no other one is under the threshold.
    driver.press("m J")
    #expect(driver.session.selectedRow?.name == "conv3_dw" && driver.screen.contains("no more in this direction"))
  }

  @Test func `layers that lose are told from those that inherit`() throws {
    let driver = try ComparedShapes.driver(runs: [ComparedShapes.run(1, repaired: false)], details: nil)
    func end(_ layer: String) -> String {
      let line = driver.canvas.lines.first { $0.contains(" \(layer) ") }?.split(separator: "|")[safe: 1].map(
        String.init)
      return line?.trimmingCharacters(in: .whitespaces).components(separatedBy: " ").last ?? ""
    }
    #expect(end("conv3_dw") == "!")
    #expect(["conv3_project", "conv4_a", "conv5", "fc6"].map(end) == ["i", "i", "i", "i"])
    // conv3_expand .9995 before it, .930 behind it.
    #expect(driver.screen.contains("first drop 20 conv3_dw, own step 0.0695 (estimate)"))
  }

  @Test func `the threshold decides what is bad`() throws {
    var driver = try Shapes.driver(runs: [Shapes.run(1, Shapes.defaults)])
    // Under .99: conv3_dw .930, conv3_project .939, conv4_a .942, conv5 .870, fc6 .937, prob .846.
    #expect(driver.session.badCount == 6)
    driver.press("5 t ctrl-u")
    driver.type("0.9")
    driver.press("Enter")
    #expect(driver.session.badCount == 2)
    #expect(driver.screen.contains("below 0.9: 2"))
    driver.press("t ctrl-u")
    driver.type("1.5")
    driver.press("Enter")
    #expect(driver.screen.contains("must be above 0, below 1"))
    driver.press("Esc")
    #expect(driver.session.threshold == 0.9)
  }

  @Test func `a run of an earlier version says what it did not measure`() throws {
    var driver = try Shapes.driver(runs: [Shapes.run(1, Shapes.defaults)])
    driver.press("5 m")
    #expect(driver.screen.contains("run 1 is of an earlier version: it did not measure local cos"))
    let runs = [ComparedShapes.run(2, repaired: true), Shapes.run(1, Shapes.defaults)]
    driver = try Shapes.driver(runs: runs)
    driver.press("5 m")
    #expect(driver.screen.contains("run 1 is of an earlier version: no local cos to take differences to"))
  }

  @Test func `a layer is marked, made float and given bits from here`() throws {
    var driver = try ComparedShapes.driver()
    driver.press("Space b x")
    #expect(driver.session.marks == ["conv3_dw"])
    let config = try #require(driver.session.workspace).config
    #expect(!config.isEnabled("conv3_dw") && driver.screen.contains(" 20>conv3_dw"))
    #expect(driver.screen.contains("E! |"))
    driver.press("Space u u")
    #expect(driver.session.marks.isEmpty)
    #expect(try #require(driver.session.workspace).config.effective(layer: "conv3_dw", input: 0)?.numBits == 8)
  }

  @Test func `without a run the screen says how to get one`() throws {
    var driver = try Shapes.driver()
    driver.press("5")
    #expect(driver.screen.contains("No run yet. Here each layer shows how close it is to the original."))
    driver.press("c")
    #expect(driver.screen.contains("no run yet: r starts one"))
  }

  @Test func `5,000 layers`() throws {
    var report = try #require(Shapes.run(1, Shapes.defaults).comparison)
    let metric = report.layers[3]
    report.layers = (0..<5000).map { n in
      var m = metric
      m.layer = n % 2 == 0 ? "conv3_dw" : "conv5"
      return m
    }
    let run = FinishedRun(
      number: 1, folder: Shapes.run(1, []).folder, progress: JobProgress([]), config: nil, comparison: report)
    var driver = try Shapes.driver(runs: [run])
    driver.press("5 o")
    let time = ContinuousClock().measure {
      for _ in 0..<20 {
        driver.press("J")
        _ = driver.canvas
      }
    }
    #expect(time < .milliseconds(20 * 50))
  }
}

extension Collection {
  fileprivate subscript(safe index: Index) -> Element? { indices.contains(index) ? self[index] : nil }
}
