import Foundation
import Tensors
import Testing

@Suite struct `Errors in the data` {
  private let folder = TemporaryFolder()

  private func quantize(_ more: String...) throws -> Outcome {
    let outcome = try cortado(
      ["quantize"] + Sample.digits.model + ["--work", folder / "run", "--out", folder / "out/net"] + more)
    #expect(!folder.has("out"), "no result is written")
    return outcome
  }

  /// Eight images whose fourth has one value replaced.
  private func images(_ value: Float) throws -> String {
    var values = (0..<8 * 784).map { Float($0 % 255) / 255 }
    values[3 * 784 + 100] = value
    try NumpyFile.write(Tensor(shape: [8, 1, 28, 28], values), to: folder / "x.npy")
    return folder / "x.npy"
  }

  @Test(arguments: [Float.nan, .infinity])
  func `values that are not finite end with 4 and name layer and image`(_ value: Float) throws {
    let outcome = try quantize("--images", try images(value))
    outcome.expect(
      4, says: "Do IFMR calibration failed for input 0 of layer 'conv1'", value.isNaN ? "nan value" : "inf value",
      "1 value is not finite; the first comes from image '", "x.npy[3]'")
    let events = try folder.text("run/events.jsonl").split(separator: "\n")
    let last = try JSONNode(text: String(try #require(events.last)))
    #expect(last["kind"].string == "finished" && last["status"].int == 4)
    #expect(try folder.text("run/scale_offset_record.txt").contains("conv1"), "the weights' factors stay")
  }

  @Test func `fewer images than calibration needs`() throws {
    try quantize("--images", Sample.digits / "calibration", "--batch-num", "9")
      .expect(3, says: "72 images are needed, there are 64", "(8 fits)")
    try quantize("--images", Sample.digits / "calibration", "--batch-size", "65").expect(3, says: "65", "64")
    try quantize("--images", Sample.digits / "calibration", "--batch-num", "9223372036854775807").expect(3)
    try quantize("--images", Sample.digits / "calibration", "--batch-size", "9223372036854775807").expect(3)
    #expect(folder.names().isEmpty, "not even a run folder")
  }

  @Test func `images of another size`() throws {
    try quantize("--images", Sample.shapes / "calibration", "--preprocess", Sample.digits / "preprocess.json")
      .expect(3, says: "32 x 32", "28 x 28")
  }

  @Test func `a broken image is named`() throws {
    for k in 0..<8 {
      try FileManager.default.createDirectory(atPath: folder / "images", withIntermediateDirectories: true)
      try FileManager.default.copyItem(
        atPath: Sample.digits / "calibration/00\(k).png", toPath: folder / "images/00\(k).png")
    }
    _ = try folder.write("images/003.jpg", Data([0xff, 0xd8, 0xff, 0xe0, 0, 16, 1, 2]))
    try quantize("--images", folder / "images").expect(3, says: "images/003.jpg: error: cannot decode this image")
    try quantize("--images", folder / "nowhere", "--work", folder / "other").expect(3, says: "nowhere")
  }

  @Test func `hostile npy files are refused with their name`() throws {
    let good = try Data(contentsOf: URL(fileURLWithPath: try images(0)))
    func header(_ old: String, _ new: String) -> Data {
      // Same length, so that the header's own length stays right.
      let text = String(decoding: good.prefix(128), as: Unicode.ASCII.self)
      let padded = new.padding(toLength: max(old.count, new.count), withPad: " ", startingAt: 0)
      let grown = text.replacingOccurrences(of: old, with: padded)
      return Data(
        grown.unicodeScalars.map { $0.value == 0xfffd ? 0x93 : UInt8(truncatingIfNeeded: $0.value) }.prefix(128))
        + good.dropFirst(128)
    }
    let shape = "(8, 1, 28, 28)"
    let files: [(String, Data)] = [
      ("empty", Data()), ("cut", good.prefix(500)), ("short", good.prefix(9)), ("text", Data("hello".utf8)),
      ("length", good.prefix(8) + Data([0xff, 0xff]) + good.dropFirst(10)),
      ("negative", header(shape, "(-8, 1, 28,28)")), ("words", header(shape, "(eight, 1, 28)")),
      ("type", header("<f4", "<U4")), ("open", header(shape, "(8, 1, 28, 28 ")),
      ("more", header(shape, "(9, 1, 28, 28)")), ("product", header(shape, "(99999999999,)")),
    ]
    for (name, bytes) in files {
      let path = try folder.write("\(name).npy", bytes)
      try quantize("--images", path).expect(3, says: "\(name).npy")
      try quantize("--input", "data=" + path).expect(3, says: "\(name).npy")
      try cortado("factors", "arq", path).expect(3, says: "\(name).npy")
    }
    #expect(!folder.has("run"))
  }

  @Test func `inputs that do not suit the net`() throws {
    try quantize("--input", "dat=1").expect(3, says: "dat")
    try quantize("--input", "data").expect(3, says: "'data' is no input")
    try quantize("--input", "data=1", "--images", "x").expect(64, says: "not both")
    try NumpyFile.write(Tensor(shape: [8, 2, 28, 28]), to: folder / "two.npy")
    try quantize("--input", "data=" + (folder / "two.npy")).expect(3, says: "'conv1'", "[16, 2, 5, 5]", "[16, 1, 5, 5]")
  }

  @Test func `preprocessing that says too much or nothing known`() throws {
    let unknown = try folder.write("p.json", "{\"scale\": 1,\n \"men\": 0}")
    try quantize("--images", Sample.digits / "calibration", "--preprocess", unknown)
      .expect(3, says: "p.json:2:2: error:", "did you mean 'mean'?")
    let both = try folder.write("p.json", "{\"resize\": [28, 28], \"resize_shorter\": 28}")
    try quantize("--images", Sample.digits / "calibration", "--preprocess", both).expect(3, says: "p.json:1")
  }
}
