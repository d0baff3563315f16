import CaffeFormat
import Foundation
import Testing

@Suite struct `cortado convert` {
  private let folder = TemporaryFolder()

  /// The record of a run with the default settings, and the run's files.
  private func run(_ sample: Sample) throws -> String {
    try cortado(
      ["quantize"] + sample.model + sample.calibration + ["--work", folder / "run", "--out", folder / "run-out/net"]
    ).expect(0)
    return folder / "run/scale_offset_record.txt"
  }

  private func convert(_ model: [String], _ record: String, _ more: String...) throws -> Outcome {
    try cortado(["convert"] + model + ["--record", record, "--out", "out/net"] + more, in: folder.path)
  }

  /// The record names every factor that calibration found, so that the same models come out of it.
  @Test func `a run's record makes the run's models, byte for byte`() throws {
    let record = try run(.shapes)
    let outcome = try convert(
      Sample.shapes.model, record, "--json", "--evaluate", Sample.shapes / "evaluation.npy", "--labels",
      Sample.shapes / "evaluation_labels.npy", "--preprocess", Sample.shapes / "preprocess.json")
    outcome.expect(0)
    #expect(folder.names("out") == folder.names("run-out") && folder.names("out").count == 7)
    for name in folder.names("out") {
      #expect(try folder.bytes("out/\(name)") == folder.bytes("run-out/\(name)"), "\(name)")
    }
    let json = try outcome.json
    #expect(json.keys == ["files", "layers", "seconds", "evaluation"])
    #expect(json["files"].strings.count == 7)
    // The sample's README.
    #expect(json["evaluation"]["float"].number == 0.985 && json["evaluation"]["fakeQuant"].number == 0.805)
    #expect(json["layers"].first("layer", "conv1")["state"].string == "quantized")
    #expect(json["layers"].first("layer", "conv1_bn")["fusedInto"].string == "conv1")
    #expect(folder.names("amct_log") == ["amct_caffe.log"])
    #expect(try folder.text("amct_log/amct_caffe.log").contains("[AMCT]:[Utils]: The model_file is saved in out/net_"))
    #expect(!folder.has(".cortado"), "no run folder")
  }

  /// ip1 of the digits net by the older layout, with a shift: step 0.5 for the data, 0.01 for the weights.
  private static let older = """
    record {
      key: "ip1"
      value { scale_d: 0.5 offset_d: -128 scale_w: 0.01 offset_w: 0 shift_bit: 4 channels: 50 height: 4 width: 4 }
    }

    """

  @Test func `the older layout, shifts and all, by the formulas`() throws {
    let outcome = try convert(Sample.digits.model, try folder.write("r.txt", Self.older))
    outcome.expect(0, says: "r.txt:3:65: warning: shift_bit is kept in the DeQuant layer, and not simulated")
    let original = try #require(try WeightsFile(path: Sample.digits.weights, schema: .builtIn())["ip1"])
    let deploy = try WeightsFile(path: folder / "out/net_deploy_weights.caffemodel", schema: .builtIn())
    let fake = try WeightsFile(path: folder / "out/net_fake_quant_weights.caffemodel", schema: .builtIn())
    let blobs = try #require(deploy["ip1"]).blobs
    guard case .int8(_, let codes) = blobs[0].payload, case .int32(_, let bias) = blobs[1].payload,
      case .uint64(_, let words) = try #require(deploy["ip1_dequant_layer"]).blobs[0].payload
    else {
      Issue.record("ip1 has no integer blobs")
      return
    }
    // code = round(w / 0.01), of int8; bias = round(b / (0.5 * 0.01)).
    let step: Float = 0.01
    for (i, w) in original.blobs[0].values.array.enumerated() {
      let code = min(127, max(-128, (Double(w) / Double(step)).rounded(.toNearestOrAwayFromZero)))
      #expect(Double(codes[i]) == code)
      #expect(try #require(fake["ip1"]).blobs[0].values[i] == Float(code) * step)
    }
    for (i, b) in original.blobs[1].values.array.enumerated() {
      #expect(bias[i] == Int32((b / (0.5 * step)).rounded(.toNearestOrEven)))
    }
    // The step's bits, and the shift above them.
    #expect(words == [UInt64((0.5 * step).bitPattern) | 4 << 32])
    #expect(try #require(fake["ip1_dequant_layer"]).blobs.map { $0.values.array } == [[0.5 * step], [4], [0]])
    let record = try folder.text("out/net_quant_param_record.txt")
    #expect(record.contains("name: \"ip1\"") && !record.contains("conv1"))
    #expect(record.contains("scale: 2\n") && record.contains("offset: -128\n") && record.contains("scale: 100\n"))
  }

  @Test func `a shift is not simulated`() throws {
    var outputs: [Data] = []
    for (name, text) in [
      ("with", Self.older), ("without", Self.older.replacingOccurrences(of: "shift_bit: 4", with: "")),
    ] {
      try cortado(
        ["convert"] + Sample.digits.model
          + ["--record", try folder.write("\(name).txt", text), "--out", folder / "\(name)/net"]
      ).expect(0)
      let net = ["model.prototxt", "weights.caffemodel"].map { folder / "\(name)/net_fake_quant_\($0)" }
      try cortado(
        ["forward"] + net + Sample.digits.evaluation + ["--limit", "4", "--out", folder / "\(name)-out"]
      ).expect(0)
      let file = try #require(folder.names("\(name)-out").first)
      outputs.append(try folder.bytes("\(name)-out/\(file)"))
    }
    #expect(outputs[0] == outputs[1])
  }

