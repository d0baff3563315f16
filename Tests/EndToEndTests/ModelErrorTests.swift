import Foundation
import Testing

@Suite struct `Errors in a model` {
  private let folder = TemporaryFolder()

  /// Quantizes with a changed net; nothing may be left behind.
  private func quantize(_ prototxt: String, _ weights: String = Sample.digits.weights) throws -> Outcome {
    let before = folder.names()
    let outcome = try cortado(
      ["quantize", prototxt, weights] + Sample.digits.calibration
        + ["--work", folder / "run", "--out", folder / "out/net"])
    #expect(folder.names() == before, "nothing is written")
    return outcome
  }

  private func net(_ old: String, _ new: String) throws -> String {
    try folder.write("net.prototxt", Sample.digits.prototxt(old, new))
  }

  @Test func `a file that is not there`() throws {
    try quantize(folder / "none.prototxt").expect(3, says: "cannot read", "none.prototxt", "No such file")
    try quantize(Sample.digits.prototxt, folder / "none.caffemodel").expect(3, says: "none.caffemodel", "No such file")
    try quantize(folder.path).expect(3, says: "it is a folder")
  }

  @Test func `syntax and unknown fields are told with their place`() throws {
    try quantize(net("num_output: 16", "num_output 16")).expect(3, says: "net.prototxt:14:16: error: expected \":\"")
    try quantize(net("kernel_size: 5", "kernel_sise: 5"))
      .expect(
        3, says: "net.prototxt:15:5: error: unknown field 'kernel_sise'", "did you mean 'kernel_size'?",
        "net.prototxt:37:5")
    try quantize(folder.write("empty.prototxt", "")).expect(3, says: "the net has no layers")
  }

  @Test func `all unknown types are told at once, before anything runs`() throws {
    let text = try Sample.digits.prototxt("type: \"Pooling\"", "type: \"Pooolng\"")
      .replacingOccurrences(of: "type: \"ReLU\"", with: "type: \"Rectify\"")
    try quantize(folder.write("net.prototxt", text))
      .expect(
        3, says: "layer types 'Pooolng' (2 layers), 'Rectify' (1 layer) cannot be run", "did you mean 'Pooling'?",
        "net.prototxt:19:1: note: layer 'pool1' has type 'Pooolng'", "note: layer 'relu1' has type 'Rectify'",
        "--outputs conv1")
  }

  @Test func `an unknown bottom names the nearest blob`() throws {
    try quantize(net("bottom: \"pool1\"", "bottom: \"pol1\""))
      .expect(3, says: "net.prototxt:33:3: error:", "unknown bottom blob 'pol1'", "did you mean 'pool1'?")
  }

  @Test(arguments: [
    ("kernel_size: 5", "kernel_size: 0", "kernel_size must be at least 1"),
    ("kernel_size: 5", "kernel_size: 4294967295", "kernel_size"),
    ("stride: 2", "stride: 0", "stride must be at least 1"),
    ("kernel_size: 2", "kernel_size: 2000", "larger than its padded bottom"),
    ("num_output: 96", "num_output: 4294967295", "num_output"),
    ("num_output: 16", "num_output: 16 group: 3", "group"),
    ("num_output: 16", "num_output: 16 pad: 4294967295", "conv1"),
    ("dim: 8 dim: 1", "dim: 9223372036854775807 dim: 9223372036854775807", "too large"),
    ("dim: 8 dim: 1", "dim: 99999 dim: 99999", "too large"),
    ("dim: 8 dim: 1", "dim: -8 dim: 1", "data"),
  ])
  func `impossible extents are refused with their place`(_ old: String, _ new: String, _ word: String) throws {
    try quantize(net(old, new)).expect(3, says: "net.prototxt:", ": error: layer '", word)
  }

  @Test func `weights of another shape name both shapes`() throws {
    try quantize(net("num_output: 32", "num_output: 31"))
      .expect(3, says: "'conv2'", "[31, 16, 5, 5]", "[32, 16, 5, 5]")
  }

  @Test func `weights that are none`() throws {
    let good = try Data(contentsOf: URL(fileURLWithPath: Sample.digits.weights))
    try quantize(Sample.digits.prototxt, folder.write("empty.caffemodel", "")).expect(3, says: "0 bytes")
    try quantize(Sample.digits.prototxt, folder.write("text.caffemodel", "hello\n"))
      .expect(3, says: "the file is text", "text.caffemodel:1:1")
    for length in [1, 100, 5_000, good.count / 2, good.count - 1] {
      try quantize(Sample.digits.prototxt, folder.write("cut.caffemodel", good.prefix(length))).expect(
        3, says: "cut.caffemodel")
    }
    try quantize(Sample.digits.prototxt, Sample.shapes.weights).expect(3, says: "shapes.caffemodel")
  }

  @Test func `with --json the error is the one document`() throws {
    let outcome = try cortado("inspect", net("kernel_size: 5", "kernel_sise: 5"), "--json")
    outcome.expect(3)
    let error = try outcome.json
    #expect(error["status"].int == 3)
    #expect(error["diagnostics"][0]["line"].int == 15 && error["diagnostics"][0]["column"].int == 5)
    #expect(error["diagnostics"][0]["help"].strings == ["did you mean 'kernel_size'?"])
    let missing = try cortado("inspect", folder / "none", "--json")
    #expect(try missing.json["diagnostics"][0]["line"].isNull, "no line 0")
  }
}
