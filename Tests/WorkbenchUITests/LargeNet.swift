import Diagnostics
import QuantEngine
import Quantization
import ScreenTesting
import TestSupport

@testable import WorkbenchUI

/// A made-up residual net of any size, opened as a project, with a run that measured every layer.
enum LargeNet {
  /// Blocks of five: convolution, BatchNorm, Scale, ReLU, and every second block a sum with the block before.
  static func text(layers: Int) -> String {
    var text = NetText.layer("data", "Input", [], ["data"], "input_param { shape { dim: 1 dim: 4 dim: 8 dim: 8 } }")
    var (top, before, count, block) = ("data", "", 1, 0)
    while count < layers {
      let stem = "stage\(block / 20)/block\(block)"
      func add(_ name: String, _ type: String, _ bottoms: [String], _ settings: String = "") {
        guard count < layers else { return }
        text += NetText.layer("\(stem)_\(name)", type, bottoms, ["\(stem)_\(name)"], settings)
        (top, count) = ("\(stem)_\(name)", count + 1)
      }
      add("conv", "Convolution", [top], "convolution_param { num_output: 4 kernel_size: 3 pad: 1 }")
      add("bn", "BatchNorm", [top])
      add("scale", "Scale", [top], "scale_param { bias_term: true }")
      if block % 2 == 1, !before.isEmpty { add("sum", "Eltwise", [top, before]) }
      add("relu", "ReLU", [top])
      if block % 2 == 0 { before = top }
      block += 1
    }
    return text
  }

  static func project(layers: Int) throws -> OpenedProject {
    let graph = try NetText.graph(text(layers: layers))
    var log = DiagnosticLog()
    let config = try QuantConfig.initial(graph: graph, log: &log)
    let rows = LayerRow.rows(of: graph)
    let cosines = rows.filter { $0.isQuantizable && $0.fusedInto == nil }.map { row in
      (row.name, row.type, 1 - Double(row.index % 37) / 1000)
    }
    return OpenedProject(
      graph: graph, rows: rows, stem: "large", config: config, isConfigSaved: true,
      configPath: ".cortado/config.json", images: ImageSupply(count: 64, batchSize: 8),
      runs: [Shapes.run(1, cosines, config: config)])
  }

  static func driver(_ size: String = "120x40", layers: Int) throws -> ScreenDriver<AppModel> {
    var driver = ScreenDriver(AppModel(title: "large", look: Look()), size: size)
    driver.send(.news(.opened(try project(layers: layers))))
    _ = driver.takeRequests()
    return driver
  }
}