  @Test(arguments: [
    ("record { key: \"ip9\" value { scale_d: 1 offset_d: 0 } }", "r.txt:1:10: error: find ip9 failure in "),
    (
      "record { key: \"ip1\" value { scale_w: 1 offset_w: 0 } }",
      "r.txt:1:10: error: Cannot find scale_d of layer 'ip1'"
    ),
    ("record { key: \"data\" value { scale_d: 1 offset_d: 0 } }", "r.txt:1:10: error: layer data cannot be quantized"),
    ("", "r.txt: error: record_file is empty, no layers to be quantized."),
    ("record { keys: 1 }", "r.txt:1:10: error: unknown field 'keys'"),
  ])
  func `a record that is wrong ends with its place, and nothing is written`(_ text: String, _ says: String) throws {
    try convert(Sample.digits.model, try folder.write("r.txt", text)).expect(3, says: says)
    #expect(folder.names().filter { $0 != "amct_log" } == ["r.txt"])
  }

  @Test func `a missing record, a wrong --type and images are told`() throws {
    try convert(Sample.digits.model, "none.txt").expect(3, says: "none.txt: error: cannot read this file")
    let record = try folder.write("r.txt", Self.older)
    try convert(Sample.digits.model, record, "--type", "All").expect(64)
    try convert(Sample.digits.model, record, "--images", "x").expect(64, says: "--evaluate SPEC")
    try convert(Sample.digits.model, record, "--type", "Deploy", "--evaluate", "x").expect(64, says: "fake-quant")
    try convert(Sample.digits.model, record, "--evaluate", folder / "nowhere").expect(3, says: "nowhere")
    #expect(folder.names().filter { $0 != "amct_log" } == ["r.txt"])
  }

  @Test func `--type writes one of the models and both factor files`() throws {
    let record = try folder.write("r.txt", Self.older)
    try convert(Sample.digits.model, record, "--type", "Fakequant").expect(0)
    #expect(
      folder.names("out").map { $0.dropFirst(4) } == [
        "fake_quant_model.prototxt", "fake_quant_weights.caffemodel", "quant.json", "quant_param_record.bin",
        "quant_param_record.txt",
      ])
    try convert(Sample.digits.model, record, "--type", "Deploy")
      .expect(0, says: "The file already exists at out/net_quant.json, and it will be overwritten by AMCT")
    #expect(folder.names("out").count == 7)
  }

  @Test func `a quantized model is not quantized again`() throws {
    let record = try folder.write("r.txt", Self.older)
    try convert(Sample.digits.model, record).expect(0)
    func saved(_ kind: String) -> [String] {
      ["model.prototxt", "weights.caffemodel"].map { folder / "out/net_\(kind)_\($0)" }
    }
    try convert(saved("fake_quant"), record).expect(
      3, says: "'ip1_quant_layer' (Quant): this model is quantized already")
    try convert(saved("deploy"), record).expect(3, says: "this model is quantized already", "holds integer weights")
    // The original net over integer weights, and `quantize` over both.
    let mixed = [Sample.digits.prototxt, saved("deploy")[1]]
    try convert(mixed, record).expect(3, says: "this model is quantized already")
    for model in [saved("deploy"), mixed] {
      try cortado(["quantize"] + model + Sample.digits.calibration + ["--work", folder / "w"])
        .expect(3, says: "holds the integer weights of a deploy model")
    }
    try cortado(["quantize"] + saved("fake_quant") + Sample.digits.calibration + ["--work", folder / "v"])
      .expect(3, says: "this model is quantized already")
  }

  @Test func `an input is not overwritten`() throws {
    let record = try folder.write("r.txt", Self.older)
    for (i, path) in Sample.digits.model.enumerated() {
      try FileManager.default.createDirectory(atPath: folder / "out", withIntermediateDirectories: true)
      try? FileManager.default.copyItem(
        atPath: path, toPath: folder / "out/net_fake_quant_\(i == 0 ? "model.prototxt" : "weights.caffemodel")")
    }
    let model = ["model.prototxt", "weights.caffemodel"].map { "out/net_fake_quant_\($0)" }
    try convert(model, record).expect(3, says: "would overwrite out/net_fake_quant_model.prototxt")
  }

  @Test func `layers of unknown types are carried through, and layers behind them still fuse`() throws {
    let net = try folder.write(
      "net.prototxt",
      Sample.shapes.prototxt(
        "name: \"conv1\"\n  type: \"Convolution\"\n  bottom: \"data\"",
        "name: \"conv1\"\n  type: \"Convolution\"\n  bottom: \"odd\"")
    )
    let text = try String(contentsOfFile: net, encoding: .utf8)
    let place = try #require(text.range(of: "layer {\n  name: \"conv1\""))
    _ = try folder.write(
      "net.prototxt",
      text.replacingCharacters(
        in: place,
        with: "layer { name: \"odd\" type: \"Mystery\" bottom: \"data\" top: \"odd\" }\nlayer {\n  name: \"conv1\""))
    let record = try run(.shapes)
    let outcome = try convert([net, Sample.shapes.weights], record)
    outcome.expect(0, says: "layer 'odd': unknown layer type 'Mystery'")
    #expect(try folder.text("out/net_deploy_model.prototxt").contains("type: \"Mystery\""))
    // The unknown layer changes no weights: the codes are the run's.
    let got = try WeightsFile(path: folder / "out/net_deploy_weights.caffemodel", schema: .builtIn())
    let want = try WeightsFile(path: folder / "run-out/net_deploy_weights.caffemodel", schema: .builtIn())
    #expect(got.layers.map(\.name).filter { $0 != "odd" } == want.layers.map(\.name))
    for layer in want.layers {
      #expect(got[layer.name]?.blobs.map(\.payload) == layer.blobs.map(\.payload), "\(layer.name)")
    }
  }
}
