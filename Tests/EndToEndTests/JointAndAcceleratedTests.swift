import Foundation
import Testing

/// `joint_quant`, and BatchNorm, Scale, Bias that are quantized: what stands in the files of a run.
@Suite struct `A run whose config` {
  private let folder = TemporaryFolder()

  private func config(_ changes: [(layer: String, value: String)]) throws -> String {
    let path = folder / "config.json"
    try cortado(["config", "init"] + Sample.shapes.model + ["-o", path]).expect(0)
    for change in changes {
      try cortado(["config", "set"] + (change.layer.isEmpty ? [] : [change.layer]) + [change.value, "--config", path])
        .expect(0)
    }
    return path
  }

  private func quantize(_ config: String) throws -> JSONNode {
    let outcome = try cortado(
      ["quantize"] + Sample.shapes.model + Sample.shapes.calibration
        + ["--config", config, "--work", folder / "run", "--out", folder / "out/net", "--json"])
    outcome.expect(0)
    return try outcome.json
  }

  @Test func `has joint_quant searches the inputs of a sum together`() throws {
    // Ignored, with a warning.
    let path = try config([("res2", "activation_quant_params[1].with_offset=false")])
    let text = try String(contentsOfFile: path, encoding: .utf8)
    _ = try folder.write("config.json", text.replacing("\"joint_quant\":false", with: "\"joint_quant\":true"))
    let layers = try quantize(path)["layers"]
    let (sum, concat) = (layers.first("layer", "res2"), layers.first("layer", "concat4"))
    #expect(sum["scale_d"].floats.count == 2 && sum["scale_d"].floats[0] == sum["scale_d"].floats[1])
    #expect(sum["offset_d"].ints[0] == sum["offset_d"].ints[1])
    #expect(concat["scale_d"].floats.count == 2 && concat["scale_d"].floats[0] != concat["scale_d"].floats[1])
    let saved = try folder.text("out/net_fake_quant_model.prototxt")
    for name in ["res2_quant_layer", "res2_quant_layer_1"] {
      let quant = try #require(saved.range(of: "name: \"\(name)\"")).upperBound
      #expect(saved[quant...].prefix { $0 != "}" }.contains("with_offset: true"), "\(name)")
    }
    let net = try folder.text("run/modified_model.prototxt")
    let ifmr = try #require(net.range(of: "name: \"res2_ifmr_layer\"")).upperBound
    let layer = net[ifmr...].prefix { $0 != "}" }
    #expect(layer.components(separatedBy: "bottom:").count == 3, "\(layer)")
    #expect(!net.contains("res2_ifmr_layer_1") && net.contains("concat4_ifmr_layer_1"))
    let record = try folder.text("run/scale_offset_record.txt")
    let entry = try #require(record.components(separatedBy: "record {").first { $0.contains("key: \"res2\"") })
    let steps = entry.components(separatedBy: "scale_d: ").dropFirst().map { $0.prefix { $0 != "\n" } }
    #expect(steps.count == 2 && steps[0] == steps[1])
  }

  @Test func `turns BatchNorm on makes a DepthwiseConv of what is not fused`() throws {
    let path = try config([
      ("", "skip_fusion_layers=res2_a"), ("res2_a_bn", "quant_enable=true"), ("res2_a_scale", "quant_enable=true"),
      // Fused: its entry says nothing.
      ("conv5_bn", "quant_enable=true"),
    ])
    let result = try quantize(path)
    let layers = result["layers"]
    let first = layers.first("layer", "res2_a_bn")
    #expect(first["state"].string == "quantized" && first["scale_w"].list.count == 16)
    #expect(layers.first("layer", "res2_a_scale")["fusedInto"].string == "res2_a_bn")
    #expect(layers.first("layer", "conv5_bn")["fusedInto"].string == "conv5")
    let net = try folder.text("out/net_fake_quant_model.prototxt")
    for name in [
      "res2_a_bn_depthwise_conv", "res2_a_bn_depthwise_conv_quant_layer", "res2_a_bn_depthwise_conv_dequant_layer",
    ] {
      #expect(net.contains("name: \"\(name)\""), "\(name)")
    }
    #expect(!net.contains("BatchNorm") && !net.contains("\"Scale\""))
    let json = try JSONNode(file: folder / "out/net_quant.json")
    let op = json["graph"][0]["op"].first("name", "res2_a_bn_depthwise_conv")
    #expect(op["attr"][0]["value"]["list"]["s"].strings == ["res2_a_bn", "res2_a_scale"])
    // Weights of 8 bits in steps per channel, data of 8 bits: close to the float chain.
    let row = result["comparison"]["layers"].first("layer", "res2_a_bn")
    #expect(row["type"].string == "DepthwiseConv" && row["state"].string == "quantized")
    #expect(try #require(row["cosine"].number) > 0.999 && #require(row["local"].number) > 0.9995)
  }
}
