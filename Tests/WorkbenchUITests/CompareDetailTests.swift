import Quantization
import ScreenTesting
import Testing

@testable import QuantEngine
@testable import WorkbenchUI

/// The detail pane of Compare: its tabs, what it asks for, what it suggests.
@Suite("Compare detail") struct CompareDetailTests {
  private func bits(_ driver: ScreenDriver<AppModel>) throws -> Int? {
    try #require(driver.session.workspace).config.effective(layer: "conv3_dw", input: 0)?.numBits
  }

  @Test(arguments: ["120x40", "80x24"], Array(CompareDetail.Tab.allCases.enumerated()))
  func `each tab`(_ size: String, _ tab: (offset: Int, element: CompareDetail.Tab)) throws {
    var driver = try ComparedShapes.driver(size)
    driver.press("Enter")
    for _ in 0..<tab.offset { driver.press("]") }
    #expect(driver.model[CompareScreen.self].detail.tab == tab.element)
    try driver.expect("app/compare-tab-\(tab.element.rawValue)-\(size)")
  }

  @Test func `scatter with braille dots and box lines`() throws {
    try ComparedShapes.driver(glyphs: .braille).expect("app/compare-braille")
    var driver = try ComparedShapes.driver(glyphs: .box)
    driver.press("]")
    try driver.expect("app/compare-box")
  }

  // MARK: reading

