import Kernels
import Quantization
import ScreenTesting
import Testing

@testable import QuantEngine
@testable import WorkbenchUI

/// Screen 6: ranking, marks, proposals, goal.
@Suite("Tune screen") struct TuneScreenTests {
  private func driver(_ size: String = "120x40", _ cosines: [(String, String, Double)] = Shapes.defaults) throws
    -> ScreenDriver<AppModel>
  {
    let config = try Shapes.project().config
    var driver = try Shapes.driver(size, runs: [Shapes.run(1, cosines, config: config)])
    driver.press("6 g")
    return driver
  }

  private func names(_ driver: ScreenDriver<AppModel>) -> [String] {
    driver.model[TuneScreen.self].ranking.candidates.map(\.name)
  }

  @Test(arguments: ["120x40", "80x24", "60x16"]) func `ranking, proposals and what is marked`(_ size: String) throws {
    var driver = try driver(size)
    driver.press("space P space k")
    #expect(driver.session.marks == ["conv3_dw", "res2"])
    try driver.expect("app/tune-\(size)")
  }

  @Test func `measured local errors rank and are shown`() throws {
    let config = try Shapes.project().config
    var run = Shapes.run(1, Shapes.defaults, config: config)
    var report = try #require(run.comparison)
    for (index, local) in [0.99998, 0.9998, 0.9997, 0.931, 0.9995, 0.9994, 0.9971, 0.9993, 0.996].enumerated() {
      report.layers[index].local = local
    }
    run = FinishedRun(
      number: 1, folder: run.folder, progress: run.progress, config: config, comparison: report)
    var driver = try Shapes.driver(runs: [run])
    driver.press("6 g")
    #expect(names(driver).prefix(3) == ["conv3_dw", "prob", "conv5"])
    try driver.expect("app/tune-local-120x40")
    driver.press("m")
    #expect(driver.screen.contains("[own est]") && names(driver).first == "conv3_dw")
    driver.press("m")
    #expect(driver.screen.contains("[chain]") && names(driver).first == "prob")
    driver.press("m")
    #expect(driver.screen.contains("[local]"))
  }

  @Test(arguments: ["120x40", "80x24"]) func `without a run it says what will be here`(_ size: String) throws {
    var driver = try Shapes.driver(size)
    driver.press("6")
    try driver.expect("app/tune-empty-\(size)")
    driver.press("a")
    #expect(driver.screen.contains("no run yet: r starts one"))
    driver.press("r")
    #expect(driver.screen.contains("Start a run"))
  }

  @Test func `with the goal met and nothing under the threshold it offers to write`() throws {
    var driver = try driver("80x24", Shapes.repaired)
    #expect(driver.screen.contains("goal met, and no layer's own step is under 0.99: w writes the models"))
    driver.press("w")
    #expect(driver.screen.contains("write the models of run 1"))
  }

  @Test func `marks by threshold, by rank, by filter, and cleared`() throws {
    var driver = try driver()
    driver.press("t Enter")
    #expect(driver.session.marks == ["conv3_dw"])
    driver.press("M T ctrl-u 2 Enter")
    #expect(driver.session.marks == ["conv3_dw", "res2"])
    driver.press("M /")
    driver.type("type:Inner")
    driver.press("Enter")
    #expect(driver.session.marks == ["fc6"])
    driver.press("/")
    driver.type("nowhere")
    driver.press("Enter")
    #expect(driver.screen.contains("nothing to mark: filter 'nowhere'"))
    // Marks are those of all screens.
    driver.press("M m t ctrl-u")
    driver.type("0.9")
    driver.press("Enter")
    // By chain, under .9: conv5 .870 and prob .846.
    #expect(driver.session.marks == ["conv5", "prob"] && driver.session.threshold == 0.9)
  }

