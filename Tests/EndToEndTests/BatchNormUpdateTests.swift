import CaffeFormat
import Foundation
import Tensors
import Testing

/// `update_bn`: what a run leaves behind, where it can be stopped, what it refuses.
@Suite struct `A run with update_bn` {
  private let folder = TemporaryFolder()
  private static let norms = [
    "conv1_bn", "conv3_dw_bn", "conv3_expand_bn", "conv3_project_bn", "conv4_a_bn", "conv4_b_bn", "conv4_b_dw_bn",
    "conv5_bn", "res2_a_bn", "res2_b_bn",
  ]

  private func recipe(_ more: String = "", iterations: Int = 5, data: String = "tmp/bn_data") throws -> String {
    try folder.write(
      "bn.cfg",
      "update_bn: true bn_update_config { bn_update_iterations: \(iterations) bn_moving_average_fraction: 0.5 "
        + "bn_dump_dir: '\(data)' }\ncommon_config { arq_quantize { channel_wise: true } }\n" + more)
  }

  private func quantize(_ name: String, _ recipe: String, _ more: [String] = []) throws -> Outcome {
    try cortado(
      ["quantize"] + Sample.shapes.model + Sample.shapes.calibration
        + ["--recipe", recipe, "--work", folder / name, "--json"] + more)
  }

  @Test func `leaves the live net, the dumps, the fused net and both records`() throws {
    let outcome = try quantize("run", recipe())
    outcome.expect(0)
    let result = try outcome.json
    let note = result["bnUpdate"]
    // 64 images in batches of 8.
    #expect(note["layers"].int == 10 && note["iterations"].int == 5 && note["batches"].int == 5)
    #expect(result["seconds"]["bn-update"].number != nil)
    let live = try folder.text("run/modified_model.prototxt")
    #expect(live.components(separatedBy: "use_global_stats: false").count == 11)
    #expect(live.components(separatedBy: "moving_average_fraction: 0.5").count == 11 && !live.contains("IFMR"))
    let fused = try folder.text("run/activation_modified_model.prototxt")
    #expect(!fused.contains("BatchNorm") && fused.contains("\"IFMR\""))
    #expect(fused.contains("/scale_offset_record_update.txt\""))
    // Before fusion: weights alone. After: steps of the fused weights, and data.
    let (before, after) = try (
      folder.text("run/scale_offset_record.txt"), folder.text("run/scale_offset_record_update.txt")
    )
    #expect(!before.contains("record_d") && after.contains("record_d"))
    let steps = result["layers"].first("layer", "conv1")["scale_w"].floats
    #expect(steps.count == 16 && after.contains("scale_w: \(steps[0])") && !before.contains("scale_w: \(steps[0])"))
    #expect(result["layers"].first("layer", "conv1_bn")["state"].string == "fused")
    // The dumps are what the fused weights are made of: w / sqrt(variance / factor + eps) * gamma.
    #expect(folder.names("run/bn_data") == Self.norms.map { $0 + ".txt" })
    let lines = try folder.text("run/bn_data/conv1_bn.txt").split(separator: "\n").map {
      $0.split(separator: " ").compactMap { Double($0) }
    }
    #expect(lines.map(\.count) == [16, 16, 1])
    let schema = try ProtoSchema.builtIn()
    let float = try WeightsFile(path: Sample.shapes.weights, schema: schema)
    let weights = try #require(float["conv1"]).blobs[0].values
    let gamma = try #require(float["conv1_scale"]).blobs[0].values
    for channel in 0..<16 {
      let deviation = (lines[1][channel] / lines[2][0] + 1e-5).squareRoot()
      let factor = Double(gamma[channel]) / deviation
      let values = weights.array[channel * 27..<channel * 27 + 27].map { Double($0) * factor }
      let extreme = values.max { abs($0) < abs($1) } ?? 0
      let want = extreme / (extreme > 0 ? 127 : -128)
      #expect(abs(Double(steps[channel]) - want) < 1e-5 * want, "\(channel)")
    }
  }

  @Test func `stops where it is told, and goes on from the dumps`() throws {
    let recipe = try recipe()
    try quantize("weights", recipe, ["--stop-after", "weights"]).expect(0)
    #expect(folder.has("weights/modified_model.prototxt") && folder.has("weights/scale_offset_record.txt"))
    #expect(!folder.has("weights/bn_data") && !folder.has("weights/activation_modified_model.prototxt"))
    try quantize("stopped", recipe, ["--stop-after", "bn-update"]).expect(0)
    #expect(folder.names("stopped/bn_data").count == 10)
    #expect(!folder.has("stopped/activation_modified_model.prototxt"))
    let stages = try folder.text("stopped/events.jsonl").split(separator: "\n")
      .map { try JSONNode(text: String($0)) }.filter { $0["kind"].string == "stage" }.compactMap { $0["stage"].string }
    #expect(stages == ["fuse", "weights", "bn-update"])
    try quantize("activations", recipe, ["--stop-after", "activations"]).expect(0)
    #expect(folder.has("activations/activation_modified_model.caffemodel"))
    #expect(try !folder.text("activations/scale_offset_record_update.txt").contains("record_d"))
    // The same dumps, wherever it stops and however many threads there are.
    try quantize("whole", recipe, ["--threads", "1"]).expect(0)
    for name in Self.norms {
      #expect(try folder.bytes("stopped/bn_data/\(name).txt") == folder.bytes("whole/bn_data/\(name).txt"))
    }
  }

