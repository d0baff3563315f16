import CaffeFormat
import Diagnostics
import Foundation
import LayerGraph
import Layers
import Quantization
import ScreenTesting
import TestSupport
import Testing

@testable import QuantEngine
@testable import WorkbenchUI

/// What the workbench says of recurrent layers, and of layers of unknown types that are passed through.
@Suite("Recurrent and unknown layers") struct RecurrentLayersTests {
  private func driver(
    _ text: String, passing types: [String] = [], runs: (QuantConfig) -> [FinishedRun] = { _ in [] }
  ) throws -> ScreenDriver<AppModel> {
    var log = DiagnosticLog()
    let net = try NetParameter.parse(Array(text.utf8), file: "net.prototxt", schema: .builtIn(), log: &log)
    let graph = try Graph.build(
      name: net.name, header: net.message, inputs: net.inputs, layers: net.layers,
      catalog: LayerCatalog.builtIn.passing(types), log: &log)
    let config = try QuantConfig.initial(graph: graph, log: &log)
    let project = OpenedProject(
      graph: graph, rows: LayerRow.rows(of: graph), stem: "net", config: config, isConfigSaved: true,
      configPath: ".cortado/config.json", images: ImageSupply(count: 8, batchSize: 1), runs: runs(config))
    var driver = ScreenDriver(AppModel(title: "net", look: Look()), size: "120x60")
    driver.send(.news(.opened(project)))
    driver.press("2")
    _ = driver.takeRequests()
    return driver
  }

  private func goTo(_ layer: String, _ driver: inout ScreenDriver<AppModel>) {
    driver.press("/")
    driver.type("name:\(layer)")
    driver.press("Enter")
  }

  private let recurrent =
    NetText.input("x", [3, 2, 4]) + NetText.input("cont", [3, 2]) + NetText.input("s", [2, 5])
    + NetText.layer("rec", "GRU", ["x", "cont", "s"], ["h"], "recurrent_param { num_output: 3 }")
    + NetText.layer("one", "LSTM", ["h", "cont"], ["g"], "recurrent_param { num_output: 3 }")

  @Test func `the fields name what an input stands for, not the bottom beside it`() throws {
    var driver = try driver(recurrent)
    goTo("rec", &driver)
    #expect(driver.screen.contains("activation_quant_params[0] x + h"), "\(driver.screen)")
    #expect(driver.screen.contains("activation_quant_params[1] s"))
    #expect(driver.screen.contains("8/8 "), "bits of a layer with one step per matrix")
    driver.press("Esc")
    goTo("one", &driver)
    #expect(driver.screen.contains("activation_quant_params h + h"))
  }

  @Test func `a run's factors stand by input and by matrix`() throws {
    func found(_ input: Int, _ scale: Float) -> JobEvent {
      var event = JobEvent(.found)
      (event.layer, event.input, event.scale, event.offset, event.numBits) = ("rec", input, scale, 0, 8)
      return event
    }
    func waiting(_ input: Int) -> JobEvent {
      var event = JobEvent(.waiting)
      (event.layer, event.type, event.input) = ("rec", "GRU", input)
      return event
    }
    let folder = ProjectFolder(path: "/nonexistent/.cortado")
    var driver = try driver(recurrent) { config in
      let report = ComparisonReport(
        images: 3, metric: "chain",
        layers: [
          LayerMetric(
            layer: "rec", type: "GRU", state: "quantized", cosine: 0.998, cosineMin: 0.99, sqnr_db: 20, mse: 0.01,
            max_abs: 0.5, slope: 0.99)
        ], outputs: [])
      return [
        FinishedRun(
          number: 1, folder: folder.run(1),
          progress: JobProgress([waiting(0), waiting(1), found(0, 0.0125), found(1, 0.5)]), config: config,
          comparison: report, weightScales: ["rec": [0.25, 0.125, 0.75]])
      ]
    }
    goTo("rec", &driver)
    let lines = driver.screen.split(separator: "\n").map(String.init).filter { $0.contains("scale_") }
    #expect(lines.contains { $0.contains("input 0: scale_d 0.0125") }, "\(driver.screen)")
    #expect(lines.contains { $0.contains("input 1: scale_d 0.5") })
    for step in ["W_xc: scale_w 0.25", "R_z+R_r+R_h: scale_w 0.125", "W_xc_static: scale_w 0.75"] {
      #expect(lines.contains { $0.contains(step) }, "\(lines)")
    }
  }

  @Test func `a layer that is passed through is marked`() throws {
    let text =
      NetText.input("x", [1, 2, 4, 4]) + NetText.layer("odd", "Odd", ["x"], ["y"])
      + NetText.layer("pool", "Pooling", ["y"], ["z"], "pooling_param { kernel_size: 2 }")
    var driver = try driver(text, passing: ["Odd"])
    goTo("odd", &driver)
    #expect(driver.screen.contains("unknown layer type, passed through"), "\(driver.screen)")
    #expect(driver.screen.contains(" pass "))
    driver.press("Esc 1")
    #expect(driver.screen.contains("Odd (--pass-through)"), "\(driver.screen)")
    var unknown = try self.driver(text)
    goTo("odd", &unknown)
    #expect(unknown.screen.contains("unknown layer type") && !unknown.screen.contains("passed through"))
  }

  @Test(arguments: ["120x40", "60x16"]) func `a clashing .proto file is shown with both places`(_ size: String) throws {
    var driver = ScreenDriver(AppModel(title: "net", look: Look()), size: size)
    let clash = Diagnostic(
      .error, "field quant_param = 208 clashes with AMCT's own quant_param = 208",
      at: SourceLocation(file: "custom.proto", line: 2, column: 27),
      notes: [
        .init(
          "AMCT's quant_param = 208 is here", at: SourceLocation(file: "built-in caffe.proto", line: 109, column: 27))
      ])
    driver.send(.news(.refused([clash])))
    for key in ["1", "2"] {
      driver.press(key)
      let words = driver.screen.split { $0 == "\n" || $0 == "|" }.map { $0.trimmingCharacters(in: .whitespaces) }
        .joined(separator: " ")
      #expect(words.contains("custom.proto:2:27: error:"), "\(driver.screen)")
      #expect(words.contains("built-in caffe.proto:109:27: note:"), "\(driver.screen)")
    }
  }

  @Test func `lines of a refusal have colours by what they are`() {
    #expect(Role.ofDiagnosticLine("a.proto:1:2: error: no") == .logError)
    #expect(Role.ofDiagnosticLine("error: no") == .logError)
    #expect(Role.ofDiagnosticLine("a.proto:1:2: warning: hm") == .logWarn)
    #expect(Role.ofDiagnosticLine("built-in caffe.proto:1:2: note: here") == .textDim)
    #expect(Role.ofDiagnosticLine("help: do it") == .text)
  }
}