  @Test func `P goes through the proposals, the ladder explains and chooses`() throws {
    var driver = try driver("80x24")
    func text() -> String? { driver.model[TuneScreen.self].proposal(for: "conv3_dw")?.text }
    #expect(text() == "bits 12")
    driver.press("P")
    #expect(text() == "percentile .9999")
    driver.press("P P P")
    #expect(text() == "bits 12")
    driver.press("l")
    try driver.expect("app/ladder-80x24")
    // The cursor is on step 4; step 5 is done already.
    driver.press("j Enter")
    #expect(driver.screen.contains("each output channel has its own step"))
    driver.press("g j Enter")
    #expect(text() == "float" && driver.session.sheets.isEmpty)
  }

  @Test func `the goal and its limits are typed, kept and judged`() throws {
    var driver = try driver()
    driver.press("e ctrl-u")
    driver.type("0.8 layers 0 mac 50%")
    _ = driver.takeWork()
    driver.press("Enter")
    #expect(driver.takeWork() == [.effect(.keepGoal(try TuningGoal(parsing: "0.8 layers 0 mac 50%")))])
    #expect(driver.screen.contains("output chain cos >= 0.8  now 0.84600 met"))
    #expect(driver.screen.contains("0 of 0 layers"))
    driver.press("space")
    #expect(driver.screen.contains("over the limit: 1 layers out of int8, at most 0"))
    driver.press("e ctrl-u")
    driver.type("2")
    driver.press("Enter")
    #expect(driver.screen.contains("the output's cosine comes first"))
  }

  @Test func `details of the run are read when somebody looks, and change what is proposed`() throws {
    var driver = try Shapes.driver("80x24", runs: [Shapes.run(1, Shapes.defaults)])
    driver.press("6 g")
    #expect(driver.takeWork() == [.effect(.tuningDetails(run: 1))])
    driver.press("5 6")
    #expect(!driver.takeWork().contains(.effect(.tuningDetails(run: 1))))
    // The largest value lies at 31, 99.99 % of all end at 8: a percentile that clips the rest.
    let bins = BinCounts(start: 0, width: 1, counts: [1])
    let numbers = LayerDetails.Numbers(count: 1, mean: 0, deviation: 0, min: 0, max: 1, notFinite: 0)
    let input = LayerDetails.Input(
      bottom: 0, blob: "conv3_expand", numBits: 8, scale: 0.1, offset: -128, clipMin: 0, clipMax: 25.5, rangeMin: 0,
      rangeMax: 31, histogram: bins, tail: .init(percent: 99.99, at: 8, end: 31), saturated: 0, zeroed: 0)
    let details = LayerDetails(
      layer: "conv3_dw", type: "DepthwiseConv", state: "quantized", inputs: [input], original: numbers,
      quantized: numbers, originalHistogram: bins, quantizedHistogram: bins, channelMin: [], channelMax: [],
      channelCosine: [], cosines: [], localCosines: [])
    driver.send(.news(.tuningDetails(run: 1, ["conv3_dw": details])))
    #expect(driver.model[TuneScreen.self].proposal(for: "conv3_dw")?.text == "percentile .9999")
    #expect(driver.screen.contains("long tail: range 31, 99.99% at 8"))
    // Another run's are not mixed in.
    driver.send(.news(.tuningDetails(run: 7, [:])))
    #expect(driver.model[TuneScreen.self].proposal(for: "conv3_dw")?.text == "percentile .9999")
  }

  @Test func `apply needs marks and proposals`() throws {
    var driver = try driver()
    driver.press("a")
    #expect(driver.screen.contains("nothing is marked"))
    #expect(driver.session.workspace?.history.current == 0)
  }

  @Test func `the list follows the cursor of the other screens`() throws {
    var driver = try driver()
    driver.press("5 o g 6")
    // Worst first on Compare: prob.
    #expect(driver.model[TuneScreen.self].selected?.name == "prob")
    driver.press("Enter")
    #expect(driver.session.selectedRow?.name == "prob" && driver.screen.contains("[2 Layers]"))
  }
}
