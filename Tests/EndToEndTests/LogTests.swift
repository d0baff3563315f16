import Foundation
import Tensors
import Testing

/// The original's logs: their lines, levels and places.
@Suite struct `The AMCT log` {
  private let folder = TemporaryFolder()
  private let digits = Sample.digits

  private func run(_ words: [String], _ environment: [String: String] = [:]) throws -> Outcome {
    try RunningProgram(words, in: folder.path, environment: environment).wait()
  }

  private func quantize(
    _ name: String, _ more: [String] = [], _ environment: [String: String] = [:]
  ) throws -> Outcome {
    try run(
      ["quantize"] + digits.model + digits.calibration + ["--batch-num", "2", "--work", name, "--out", "\(name)/q"]
        + more, environment)
  }

  /// Lines without their time; each is checked to have one.
  private func lines(_ text: String) throws -> [String] {
    try text.split(separator: "\n").map {
      let match = try #require(try #/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} - (.*)/#.wholeMatch(in: $0), "\($0)")
      return String(match.1)
    }
  }

  private func log(_ path: String) throws -> [String] { try lines(folder.text(path)) }

  @Test func `a run says what the original says, in its order`() throws {
    try quantize("run").expect(0)
    let all = try log("run/amct_log/amct_caffe.log")
    let wanted = [
      "INFO - [AMCT]:[Config]: Generate config file:run/config.json success!",
      "INFO - [AMCT]:[Calibration]: Doing layer: \"conv1\" calibration, already store 1/2 data.",
      "INFO - [AMCT]:[Calibration]: Doing layer: \"conv1\" calibration, already store 2/2 data.",
      "INFO - [AMCT]:[Calibration]: Start to do ifmr quant.",
      "INFO - [AMCT]:[Calibration]: Do layer:\"conv1\" activation calibration success!",
      "INFO - [AMCT]:[Utils]: The weights_file is saved in run/q_deploy_weights.caffemodel",
      "INFO - [AMCT]:[Utils]: The model_file is saved in run/q_fake_quant_model.prototxt",
    ]
    let places = wanted.map { all.firstIndex(of: $0) }
    for (line, place) in zip(wanted, places) { #expect(place != nil, "\(line)") }
    let found = places.prefix(5).compactMap(\.self)
    #expect(found == found.sorted())
    #expect(!folder.has("amct_log"), "a run's log is in its folder")
    #expect(!all.contains { $0.hasPrefix("DEBUG") })
  }

  @Test func `a run folder's name may be one character`() throws {
    try quantize("r").expect(0)
    #expect(folder.has("r/run.json") && folder.has("r/amct_log/amct_caffe.log"))
  }

  @Test func `verbs without a run write beside them, anew each time`() throws {
    let initialise = ["config", "init"] + digits.model + ["-o", "c.json"]
    for _ in 0..<2 {
      try run(initialise).expect(0)
      #expect(
        try log("amct_log/amct_caffe.log") == ["INFO - [AMCT]:[Config]: Generate config file:c.json success!"])
    }
    try quantize("run").expect(0)
    try run(["save", "run", "--out", "s/net", "--type", "Deploy"]).expect(0)
    let saved = try log("amct_log/amct_caffe.log")
    #expect(saved.contains("INFO - [AMCT]:[Utils]: The weights_file is saved in s/net_deploy_weights.caffemodel"))
    #expect(saved.contains("INFO - [AMCT]:[Utils]: The model_file is saved in s/net_deploy_model.prototxt"))
    try run(["config", "init", "nowhere.prototxt", "-o", "d.json"]).expect(3)
    let failed = try log("amct_log/amct_caffe.log")
    #expect(failed.count == 1 && failed[0].hasPrefix("ERROR - [AMCT]:[Cortado]: "))
    #expect(failed.first?.contains("nowhere.prototxt") == true)
  }

  @Test(arguments: ["AMCT_LOG_LEVEL", "AMCT_LOG_FILE_LEVEL"])
  func `a level that is none is refused at once`(_ name: String) throws {
    let message = "\(name){'LOUD'} is invalid, only support ['DEBUG','INFO','WARNING','ERROR']"
    let nets = digits.model + digits.model
    // save looks for its run first.
    try FileManager.default.createDirectory(atPath: folder / "run", withIntermediateDirectories: true)
    for words in [
      ["config", "init"] + digits.model + ["-o", "c.json"], ["quantize", "a", "b", "--images", "c"],
      ["quantize", "a", "b", "--images", "c", "--detach"], ["pretest", "a", "b", "--images", "c"],
      ["evaluate", "a", "b", "--images", "c"], ["compare"] + nets + ["--images", "c"], ["save", "run", "--out", "x"],
    ] {
      try run(words, [name: "LOUD"]).expect(64, says: message)
    }
    #expect(folder.names() == ["run"] && folder.names("run").isEmpty)
  }

