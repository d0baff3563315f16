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
      #expect(
        layer.keys == [
          "layer", "type", "state", "cosine", "cosineMin", "sqnr_db", "mse", "max_abs", "slope",
        ])
    }
    let met = try cortado(call + ["0.5", "--quant-json", folder / "net_quant.json"])
    met.expect(0)
    #expect(
      try met.json["layers"].first("layer", "conv1")["cosine"].number
        == report["layers"].first("layer", "conv1")["cosine"].number,
      "fused layers are found without quant.json too")
  }
}