  @Test func `details are asked for once, for the cursor and its neighbours, one request at a time`() throws {
    var driver = try Shapes.driver(runs: [ComparedShapes.run(1, repaired: false)])
    driver.press("5")
    // conv1 is the first: it has one neighbour.
    #expect(driver.takeRequests() == [.effect(.details(run: 1, layers: ["conv1", "res2"]))])
    // While that is read, moving asks for nothing and blocks nothing.
    driver.press("j j j")
    #expect(driver.takeRequests().isEmpty)
    #expect(driver.screen.contains("reading what run 1 kept of it"))
    driver.send(.news(.details(run: 1, ["conv1": .none("nothing"), "res2": .none("nothing")])))
    #expect(
      driver.takeRequests() == [
        .effect(.details(run: 1, layers: ["conv3_dw", "conv3_project", "conv3_expand"]))
      ])
    driver.send(
      .news(
        .details(
          run: 1,
          [
            "conv3_dw": .found(ComparedShapes.details()), "conv3_project": .none("no"), "conv3_expand": .none("no"),
          ])))
    #expect(driver.takeRequests().isEmpty)
    #expect(driver.screen.contains("64 points") && driver.screen.contains("of the worst image, 002.png"))
    driver.press("k k")
    // res2 is known; its other neighbour conv1 too.
    #expect(driver.takeRequests().isEmpty)
  }

  @Test func `an answer of another run is not taken`() throws {
    var driver = try ComparedShapes.driver(details: nil)
    driver.send(.news(.details(run: 7, ["conv3_dw": .found(ComparedShapes.details())])))
    #expect(driver.screen.contains("reading what run 1 kept of it"))
  }

  @Test func `a run without details says so in a sentence, its numbers stay`() throws {
    var driver = try ComparedShapes.driver(details: .none("Run 1 kept no details of its layers."))
    #expect(driver.screen.contains("Run 1 kept no details of its layers."))
    driver.press("] ] ] ]")
    #expect(driver.screen.contains("chain relative L2 0.25") && !driver.screen.contains("kept no details"))
  }

  @Test func `few layers are kept`() {
    var store = DetailsStore()
    for n in 0..<200 {
      #expect(store.take(["layer\(n)"], run: 1) == ["layer\(n)"])
      store.hear(["layer\(n)": .none("")], run: 1)
    }
    // The first one was dropped, the last one was not.
    #expect(store.take(["layer0", "layer199"], run: 1) == ["layer0"])
  }

  // MARK: figures

  @Test func `spread, worst image and channel`() throws {
    let screen = try ComparedShapes.driver().screen
    // Images .91 .93 .94 .95: the median is the mean of .93 and .94.
    #expect(screen.contains("images: min 0.910 p5 0.910 med 0.935 max 0.950"))
    #expect(screen.contains("worst: 002.png  channel 3 cos 0.610"))
    #expect(screen.contains("channels under .9: 2 of 4"))
  }

  @Test func `i follows an image through the layers`() throws {
    var driver = try ComparedShapes.driver()
    driver.press("i")
    #expect(driver.screen.contains("002.png: chain 0.9100 local 0.9070  #1 of 4"))
    driver.press("i")
    #expect(!driver.screen.contains("#1 of 4"))
    // In the list of images the one under the cursor: the second worst is number 0.
    driver.press("Enter ] ] ] j i")
    #expect(driver.screen.contains("000.png: chain 0.9300 local 0.9400  #2 of 4"))
    #expect(driver.screen.contains("|* 000.png"), "\(driver.screen)")
  }

  // MARK: suggestions

  @Test func `what the details speak for is suggested first, and Enter does it in one step`() throws {
    var driver = try ComparedShapes.driver()
    // Channels of the input differ x 64.
    #expect(driver.screen.contains("wide channel range (x 64)"))
    #expect(driver.screen.contains("[bits 12]"), "\(driver.screen)")
    driver.press("Enter Enter")
    #expect(try bits(driver) == 12)
    #expect(driver.screen.contains("conv3_dw: bits 12 (u undoes)"))
    #expect(driver.screen.contains("edited since run 1: r measures it"))
    driver.press("u")
    #expect(try bits(driver) == 8)
    #expect(try #require(driver.session.workspace).history.canUndo == false)
  }

  @Test func `another suggestion is chosen with the arrows`() throws {
    var driver = try ComparedShapes.driver()
    driver.press("Enter right")
    #expect(driver.screen.contains("[float]"))
    driver.press("Enter")
    #expect(try #require(driver.session.workspace).config.isEnabled("conv3_dw") == false)
  }

  @Test func `a layer that inherits leads to the one that loses`() throws {
    var driver = try ComparedShapes.driver()
    driver.press("j")
    #expect(driver.session.selectedRow?.name == "conv3_project")
    // .9995 - .930.
    #expect(driver.screen.contains("inherited from conv3_dw, own step"), "\(driver.screen)")
    driver.press("Enter Enter")
    #expect(driver.session.selectedRow?.name == "conv3_dw")
  }

  @Test func `settings are edited in place on their tab`() throws {
    var driver = try ComparedShapes.driver("80x24")
    driver.press("Enter [")
    #expect(driver.model[CompareScreen.self].detail.tab == .settings)
    func field() -> ConfigField? {
      driver.model[CompareScreen.self].detail.settings.selectedField(driver.session)?.path.field
    }
    for _ in 0..<40 where field() != .activationBits { driver.press("j") }
    driver.press("Enter ctrl-u 9 Enter +")
    #expect(try bits(driver) == 10)
    driver.press("D")
    #expect(try bits(driver) == 8)
    // q closes what lies over the list before it quits.
    driver.press("q")
    #expect(driver.screen.contains("Compare: run 1") && driver.takeWork().isEmpty)
  }

  @Test(
    arguments: [
      (TuningProposal.Change.batchNum(4), "batch_num", "4"),
      (.quantEnable(false), "conv3_dw.quant_enable", "false"),
      (.percentile(0.9999), "conv3_dw.activation_quant_params.min_percentile", "0.9999"),
      (.searchRange(0.7, 1.6), "conv3_dw.activation_quant_params.search_range", "[0.7, 1.6]"),
      (.activationBits(12), "conv3_dw.activation_quant_params.num_bits", "12"),
      (.channelWise(true), "conv3_dw.weight_quant_params.channel_wise", "true"),
    ] as [(TuningProposal.Change, String, String)])
  func `proposals become settings`(_ change: TuningProposal.Change, _ path: String, _ value: String) throws {
    let project = try Shapes.project()
    var config = project.config
    if case .channelWise = change { try config.apply(.channelWise(false), to: "conv3_dw", project.graph) }
    try config.apply(change, to: "conv3_dw", project.graph)
    #expect(try config.get(path: path, graph: project.graph) == value)
  }
}
