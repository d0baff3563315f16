import Kernels
import Quantization
import ScreenTesting
import Testing

@testable import QuantEngine
@testable import WorkbenchUI

/// The views, orders and sheets of the layers.
@Suite("Layer views") struct LayerViewsTests {
  private static let sizes = ["120x40", "80x24"]

  private func find(_ filter: String, _ driver: inout ScreenDriver<AppModel>) {
    driver.press("/ ctrl-u")
    driver.type(filter)
    driver.press("Enter")
  }

  private func driver(_ size: String = "120x40", findings: Bool = false) throws -> ScreenDriver<AppModel> {
    let config = try Shapes.project().config
    var driver = try Shapes.driver(
      size, runs: [Shapes.run(2, Shapes.repaired, config: config), Shapes.run(1, Shapes.defaults, config: config)])
    if findings { driver.send(.news(.details(run: 2, ["conv3_dw": .found(Self.details)]))) }
    _ = driver.takeRequests()
    return driver
  }

  /// A long tail: most values below 1, a few up to 8; steps of 1/128 up to 2.
  private static let details: LayerDetails = {
    let counts = (0..<64).map { $0 < 8 ? 40_000 >> $0 : $0 % 9 == 0 ? 2 : 0 }
    let numbers = LayerDetails.Numbers(count: 64, mean: 0, deviation: 1, min: 0, max: 8, notFinite: 0)
    let bins = BinCounts(start: 0, width: 0.125, counts: counts)
    return LayerDetails(
      layer: "conv3_dw", type: "DepthwiseConv", state: "quantized",
      inputs: [
        .init(
          bottom: 0, blob: "conv3_expand", numBits: 8, scale: 0.0078125, offset: -128, clipMin: 0, clipMax: 1.9921875,
          rangeMin: 0, rangeMax: 8, histogram: bins, tail: .init(percent: 99.99, at: 1, end: 8), saturated: 0.0021,
          zeroed: 0.01, channelRatio: 12)
      ], original: numbers, quantized: numbers, originalHistogram: bins, quantizedHistogram: bins, channelMin: [0, 0],
      channelMax: [1, 8], channelCosine: [0.999, 0.61], cosines: [0.99], localCosines: [0.99])
  }()

  @Test func `each bin goes where its middle is quantized to`() {
    // Steps of 1 from 0 to 2 over bins of 1/2: middles .25 .75 1.25 1.75 2.25 2.75 go to 0 1 1 2 2 2 (the last clipped).
    let input = LayerDetails.Input(
      bottom: 0, blob: "x", numBits: 8, scale: 1, offset: 0, clipMin: 0, clipMax: 2, rangeMin: 0, rangeMax: 3,
      histogram: BinCounts(start: 0, width: 0.5, counts: [1, 2, 4, 8, 16, 32]), tail: nil, saturated: 0, zeroed: 0,
      channelRatio: nil)
    #expect(LayerFindings.quantized(input.histogram, input) == [1, 0, 6, 0, 56, 0])
  }

  @Test(arguments: sizes) func `neighbourhood of a layer`(_ size: String) throws {
    var driver = try driver(size)
    find("name:conv4_a", &driver)
    driver.press("Esc v v")
    try driver.expect("layers/neighbourhood-\(size)")
  }

  @Test(arguments: sizes) func `flat list`(_ size: String) throws {
    var driver = try driver(size)
    driver.press("v")
    try driver.expect("layers/flat-\(size)")
  }

  @Test(arguments: sizes) func `tree with a folded group`(_ size: String) throws {
    var driver = try driver(size)
    driver.press("v v v h h")
    try driver.expect("layers/tree-\(size)")
  }

  @Test(arguments: sizes) func `sorted by metric, with marks`(_ size: String) throws {
    var driver = try driver(size)
    driver.press("s s s s s space space")
    try driver.expect("layers/sorted-\(size)")
  }

  @Test(arguments: sizes) func `settings, results and histogram`(_ size: String) throws {
    var driver = try driver(size, findings: true)
    find("name:conv3_dw", &driver)
    driver.press("Esc b Enter")
    try driver.expect("layers/detail-\(size)")
    driver.press("G")
    try driver.expect("layers/results-\(size)")
  }

  @Test func `more batches than there are images are refused in the field`() throws {
    var driver = try driver()
    driver.press("g Enter")
    while driver.model[LayersScreen.self].detail.selectedField(driver.session)?.path.field != .batchNum {
      driver.press("j")
    }
    // 64 images in batches of 8: eight batches at most.
    driver.press("Enter ctrl-u 9 Enter")
    #expect(driver.screen.contains("at most 8"), "\(driver.screen)")
    driver.press("backspace 8 Enter")
    #expect(driver.session.workspace?.config.batchNum == 8)
    #expect(driver.screen.contains("above 50 images"))
  }

  @Test func `Enter on a fused layer goes to the one that took it in`() throws {
    var driver = try driver()
    driver.press("j Enter")
    #expect(driver.session.selectedRow?.name == "conv1" && !driver.model[LayersScreen.self].detail.hasFocus)
  }

  @Test func `branches are followed with brackets`() throws {
    var driver = try driver()
    // One of the two branches that meet in concat4.
    find("name:conv4_a", &driver)
    driver.press("Esc ]")
    let end = try #require(driver.session.selectedRow?.name)
    driver.press("]")
    #expect(try #require(driver.session.selectedRow).bottoms.count > 1, "after \(end)")
  }

  @Test func `Esc takes back the filter, then the order`() throws {
    var driver = try driver()
    find("type:Conv", &driver)
    driver.press("s Esc")
    #expect(driver.model[LayersScreen.self].filter.isEmpty)
    #expect(driver.model[LayersScreen.self].rows.order == .name)
    driver.press("Esc")
    #expect(driver.model[LayersScreen.self].rows.order == .network)
  }

  @Test func `n and N go through what the last filter found`() throws {
    var driver = try driver()
    find("type:Pooling", &driver)
    driver.press("Esc g n")
    let first = try #require(driver.session.cursor)
    driver.press("n")
    let second = try #require(driver.session.cursor)
    #expect(second > first)
    driver.press("N")
    #expect(driver.session.cursor == first)
  }

  @Test func `a filter that finds nothing offers near names`() throws {
    var driver = try driver()
    find("name:cnov5", &driver)
    #expect(driver.screen.contains("near names: conv5"), "\(driver.screen)")
  }

  @Test func `a mistake in a filter says where it is`() throws {
    var driver = try driver()
    driver.press("/")
    driver.type("conv1 chian<.99")
    driver.press("Enter")
    #expect(driver.screen.contains("column 7: 'chian' is no number of a layer; did you mean 'chain'?"))
  }

  @Test func `a group is marked with Space, and has no settings of its own`() throws {
    var driver = try driver()
    // From conv1 down to the group conv1_, which is then folded.
    driver.press("v v v j h")
    driver.press("x")
    #expect(driver.screen.contains("Space marks them"), "\(driver.screen)")
    let group = try #require(driver.session.group)
    driver.press("space")
    #expect(driver.session.marks.count == group.rows.count)
  }
}