  @Test func `of an interrupted try is resumed`() throws {
    let recipe = try recipe()
    try quantize("run", recipe).expect(0)
    let record = try folder.bytes("run/scale_offset_record_update.txt")
    // As if it had died while it calibrated.
    for name in ["run.json", "summary.json", "scale_offset_record_update.txt", "factors.jsonl"] {
      try FileManager.default.removeItem(atPath: folder / "run/" + name)
    }
    let before = try folder.bytes("run/bn_data/conv1_bn.txt")
    try quantize("run", recipe, ["--resume"]).expect(0)
    #expect(try folder.bytes("run/scale_offset_record_update.txt") == record)
    #expect(try folder.bytes("run/bn_data/conv1_bn.txt") == before)
    // Dumps that were edited are not taken.
    for name in ["run.json", "summary.json", "factors.jsonl"] {
      try FileManager.default.removeItem(atPath: folder / "run/" + name)
    }
    _ = try folder.write(
      "run/bn_data/conv1_bn.txt", String(decoding: before, as: UTF8.self).replacing("0.", with: "1."))
    try quantize("run", recipe, ["--resume"]).expect(0)
    #expect(try folder.bytes("run/bn_data/conv1_bn.txt") == before)
  }

  @Test func `takes the statistics of the run before it, on the same data`() throws {
    let recipe = try recipe()
    func run(_ more: [String] = []) throws -> Outcome {
      try cortado(
        ["quantize"] + Sample.shapes.model + Sample.shapes.calibration
          + ["--recipe", recipe, "--project", folder / "project", "--stop-after", "calibration"] + more)
    }
    try run().expect(0)
    try run(["--dry-run"]).expect(0)
    let second = try run()
    second.expect(0, says: "the BatchNorm statistics are those of run 1, on the same data")
    #expect(
      try folder.bytes("project/runs/0001/scale_offset_record_update.txt")
        == folder.bytes("project/runs/0002/scale_offset_record_update.txt"))
    let events = try folder.text("project/runs/0002/events.jsonl")
    #expect(events.contains("\"reused\"") && !events.contains("\"found\""))
    _ = try self.recipe(iterations: 6)
    let third = try run()
    third.expect(0)
    #expect(!third.err.contains("the BatchNorm statistics are those"))
    #expect(try folder.text("project/runs/0003/events.jsonl").contains("\"found\""))
  }

  @Test func `puts the dumps where the config says`() throws {
    try quantize("a", recipe(data: "stats/bn"), ["--stop-after", "bn-update"]).expect(0)
    #expect(folder.names("a/stats/bn").count == 10 && !folder.has("a/bn_data"))
    try quantize("b", recipe(data: folder / "elsewhere"), ["--stop-after", "bn-update"]).expect(0)
    #expect(folder.names("elsewhere").count == 10)
    _ = try folder.write("file", "x")
    try quantize("c", recipe(data: folder / "file/bn"), ["--stop-after", "bn-update"]).expect(4, says: "file/bn")
  }

  @Test func `without fusion keeps the refreshed layers`() throws {
    try quantize("run", recipe("do_fusion: false\n")).expect(0)
    let schema = try ProtoSchema.builtIn()
    let weights = try WeightsFile(path: folder / "run/shapes_fake_quant_weights.caffemodel", schema: schema)
    let lines = try folder.text("run/bn_data/conv5_bn.txt").split(separator: "\n").map {
      $0.split(separator: " ").compactMap { Float($0) }
    }
    #expect(try #require(weights["conv5_bn"]).blobs.map(\.values.array) == lines)
    // As the user had it.
    #expect(try folder.text("run/shapes_fake_quant_model.prototxt").contains("use_global_stats: true"))
  }

  @Test func `of a net whose batch has no variance is refused`() throws {
    let net = try folder.write(
      "net.prototxt",
      """
      layer { name: "data" type: "Input" top: "data" input_param { shape { dim: 1 dim: 4 } } }
      layer { name: "fc" type: "InnerProduct" bottom: "data" top: "fc" inner_product_param { num_output: 3 } }
      layer { name: "bn" type: "BatchNorm" bottom: "fc" top: "y" }
      """)
    let weights = folder / "w.caffemodel"
    try cortado("bench", net, "--repeat", "1", "--save-weights", weights).expect(0)
    try NumpyFile.write(.random([6, 1, 4], seed: 1), to: folder / "x.npy")
    let recipe = try folder.write("one.cfg", "update_bn: true\n")
    func run(_ input: String, _ name: String) throws -> Outcome {
      try cortado(["quantize", net, weights, "--input", "data=" + input, "--recipe", recipe, "--work", folder / name])
    }
    try run(folder / "x.npy", "one").expect(
      3, says: "net.prototxt:3:1: error: layer 'bn' (BatchNorm): update_bn needs more than one value per channel",
      "raise the batch size")
    #expect(!folder.has("one"))
    try NumpyFile.write(.random([3, 2, 4], seed: 1), to: folder / "x2.npy")
    try run(folder / "x2.npy", "two").expect(0)
  }

  @Test func `is needed for its stage, and BatchNorm layers for it`() throws {
    try quantize("no", folder.write("plain.cfg", "batch_num: 1\n"), ["--stop-after", "bn-update"])
      .expect(64, says: "the config doesn't say update_bn: true")
    let outcome = try cortado(
      ["quantize"] + Sample.digits.model + Sample.digits.calibration
        + ["--recipe", recipe(), "--work", folder / "digits"])
    outcome.expect(0, says: "update_bn is set, but the graph has no BatchNorm layer")
    #expect(folder.has("digits/modified_model.prototxt") && !folder.has("digits/activation_modified_model.prototxt"))
    #expect(try folder.text("digits/scale_offset_record.txt").contains("record_d") && !folder.has("digits/bn_data"))
  }
}
