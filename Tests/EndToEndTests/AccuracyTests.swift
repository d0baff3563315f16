import Foundation
import Testing

/// What Samples/*/README.md promise.
@Suite struct `The samples keep their promise` {
  private let folder = TemporaryFolder()

  @Test(arguments: [(Sample.digits, 0.97), (.shapes, 0.985)])
  func `float top-1 is the README's`(_ sample: Sample, _ top1: Double) throws {
    let result = try cortado(["evaluate"] + sample.model + sample.evaluation + sample.labels + ["--json"]).json
    #expect(result.keys == ["images", "top1", "top5", "seconds"])
    #expect(result["images"].int == 200)
    #expect(result["top1"].number == top1)
    #expect(try #require(result["top5"].number) >= top1)
  }

  @Test func `digits quantizes without a bad layer`() throws {
    let report = try quantize(.digits, to: "digits")
    for layer in report["comparison"]["layers"].list {
      #expect(try #require(layer["cosine"].number) > 0.999, "\(layer["layer"].string ?? "")")
    }
  }

  @Test func `shapes has one bad layer, conv3_dw, and 12 bits repair it`() throws {
    let before = try quantize(.shapes, to: "before")["comparison"]["layers"]
    let bad = try #require(before.first("layer", "conv3_dw")["cosine"].number)
    #expect((0.80...0.97).contains(bad), "\(bad)")
    for name in ["conv1", "pool1", "res2_a", "res2_b", "res2", "conv3_expand"] {
      #expect(try #require(before.first("layer", name)["cosine"].number) > 0.999, "\(name) stands before it")
    }

    let config = folder / "config.json"
    try cortado(["config", "init"] + Sample.shapes.model + ["-o", config]).expect(0)
    try cortado("config", "set", "conv3_dw", "activation.num_bits=12", "--config", config).expect(0)
    let after = try quantize(.shapes, to: "after", "--config", config)
    let quantized = after["comparison"]["layers"].list.filter { $0["state"].string == "quantized" }
    #expect(quantized.count == 16)
    for layer in quantized { #expect(try #require(layer["cosine"].number) >= 0.99, "\(layer["layer"].string ?? "")") }
    #expect(after["layers"].first("layer", "conv3_dw")["num_bits_d"].ints == [12])

    let fake = ["after_fake_quant_model.prototxt", "after_fake_quant_weights.caffemodel"].map { folder / $0 }
    let accuracy = try cortado(["evaluate"] + fake + Sample.shapes.evaluation + Sample.shapes.labels + ["--json"]).json
    // README: 98.0 %
    #expect(abs(try #require(accuracy["top1"].number) - 0.98) <= 0.015)
  }

  private func quantize(_ sample: Sample, to name: String, _ more: String...) throws -> JSONNode {
    let outcome = try cortado(
      ["quantize"] + sample.model + sample.calibration
        + ["--work", folder / (name + "-run"), "--out", folder / name, "--json"] + more)
    outcome.expect(0)
    return try outcome.json
  }

  @Test func `compare shows the details that a run kept of a layer`() throws {
    let project = folder / "project"
    try cortado(["quantize"] + Sample.shapes.model + Sample.shapes.calibration + ["--project", project]).expect(0)
    let call = ["compare", "--run", "1", "--project", project]
    let table = try cortado(call)
    table.expect(0)
    #expect(table.out.contains("local") && table.out.contains("sat %"))
    let text = try cortado(call + ["--layer", "conv3_dw"])
    text.expect(0)
    for words in ["local cos 0.93", "clip max", "channels under .9:", "images: min", "hint: wide channel range"] {
      #expect(text.out.contains(words), "\(words)")
    }
    let json = try cortado(call + ["--layer", "conv3_dw", "--json"]).json
    #expect(json["layer"].string == "conv3_dw" && json["inputs"][0]["numBits"].int == 8)
    try cortado(call + ["--layer", "conv3_dv"]).expect(3, says: "compared no layer 'conv3_dv'", "conv3_dw")
    let details = project + "/runs/0001/details.jsonl"
    try Data("damaged".utf8).write(to: URL(fileURLWithPath: details))
    try cortado(call + ["--layer", "conv3_dw"]).expect(3, says: "has no details")
    try cortado(call).expect(0)
    try cortado("compare", "a", "b", "c", "d", "--layer", "conv1").expect(64, says: "--layer goes with --run")
  }

  @Test func `compare has a threshold of its own status, and one document on stdout`() throws {
    _ = try quantize(.shapes, to: "net")
    let nets =
      Sample.shapes.model + ["net_fake_quant_model.prototxt", "net_fake_quant_weights.caffemodel"].map { folder / $0 }
    let call = ["compare"] + nets + Sample.shapes.evaluation + ["--limit", "16", "--json", "--fail-under"]
    let missed = try cortado(call + ["0.99"])
    missed.expect(5, says: "output cosine", "is under 0.99")
    let report = try missed.json
    #expect(report.keys == ["images", "metric", "layers", "outputs"])
    #expect(report["images"].int == 16 && report["metric"].string == "chain")
    #expect(report["outputs"].list.map { $0["blob"].string } == ["prob"])
    for layer in report["layers"].list {
      let ofAll: Set = [
        "layer", "type", "state", "cosine", "cosineMin", "sqnr_db", "mse", "max_abs", "slope", "rel_l2", "mean_bias",
        "zeroed",
      ]
      let ofQuantized: Set = ["saturated", "local", "localMin", "local_sqnr_db"]
      #expect(layer.keys == (layer["state"].string == "quantized" ? ofAll.union(ofQuantized) : ofAll))
    }
    let met = try cortado(call + ["0.5", "--quant-json", folder / "net_quant.json"])
    met.expect(0)
    #expect(
      try met.json["layers"].first("layer", "conv1")["cosine"].number
        == report["layers"].first("layer", "conv1")["cosine"].number,
      "fused layers are found without quant.json too")
  }
}
