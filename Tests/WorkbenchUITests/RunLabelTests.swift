import Quantization
import Testing

@testable import WorkbenchUI

@Suite("Run label") struct RunLabelTests {
  private func label(_ edits: [(ConfigPath, String)]) throws -> String {
    let project = try Shapes.project()
    var config = project.config
    for (path, text) in edits { try config.set(path, text: text, graph: project.graph) }
    return RunLabel.of(QuantConfig.diff(project.config, config), since: 3)
  }

  @Test func `says what is different from the run before`() throws {
    #expect(try label([]) == "same settings as run 3")
    #expect(RunLabel.of([], since: nil) == "first run")
    #expect(try label([(ConfigPath(.activationBits, layer: "conv3_dw"), "12")]) == "conv3_dw num_bits 8 -> 12")
    #expect(try label([(ConfigPath(.quantEnable, layer: "conv3_dw"), "false")]) == "conv3_dw float")
    #expect(try label([(ConfigPath(.batchNum), "4")]) == "batch_num 1 -> 4")
  }

  @Test func `counts what does not fit`() throws {
    let bits = ["conv1", "conv3_dw", "fc6"].map { (ConfigPath(.activationBits, layer: $0), "12") }
    #expect(try label(bits) == "num_bits 12 on 3 layers")
    // The file's order: parameters of the net first.
    #expect(try label(bits + [(ConfigPath(.batchNum), "4")]) == "batch_num 1 -> 4 and 3 more")
  }
}
