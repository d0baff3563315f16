import Foundation
import Testing

@Suite struct `cortado dataset` {
  private let folder = TemporaryFolder()
  private let digits = Sample.digits

  private func makeEvaluationLMDB(_ name: String = "db") throws -> String {
    try cortado(
      ["dataset", "make-lmdb", digits / "evaluation.npy", folder / name] + digits.labels + ["--quiet"]
    ).expect(0)
    return folder / name
  }

  private func top1(_ more: String...) throws -> Double? {
    let outcome = try cortado(["evaluate"] + digits.model + digits.preprocess + ["--json"] + more)
    outcome.expect(0)
    return try outcome.json["top1"].number
  }

  @Test func `an LMDB evaluates as the images that it was made of`() throws {
    let db = try makeEvaluationLMDB()
    // README: 97.0 %
    #expect(try top1("--images", db) == 0.97)
    for (name, flags) in [
      ("raw", ["--gray"]), ("files", ["--encoded", "--shuffle"]), ("again", ["--encode-type", "png"]),
    ] {
      let made = try cortado(
        ["dataset", "make-lmdb", digits / "calibration.txt", folder / name, "--json"] + flags)
      made.expect(0)
      let report = try made.json
      #expect(report["count"].int == 64 && report["labelled"].int == 64)
      #expect(try top1("--images", folder / name) == top1("--images", digits / "calibration.txt"), "\(name)")
    }
    #expect(Set(folder.names()) == ["again", "db", "files", "raw"])
  }

  @Test func `info tells count, shapes, labels and the first entries`() throws {
    let info = try cortado("dataset", "info", try makeEvaluationLMDB(), "--entries", "2", "--json").json
    #expect(info["kind"].string == "LMDB" && info["count"].int == 200 && info["labelled"].int == 200)
    #expect(info["shapes"].list.count == 1 && info["shapes"][0]["shape"].ints == [1, 28, 28])
    // README: 20 of each digit.
    #expect(info["labels"].list.map { $0["label"].int } == (0..<10).map { $0 })
    #expect(info["labels"].list.allSatisfy { $0["count"].int == 20 })
    #expect(
      info["first"].list.map { $0["name"].string } == ["00000000_evaluation.npy[0]", "00000001_evaluation.npy[1]"])
    let text = try cortado("dataset", "info", digits / "calibration")
    text.expect(0)
    for words in ["folder, 64 images", "[1, 28, 28]", "no labels"] { #expect(text.out.contains(words), "\(words)") }
  }

  @Test func `what is in the way or cannot be read ends with 3 and leaves nothing`() throws {
    let db = try makeEvaluationLMDB()
    let before = try folder.bytes("db/data.mdb")
    try cortado("dataset", "make-lmdb", digits / "calibration.txt", db).expect(
      3, says: "there is something here already")
    #expect(try folder.bytes("db/data.mdb") == before)
    let list = try folder.write("bad.txt", "nothing.png 1\n")
    try cortado("dataset", "make-lmdb", list, folder / "out").expect(3, says: "bad.txt:1: error: no such file")
    try cortado("dataset", "make-lmdb", folder / "nowhere", folder / "out").expect(3, says: "nowhere")
    try cortado("dataset", "make-lmdb", list, folder / "out", "--resize", "4").expect(3, says: "two numbers")
    try cortado("dataset", "make-lmdb", list, folder / "out", "--encode-type", "gif").expect(64, says: "png")
    #expect(folder.names() == ["bad.txt", "db"])
    _ = try folder.write("level/CURRENT", "MANIFEST-000002\n")
    _ = try folder.write("level/000003.sst", "")
    try cortado("dataset", "info", folder / "level")
      .expect(3, says: "this is a LevelDB", "cortado dataset make-lmdb LIST OUT", "convert_imageset")
  }

  @Test func `a net that names its LMDB needs no images`() throws {
    _ = try makeEvaluationLMDB("eval_lmdb")
    let net = try digits.prototxt(
      "type: \"Input\"\n  top: \"data\"\n  input_param { shape: { dim: 8 dim: 1 dim: 28 dim: 28 } }",
      "type: \"Data\"\n  top: \"data\"\n  transform_param { scale: 0.00390625 }\n"
        + "  data_param { source: \"eval_lmdb\" batch_size: 8 backend: LMDB }")
    let path = try folder.write("net.prototxt", net)
    let inspected = try cortado(["inspect", path, "--json"], in: folder.path).json
    #expect(inspected["inputs"][0]["shape"].ints == [8, 1, 28, 28])
    let outcome = try cortado(
      ["evaluate", path, digits.weights, "--json"] + digits.labels, in: folder.path)
    outcome.expect(0, says: "no --images given: layer 'data' of the net names the LMDB 'eval_lmdb'")
    #expect(try outcome.json["top1"].number == 0.97)
    let run = try cortado(
      ["quantize", path, digits.weights, "--batch-num", "2", "--out", "q", "--work", "run", "--json"], in: folder.path)
    run.expect(0)
    #expect(try run.json["images"].int == 16)
    #expect(try run.json["data"]["source"].string == "eval_lmdb")
    // Elsewhere it is not at hand.
    try cortado("evaluate", path, digits.weights).expect(64, says: "give --images or --input", "names 'eval_lmdb'")
    // Given images win.
    let given = try cortado(
      ["evaluate", path, digits.weights, "--json", "--quiet", "--images", digits / "calibration.txt"], in: folder.path)
    #expect(try given.json["images"].int == 64)
  }

  @Test func `HDF5 files are images and tensors`() throws {
    let fixtures = digits / "../../Tests/DatasetsTests/Fixtures/"
    let net = try folder.write(
      "net.prototxt",
      """
      layer { name: "in" type: "Input" top: "data" input_param { shape { dim: 2 dim: 1 dim: 2 dim: 2 } } }
      layer { name: "p" type: "Power" bottom: "data" top: "p" power_param { scale: 2 shift: 1 } }
      """)
    try cortado("forward", net, "--images", fixtures + "two.h5", "--out", folder / "a").expect(0)
    try cortado("forward", net, "--input", "data=" + fixtures + "two.h5", "--out", folder / "b").expect(0)
    // 2 x + 1 of 100 .. 107, float32 behind a header of 128 bytes.
    let wanted = (0..<8).map { Float(2 * (100 + $0) + 1) }
    for name in ["a/p.npy", "b/p.npy"] {
      let values = try folder.bytes(name).dropFirst(128).withUnsafeBytes { Array($0.bindMemory(to: Float.self)) }
      #expect(values == wanted, "\(name)")
    }
    try cortado("forward", net, "--images", fixtures + "wide.h5", "--out", folder / "c").expect(3, says: "wide.h5")
  }
}
