import ScreenTesting

@testable import QuantEngine
@testable import WorkbenchUI

/// Two runs of the sample with every figure, made by hand; run 2 has conv3_dw at 12 bits.
///
/// The cosines are those of the sample's README (`Shapes.defaults`, `Shapes.repaired`), the other figures are chosen so
/// that differences are round numbers.
enum ComparedShapes {
  /// conv3_dw alone loses in run 1; every other quantised layer alone is good. prob is a float layer.
  static func run(_ number: Int, repaired: Bool) -> FinishedRun {
    var run = Shapes.run(number, repaired ? Shapes.repaired : Shapes.defaults)
    guard var report = run.comparison else { return run }
    for i in report.layers.indices {
      let isBad = !repaired && report.layers[i].layer == "conv3_dw"
      change(&report.layers[i], repaired: repaired)
      if report.layers[i].layer == "prob" {
        report.layers[i].state = "float"
      } else {
        report.layers[i].local = isBad ? 0.932 : 0.9996
        report.layers[i].localMin = isBad ? 0.907 : 0.9991
        report.layers[i].local_sqnr_db = isBad ? 8.3 : 31
        report.layers[i].saturated = isBad ? 0.002 : 0.0005
      }
    }
    report.outputs[0].sqnr_db = repaired ? 20 : 10
    report.outputs[0].rel_l2 = repaired ? 0.1 : 0.5
    report.outputs[0].mean_bias = 0
    run = FinishedRun(
      number: number, folder: run.folder, progress: run.progress, config: run.config, comparison: report)
    return run
  }

  private static func change(_ m: inout LayerMetric, repaired: Bool) {
    m.sqnr_db = repaired ? 30 : 10
    m.rel_l2 = repaired ? 0.03125 : 0.25
    m.mse = repaired ? 0.001 : 0.003
    m.max_abs = repaired ? 0.25 : 0.5
    m.mean_bias = repaired ? 0.01 : -0.03
    m.zeroed = repaired ? 0.01 : 0.04
    if m.layer == "conv3_dw" { m.slope = repaired ? 1 : 1.08 }
  }

  static var both: [FinishedRun] { [run(2, repaired: true), run(1, repaired: false)] }

  /// What run 1 kept of conv3_dw. 4 images, 4 channels: worst image 2 (.91), worst channel 3 (.61), two channels under .9.
  ///
  /// The fake-quant value of every point is the original's rounded to a multiple of 2, so all lie on 5 levels.
  static func details(_ layer: String = "conv3_dw") -> LayerDetails {
    let originals = (0..<64).map { Float($0) / 8 }
    let input = LayerDetails.Input(
      bottom: 0, blob: "conv3_expand", numBits: 8, scale: 0.95, offset: -128, clipMin: 0, clipMax: 242.25,
      rangeMin: 0, rangeMax: 256,
      histogram: .init(
        start: 0, width: 16, counts: [100_000, 900, 300, 100, 80, 60, 40, 30, 20, 10, 9, 8, 4, 2, 1, 1]),
      tail: .init(percent: 99.99, at: 200, end: 256), saturated: 0.00002, zeroed: 0.2, channelRatio: 64)
    return LayerDetails(
      layer: layer, type: "DepthwiseConv", state: "quantized", inputs: [input],
      original: .init(count: 64, mean: 3.9375, deviation: 2.309, min: 0, max: 7.875, notFinite: 0),
      quantized: .init(count: 64, mean: 4, deviation: 2.4, min: 0, max: 8, notFinite: 0),
      originalHistogram: .init(start: 0, width: 1, counts: [8, 8, 8, 8, 8, 8, 8, 8, 0]),
      quantizedHistogram: .init(start: 0, width: 1, counts: [8, 0, 16, 0, 16, 0, 16, 0, 8]),
      channelMin: [-1, -2, 0, -4], channelMax: [1, 2, 3, 4], channelCosine: [0.99, 0.85, 0.95, 0.61],
      cosines: [0.93, 0.95, 0.91, 0.94], localCosines: [0.94, 0.96, 0.907, 0.945],
      scatter: .init(image: 2, original: originals, quantized: originals.map { ($0 / 2).rounded() * 2 }),
      weightRatio: 3, imageNames: ["set/000.png", "set/001.png", "set/002.png", "set/003.png"])
  }

  /// Compare on `runs`, with the cursor on conv3_dw, and details of it as the run kept them.
  static func driver(
    _ size: String = "120x40", runs: [FinishedRun] = [run(1, repaired: false)], glyphs: GlyphSet = .ascii,
    details: DetailsAnswer? = .found(ComparedShapes.details())
  ) throws -> ScreenDriver<AppModel> {
    var driver = try Shapes.driver(size, runs: runs, glyphs: glyphs)
    driver.press("5 j j j")
    guard let details, let run = runs.first?.number else { return driver }
    // The first request is for where the cursor was at first; the next for where it is now.
    driver.send(.news(.details(run: run, [:])))
    driver.send(.news(.details(run: run, ["conv3_dw": details])))
    _ = driver.takeRequests()
    return driver
  }
}
