import Foundation
import Quantization
import ScreenTesting

@testable import QuantEngine
@testable import WorkbenchUI

extension ScreenDriver<AppModel> {
  var session: Session { model.session }

  /// What the model asked for, but for the lines of the history that every edit adds, what is only read, and what is kept at the end.
  mutating func takeWork() -> [Request<AppEffect>] {
    takeRequests().filter {
      switch $0 {
      case .effect(.record), .effect(.forecast), .effect(.stopForecast), .effect(.listRuns), .effect(.compareRuns),
        .effect(.nameNextRun), .effect(.remember):
        false
      default: true
      }
    }
  }
}

/// The sample net as an open project, and runs of it made by hand.
enum Shapes {
  /// `Samples/shapes` beside the tests.
  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("Samples/shapes").path

  /// A project folder that is never written.
  private static let nowhere = ProjectFolder(path: "/nonexistent/.cortado")

  static func project(
    runs: [FinishedRun] = [], images: ImageSupply? = ImageSupply(count: 64, batchSize: 8),
    config: QuantConfig? = nil, history: String = "", recipe: ProjectRecipe = ProjectRecipe(),
    offered: OfferedRecipe? = nil
  ) throws -> OpenedProject {
    let files = ModelFiles(prototxt: folder + "/shapes.prototxt", weights: folder + "/shapes.caffemodel")
    let read = try OpenedProject(files, data: DataOptions(), project: nowhere)
    return OpenedProject(
      graph: read.graph, rows: read.rows, stem: "shapes", config: config ?? read.config,
      isConfigSaved: true, configPath: ".cortado/config.json", images: images, runs: runs, history: history,
      recipe: recipe, offeredRecipe: offered)
  }

  /// Cosines of the sample's README: default settings, and conv3_dw at 12 bits.
  static let defaults: [(String, String, Double)] = [
    ("conv1", "Convolution", 0.99998), ("res2", "Eltwise", 0.9997), ("conv3_expand", "Convolution", 0.9995),
    ("conv3_dw", "DepthwiseConv", 0.930), ("conv3_project", "Convolution", 0.939), ("conv4_a", "Convolution", 0.942),
    ("conv5", "Convolution", 0.870), ("fc6", "InnerProduct", 0.937), ("prob", "Softmax", 0.846),
  ]
  static let repaired: [(String, String, Double)] = [
    ("conv1", "Convolution", 0.99998), ("res2", "Eltwise", 0.9997), ("conv3_expand", "Convolution", 0.9995),
    ("conv3_dw", "DepthwiseConv", 0.9991), ("conv3_project", "Convolution", 0.9991),
    ("conv4_a", "Convolution", 0.9990), ("conv5", "Convolution", 0.9972), ("fc6", "InnerProduct", 0.9994),
    ("prob", "Softmax", 0.9996),
  ]

  static func run(
    _ number: Int, _ cosines: [(String, String, Double)], config: QuantConfig? = nil, events: [JobEvent] = []
  ) -> FinishedRun {
    let layers = cosines.map {
      LayerMetric(
        layer: $0.0, type: $0.1, state: "quantized", cosine: $0.2, cosineMin: $0.2 - 0.001, sqnr_db: 20, mse: 0.01,
        max_abs: 0.5, slope: 0.99)
    }
    let output = OutputMetric(
      blob: "prob", cosine: cosines.last?.2 ?? .nan, cosineMin: 0, sqnr_db: 10, mse: 0.1, max_abs: 1, slope: 1)
    return FinishedRun(
      number: number, folder: nowhere.run(number), progress: JobProgress(events), config: config,
      comparison: ComparisonReport(images: 8, metric: "chain", layers: layers, outputs: [output]))
  }

  /// A run's events up to a point, one second apart.
  static func events(until last: JobEvent.Kind) -> [JobEvent] {
    var all: [JobEvent] = []
    func add(_ kind: JobEvent.Kind, _ change: (inout JobEvent) -> Void = { _ in }) {
      var event = JobEvent(kind)
      event.time = Double(1000 + all.count)
      change(&event)
      all.append(event)
    }
    add(.started) { $0.total = 3 }
    for stage in [JobEvent.Stage.parse, .fuse, .weights, .calibrate] { add(.stage) { $0.stage = stage } }
    for layer in ["conv1", "pool1", "conv3_dw"] { add(.waiting) { ($0.layer, $0.type) = (layer, "Convolution") } }
    add(.progress) { ($0.stage, $0.done, $0.total) = (.calibrate, 1, 4) }
    add(.searching) { $0.layer = "conv1" }
    add(.found) {
      $0.layer = "conv1"
      ($0.rangeMin, $0.rangeMax, $0.clipMin, $0.clipMax) = (-1.955, 2.38, -1.955, 2.25)
      ($0.scale, $0.offset, $0.numBits, $0.tries, $0.best, $0.images, $0.seconds) = (0.0165, -10, 8, 60, 29, 8, 0.25)
    }
    add(.searching) { $0.layer = "pool1" }
    add(.failed) {
      ($0.layer, $0.text, $0.image) = ("pool1", "not finite: 312 values, first image 044.png", "images/044.png")
    }
    add(.searching) { $0.layer = "conv3_dw" }
    if last == .finished { add(.finished) { ($0.status, $0.seconds) = (4, 3) } }
    return all
  }

  /// The workbench on the sample with a recipe, on the Recipe screen.
  static func driver(recipe: String, _ size: String = "120x40", applied: String? = nil) throws -> ScreenDriver<AppModel>
  {
    var driver = ScreenDriver(AppModel(title: "shapes", look: Look()), size: size)
    let files = ProjectRecipe(text: Array(recipe.utf8), applied: applied.map { Array($0.utf8) })
    driver.send(.news(.opened(try project(recipe: files))))
    driver.press("3")
    _ = driver.takeRequests()
    return driver
  }

  /// The workbench on the sample.
  static func driver(_ size: String = "120x40", runs: [FinishedRun] = [], glyphs: GlyphSet = .ascii) throws
    -> ScreenDriver<AppModel>
  {
    var driver = ScreenDriver(AppModel(title: "shapes", look: Look(glyphs: glyphs)), size: size)
    driver.send(.news(.opened(try project(runs: runs))))
    _ = driver.takeRequests()
    return driver
  }
}
