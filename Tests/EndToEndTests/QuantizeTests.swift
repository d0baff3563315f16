import CaffeFormat
import Foundation
import Tensors
import Testing

@Suite struct `cortado quantize` {
  /// Every file of a save, by amct-facts 4.7.
  static let saved = [
    "deploy_model.prototxt", "deploy_weights.caffemodel", "fake_quant_model.prototxt", "fake_quant_weights.caffemodel",
    "quant.json", "quant_param_record.bin", "quant_param_record.txt",
  ]

  private let folder = TemporaryFolder()

  private func quantize(_ sample: Sample, to name: String, _ more: String...) throws -> Outcome {
    let outcome = try cortado(
      ["quantize"] + sample.model + sample.calibration
        + ["--work", folder / "\(name)-run", "--out", folder / "\(name)/net", "--json"] + more)
    outcome.expect(0)
    return outcome
  }

  private func weights(_ name: String) throws -> WeightsFile {
    try WeightsFile(path: folder / name, schema: .builtIn())
  }

  @Test(arguments: Sample.allCases)
  func `writes every file of a save and of a run folder`(_ sample: Sample) throws {
    let report = try quantize(sample, to: "out").json
    #expect(folder.names("out") == Self.saved.map { "net_" + $0 })
    #expect(Set(report["files"].strings) == Set(Self.saved.map { folder / "out/net_\($0)" }))
    #expect(
      Set(folder.names("out-run")).isSuperset(of: [
        "amct_log", "config.json", "events.jsonl", "metrics.csv", "modified_model.caffemodel",
        "modified_model.prototxt",
        "run.json", "scale_offset_record.txt",
      ]))
    #expect(
      report.keys.isSuperset(of: ["run", "work", "files", "seconds", "peakBytes", "layers", "evaluation"]))
    #expect(report["work"].string == folder / "out-run" && report["evaluation"].isNull)
    for net in ["deploy", "fake_quant"] {
      try cortado("inspect", folder / "out/net_\(net)_model.prototxt", folder / "out/net_\(net)_weights.caffemodel")
        .expect(0)
    }
  }

  @Test func `a deploy model is refused where it would have to run`() throws {
    _ = try quantize(.digits, to: "out")
    let net = ["deploy_model.prototxt", "deploy_weights.caffemodel"].map { folder / "out/net_\($0)" }
    try cortado(["evaluate"] + net + Sample.digits.evaluation + Sample.digits.labels)
      .expect(3, says: "integer weights of a deploy model", "help: run the fake_quant model")
  }

  @Test func `reports quantized, fused and float layers`() throws {
    let layers = try quantize(.shapes, to: "out").json["layers"]
    #expect(layers.list.count == 46)
    for layer in layers.list {
      #expect(
        layer.keys.isSuperset(of: ["layer", "type", "state", "scale_d", "offset_d", "num_bits_d", "scale_w", "seconds"])
      )
    }
    #expect(layers.first("layer", "conv1_bn")["state"].string == "fused")
    #expect(layers.first("layer", "conv1_relu")["state"].string == "float")
    let conv = layers.first("layer", "conv1")
    #expect(conv["state"].string == "quantized" && conv["num_bits_w"].int == 8)
    #expect(conv["scale_w"].list.count == 16, "one per output channel")
    #expect(layers.first("layer", "fc6")["scale_w"].list.count == 1, "InnerProduct has one for all")
    for name in ["res2", "concat4"] {
      let inputs = layers.first("layer", name)
      #expect(inputs["scale_d"].list.count == 2 && inputs["offset_d"].list.count == 2, "every input of \(name)")
      #expect(inputs["num_bits_d"].ints == [8, 8] && inputs["scale_w"].list.isEmpty)
    }
  }

  /// The samples' learned values, quantized by the formulas of amct-facts 2.2 and 2.6 in this test.
  @Test func `weight codes and steps of digits are those of the formula`() throws {
    let report = try quantize(.digits, to: "out").json
    let original = try WeightsFile(path: Sample.digits.weights, schema: .builtIn())
    let deploy = try weights("out/net_deploy_weights.caffemodel")
    for name in ["conv1", "conv2", "ip1", "ip2"] {
      let layer = report["layers"].first("layer", name)
      let weight = try #require(original[name]).blobs[0].values
      let bias = try #require(original[name]).blobs[1].values.array
      let blobs = try #require(deploy[name]).blobs
      guard case .int8(let shape, let codes) = blobs[0].payload, case .int32(_, let biasCodes) = blobs[1].payload else {
        Issue.record("\(name) has no integer blobs")
        continue
      }
      #expect(shape == weight.shape && codes.count == shape.count)
      let steps = layer["scale_w"].floats
      let dataStep = try #require(layer["scale_d"].floats.first)
      #expect(steps.count == (name.hasPrefix("ip") ? 1 : shape[0]))
      let length = shape.count / steps.count
      for (c, step) in steps.enumerated() {
        let group = (0..<length).map { weight[c * length + $0] }
        let high = group.max() ?? 0
        let low = group.min() ?? 0
        #expect(step == (abs(high) > abs(low) ? high / 127 : low / -128), "\(name) channel \(c)")
        for (i, w) in group.enumerated() {
          let code = min(127, max(-128, (Double(w) / Double(step)).rounded(.toNearestOrAwayFromZero)))
          #expect(Double(codes[c * length + i]) == code)
        }
      }
      for (c, value) in bias.enumerated() {
        let unit = dataStep * steps[steps.count == 1 ? 0 : c]
        #expect(biasCodes[c] == Int32((value / unit).rounded(.toNearestOrEven)), "\(name) bias \(c)")
      }
    }
  }

  @Test(arguments: Sample.allCases)
  func `deploy and fake-quant weights are the same numbers`(_ sample: Sample) throws {
    let report = try quantize(sample, to: "out").json
    let deploy = try weights("out/net_deploy_weights.caffemodel")
    let fake = try weights("out/net_fake_quant_weights.caffemodel")
    var seen = 0
    for layer in report["layers"].list where !layer["scale_w"].list.isEmpty {
      let name = try #require(layer["layer"].string)
      let dataStep = try #require(layer["scale_d"].floats.first)
      let steps = layer["scale_w"].floats
      let exact = try #require(deploy[name]).blobs
      let float = try #require(fake[name]).blobs
      guard case .int8(let shape, let codes) = exact[0].payload else {
        Issue.record("\(name) has no int8 weights")
        continue
      }
      #expect(codes.count == shape.count)
      let length = codes.count / steps.count
      #expect(codes.indices.allSatisfy { Float(codes[$0]) * steps[$0 / length] == float[0].values[$0] }, "\(name)")
      if exact.count > 1 {
        guard case .int32(_, let bias) = exact[1].payload else {
          Issue.record("\(name) has no int32 bias")
          continue
        }
        let units = steps.map { dataStep * $0 }
        #expect(
          bias.indices.allSatisfy {
            bias[$0] == Int32((float[1].values[$0] / units[units.count == 1 ? 0 : $0]).rounded(.toNearestOrEven))
          }, "\(name)")
      }
      guard case .uint64(_, let words) = try #require(deploy[name + "_dequant_layer"]).blobs[0].payload else {
        Issue.record("\(name) has no packed DeQuant")
        continue
      }
      // amct-facts 2.6: bits 31...0 are the float32 scale_d * scale_w, shift and weight offset above it are 0.
      #expect(words == steps.map { UInt64((dataStep * $0).bitPattern) })
      let deq = try #require(fake[name + "_dequant_layer"]).blobs
      #expect(deq[0].values.array == steps.map { dataStep * $0 })
      #expect(deq.count == 3 && (deq[1].values.array + deq[2].values.array).allSatisfy { $0 == 0 })
      seen += 1
    }
    #expect(seen == (sample == .digits ? 4 : 11))
  }

  @Test(arguments: Sample.allCases)
  func `quant_param_record holds reciprocal steps, the same as text and binary`(_ sample: Sample) throws {
    let report = try quantize(sample, to: "out").json
    let schema = try ProtoSchema.builtIn()
    let text = try schema.parseText(
      "CalibrationParam", [UInt8](folder.bytes("out/net_quant_param_record.txt")), file: "record")
    #expect(try schema.serialize(text) == [UInt8](folder.bytes("out/net_quant_param_record.bin")))
    #expect(text.int("version") == 65536)
    let quantized = report["layers"].list.filter { $0["state"].string == "quantized" }
    #expect(text.messages("layer").map { $0.string("name") } == quantized.map { $0["layer"].string })
    for (message, layer) in zip(text.messages("layer"), quantized) {
      let param = try #require(message.message("quant_param"))
      #expect(message.enumName("calc_data_type") == "S8")
      let inputs = param.messages("input")
      #expect(inputs.flatMap { $0.floats("scale") } == layer["scale_d"].floats.map { 1 / $0 })
      #expect(inputs.flatMap { $0.floats("offset") } == layer["offset_d"].floats)
      #expect(param.message("weight")?.floats("scale") ?? [] == layer["scale_w"].floats.map { 1 / $0 })
    }
  }

  @Test func `quant_json names the originals of fused and inserted layers`() throws {
    _ = try quantize(.shapes, to: "out")
    let json = try JSONNode(file: folder / "out/net_quant.json")
    #expect(json["name"].string == "net")
    let ops = json["graph"][0]["op"]
    func originals(_ name: String) -> [String] {
      ops.first("name", name)["attr"].first("key", "_datadump_original_op_names")["value"]["list"]["s"].strings
    }
    for name in ["conv1", "conv1_quant_layer", "conv1_dequant_layer"] {
      #expect(originals(name) == ["conv1", "conv1_bn", "conv1_scale"])
    }
    let output = ops.first("name", "conv1_dequant_layer")["output_desc"][0]["attr"]
    #expect(output.first("key", "_datadump_origin_name")["value"]["s"].string == "conv1_scale")
  }

  @Test(arguments: Sample.allCases)
  func `the same input gives the same bytes, on one thread and on two`(_ sample: Sample) throws {
    _ = try quantize(sample, to: "a", "--threads", "1")
    _ = try quantize(sample, to: "b", "--threads", "1")
    _ = try quantize(sample, to: "c", "--threads", "2")
    for name in Self.saved {
      let bytes = try folder.bytes("a/net_" + name)
      #expect(try folder.bytes("b/net_" + name) == bytes, "\(name) of a second run")
      #expect(try folder.bytes("c/net_" + name) == bytes, "\(name) on two threads")
    }
    let record = try folder.text("a-run/scale_offset_record.txt")
    #expect(try folder.text("b-run/scale_offset_record.txt") == record)
    #expect(try folder.text("c-run/scale_offset_record.txt") == record)
  }

  @Test func `activations beyond the memory limit go to disk and change nothing`() throws {
    _ = try quantize(.shapes, to: "a", "--batch-num", "8")
    _ = try quantize(.shapes, to: "b", "--batch-num", "8", "--memory", "100K")
    for name in Self.saved { #expect(try folder.bytes("a/net_" + name) == folder.bytes("b/net_" + name), "\(name)") }
    #expect(try folder.text("b-run/events.jsonl").contains("memory limit"))
    #expect(!(try folder.text("a-run/events.jsonl").contains("memory limit")))
  }

  @Test func `--type writes one model; quant_json and the record always`() throws {
    _ = try quantize(.digits, to: "deploy", "--type", "Deploy")
    #expect(folder.names("deploy") == Self.saved.filter { !$0.hasPrefix("fake") }.map { "net_" + $0 })
    _ = try quantize(.digits, to: "fake", "--type", "Fakequant")
    #expect(folder.names("fake") == Self.saved.filter { !$0.hasPrefix("deploy") }.map { "net_" + $0 })
  }

  @Test func `flags go into the run's config and the events tell the run`() throws {
    _ = try quantize(.digits, to: "out", "--batch-num", "2", "--label", "two batches")
    let config = try JSONNode(file: folder / "out-run/config.json")
    #expect(config["batch_num"].int == 2)
    let events = try folder.text("out-run/events.jsonl").split(separator: "\n").map { try JSONNode(text: String($0)) }
    #expect(events.first?["kind"].string == "started" && events.first?["images"].int == 16)
    #expect(events.first?["text"].string == "two batches")
    let found = events.filter { $0["kind"].string == "found" }
    #expect(
      found.map { $0["layer"].string } == ["conv1", "pool1", "conv2", "pool2", "ip1", "ip2", "prob"], "in graph order")
    #expect(events.last?["kind"].string == "finished" && events.last?["status"].int == 0)
  }

  @Test func `--evaluate measures float and fake-quant accuracy`() throws {
    let labelled = ["--evaluate", Sample.digits / "evaluation.npy"] + Sample.digits.labels
    let outcome = try cortado(
      ["quantize"] + Sample.digits.model + Sample.digits.calibration + ["--work", folder / "run", "--json"] + labelled)
    outcome.expect(0)
    let evaluation = try outcome.json["evaluation"]
    // Samples/digits/README.md: 97.0 % both.
    #expect(evaluation["float"].number == 0.97)
    #expect(abs(try #require(evaluation["fakeQuant"].number) - 0.97) <= 0.01)
  }

  @Test func `--stop-after weights leaves the modified net and no final files`() throws {
    _ = try quantize(.digits, to: "out", "--stop-after", "weights")
    #expect(folder.names("out").isEmpty)
    #expect(folder.has("out-run/modified_model.caffemodel"))
    #expect(!(try folder.text("out-run/scale_offset_record.txt").contains("scale_d")))
  }

  @Test func `runs of a project are numbered beside the model`() throws {
    let net = try folder.write("model/net.prototxt", String(contentsOfFile: Sample.digits.prototxt, encoding: .utf8))
    for run in ["0001", "0002"] {
      let outcome = try cortado(["quantize", net, Sample.digits.weights] + Sample.digits.calibration + ["--json"])
      outcome.expect(0)
      #expect(try outcome.json["run"].string == run)
      #expect(try outcome.json["work"].string == folder / "model/.cortado/runs/\(run)")
      #expect(folder.has("model/.cortado/runs/\(run)/net_deploy_model.prototxt"))
    }
  }
}
