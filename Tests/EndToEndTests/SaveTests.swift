import Foundation
import Testing

/// What a run did not save, made of its folder: the same bytes as those of a run that did.
@Suite struct `cortado save makes models` {
  private let folder = TemporaryFolder()

  private func quantize(_ sample: Sample, to name: String, _ more: [String]) throws {
    try cortado(
      ["quantize"] + sample.model + sample.calibration
        + ["--work", folder / "\(name)-run", "--out", folder / "\(name)/net"] + more
    ).expect(0)
  }

  private func save(_ name: String, _ more: String...) throws -> Outcome {
    try cortado(["save", folder / "\(name)-run", "--out", folder / "\(name)-saved/net"] + more)
  }

  private func expectEqual(_ a: String, _ b: String, count: Int) throws {
    #expect(folder.names(a).count == count)
    for name in folder.names(a) { #expect(try folder.bytes("\(a)/\(name)") == folder.bytes("\(b)/\(name)"), "\(name)") }
  }

  /// Fused layers, layers with several inputs, one of 12 bits, one without offset, and non-uniform weights.
  private func config() throws -> [String] {
    let file = folder / "config.json"
    try cortado(["config", "init"] + Sample.shapes.model + ["-o", file]).expect(0)
    for change in [
      "conv3_dw.activation_quant_params.num_bits=12", "res2.activation_quant_params[0].with_offset=false",
    ] { try cortado("config", "set", change, "--config", file).expect(0) }
    return ["--config", file]
  }

  @Test func `of the kind that the run was not asked for`() throws {
    let config = try config()
    try cortado("config", "set", "conv5", "weight.wts_algo=snq_quantize", "--config", folder / "config.json").expect(0)
    try quantize(.shapes, to: "both", config)
    try quantize(.shapes, to: "fake", config + ["--type", "Fakequant"])
    let outcome = try save("fake", "--type", "Deploy", "--json")
    outcome.expect(0)
    #expect(try outcome.json["files"].strings.count == 5)
    try expectEqual("fake-saved", "both", count: 5)
    try quantize(.shapes, to: "deploy", config + ["--type", "Deploy"])
    try save("deploy", "--type", "Both").expect(0)
    try expectEqual("deploy-saved", "both", count: 7)
    try save("deploy", "--type", "Fakequant").expect(3, says: "there already, and 4 more", "--overwrite")
    try save("deploy", "--type", "Fakequant", "--overwrite").expect(0)
  }

  @Test func `of a run that ended after calibration`() throws {
    let config = try config()
    try quantize(.shapes, to: "both", config)
    try quantize(.shapes, to: "stopped", config + ["--stop-after", "calibration"])
    #expect(folder.names("stopped").isEmpty)
    try save("stopped").expect(0)
    try expectEqual("stopped-saved", "both", count: 7)
  }

  @Test func `not of a run without factors, or whose levels nobody kept`() throws {
    try quantize(.digits, to: "weights", ["--stop-after", "weights"])
    try save("weights").expect(3, says: "Cannot find scale_d of layer 'conv1' in record file")
    let file = folder / "config.json"
    try cortado(["config", "init"] + Sample.digits.model + ["-o", file]).expect(0)
    try cortado("config", "set", "conv2", "weight.wts_algo=snq_quantize", "--config", file).expect(0)
    try quantize(.digits, to: "levels", ["--config", file, "--stop-after", "calibration"])
    try save("levels").expect(3, says: "the levels of the non-uniform weights of 'conv2' are kept only where models")
    #expect(!folder.has("weights-saved") && !folder.has("levels-saved"))
  }
}