  @Test func `the console has the lines only when a level is set`() throws {
    let initialise = ["config", "init"] + digits.model + ["-o", "c.json"]
    #expect(try !run(initialise).err.contains("[AMCT]"))
    let said = try run(initialise, ["AMCT_LOG_LEVEL": "info"])
    #expect(try lines(said.err) == ["INFO - [AMCT]:[Config]: Generate config file:c.json success!"])
    #expect(try run(initialise, ["AMCT_LOG_LEVEL": "Warning"]).err.isEmpty)
    #expect(try run(initialise + ["--quiet"], ["AMCT_LOG_LEVEL": "DEBUG"]).err.isEmpty)
    // The file has its own level.
    _ = try run(initialise, ["AMCT_LOG_FILE_LEVEL": "error", "AMCT_LOG_LEVEL": "INFO"])
    #expect(try folder.text("amct_log/amct_caffe.log").isEmpty)
  }

  @Test func `a search that fails says so in the original's words`() throws {
    func calibrate(_ value: Float, _ name: String) throws -> [String] {
      var values = [Float](repeating: 0.25, count: 8 * 784)
      values[1000] = value
      try NumpyFile.write(Tensor(shape: [8, 1, 28, 28], values), to: folder / "x.npy")
      let outcome = try run(
        ["quantize"] + digits.model + ["--images", "x.npy", "--work", name, "--out", "\(name)/q"],
        ["AMCT_LOG_LEVEL": "ERROR"])
      outcome.expect(4, says: " - ERROR - [AMCT]:[Calibration]: Check failed")
      return try log("\(name)/amct_log/amct_caffe.log").filter { $0.hasPrefix("ERROR") }
    }
    let failed = "ERROR - [AMCT]:[Calibration]: Check failed: ret == 0 (-65519 vs. 0) Do IFMR calibration failed"
    let nan = try calibrate(.nan, "nan")
    #expect(nan.starts(with: ["ERROR - [AMCT]:[Calibration]: IFMR calibration data has nan value.", failed]))
    // All steps, from 3e38 * 0.7 / 255 on, pass 1 / FLT_EPSILON = 8388608.
    let huge = try calibrate(3e38, "huge")
    #expect(
      huge.contains("ERROR - [AMCT]:[Calibration]: IfmrQuantWithOffset scale is illegal.") && huge.contains(failed))
  }

  @Test func `DEBUG keeps what goes through the first image's Quant layers`() throws {
    try quantize("run").expect(0)
    let fake = ["run/q_fake_quant_model.prototxt", "run/q_fake_quant_weights.caffemodel"]
    let text = try folder.text(fake[0])
    // The first Quant layer of the file, the one before conv1.
    let quant = try #require(
      try #/layer \{\s*name: "([^"]+)"\s*type: "Quant"[^}]*quant_param \{([^}]*)\}/#.firstMatch(in: text))
    let name = String(quant.1)
    func number(_ key: String) throws -> Float {
      let match = try #require(try Regex("\(key): (-?[0-9.e+-]+)").firstMatch(in: String(quant.2)))
      let digits = try #require(match.output[1].substring)
      return try #require(Float(String(digits)))
    }
    let (step, offset) = (Float(1 / Double(try number("scale"))), try number("offset"))
    let renamed = text.replacingOccurrences(of: "name: \"\(name)\"", with: "name: \"a/b\"")
    try Data(renamed.utf8).write(to: URL(fileURLWithPath: folder / fake[0]))
    let evaluate = ["evaluate"] + fake + digits.evaluation + digits.labels
    _ = try run(evaluate)
    #expect(!folder.has("amct_log"), "not at the usual level")
    try run(evaluate, ["AMCT_LOG_FILE_LEVEL": "debug"]).expect(0)
    let kept = try folder.text("amct_log/a%2Fb.log")
    let parts = kept.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    // Twice header, text, empty line, header, values; and the end of the last line.
    #expect(parts.count == 11 && parts[10].isEmpty)
    for i in [0, 3, 5, 8] {
      #expect(
        try #/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\[DEBUG\]\[[^\]]+\]\[[^\]]+\]\[\d+\]/#.wholeMatch(in: parts[i]) != nil)
    }
    #expect(parts[1] == "[AMCT] bottom data of fake quant:" && parts[6] == "[AMCT] top data of fake quant:")
    // The first evaluation image by 256, uint8 behind a header of 128 bytes.
    let pixels = try Data(contentsOf: URL(fileURLWithPath: digits / "evaluation.npy")).dropFirst(128).prefix(784)
    let values = [4, 9].map { parts[$0].split(separator: " ").compactMap { Float($0) } }
    #expect(values[0].count == 784 && values[1].count == 784)
    for (i, pixel) in pixels.enumerated() {
      let x = Float(pixel) / 256
      let code = min(max((x / step).rounded(.toNearestOrAwayFromZero) + offset, -128), 127)
      // Six digits are printed.
      #expect(abs(values[0][i] - x) <= 1e-5 * abs(x) && abs(values[1][i] - (code - offset) * step) <= 1e-5)
    }
    try run(evaluate, ["AMCT_LOG_FILE_LEVEL": "DEBUG"]).expect(0)
    #expect(try folder.text("amct_log/a%2Fb.log").count == 2 * kept.count, "appended")
    #expect(folder.names("amct_log").contains { $0.contains("dequant") })
    // A run keeps its own beside its log.
    try quantize("second", [], ["AMCT_LOG_FILE_LEVEL": "DEBUG"]).expect(0)
    #expect(folder.has("second/amct_log/\(name).log"))
  }
}
