import Foundation
import Tensors
import Testing

/// Layer types from libraries, built here with `cc` from Samples/plugin.
@Suite struct `Plug-ins` {
  private let folder = TemporaryFolder()

  private static var root: String { (Sample.digits.folder as NSString).deletingLastPathComponent + "/.." }
  private static var example: String { root + "/Samples/plugin/example_layers" }

  /// Compiles C text, with the text of the example replaced here and there.
  private func library(_ name: String, _ changes: [(String, String)] = []) throws -> String {
    var text = try String(contentsOfFile: Self.example + ".c", encoding: .utf8)
    for (old, new) in changes {
      #expect(text.contains(old))
      text = text.replacingOccurrences(of: old, with: new)
    }
    let source = try folder.write("\(name).c", text)
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    // The example itself compiles without a warning; changed for a test it may be odd.
    let warnings = changes.isEmpty ? ["-Wall", "-Wextra", "-Werror"] : ["-w"]
    process.arguments =
      ["cc", "-shared", "-fPIC", "-O1"] + warnings + [
        "-I", Self.root + "/Sources/CPlugin/include", "-o", folder / "\(name).so", source,
      ]
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0, "cc")
    return folder / "\(name).so"
  }

  private let net = """
    layer { name: "in" type: "Input" top: "x" input_param { shape { dim: 1 dim: 4 dim: 1 dim: 2 } } }
    layer { name: "gain" type: "ExampleGain" bottom: "x" top: "y" example_gain_param { factor: 2 } }
    layer { name: "halves" type: "ExampleHalves" bottom: "y" top: "a" top: "b" }
    layer { name: "plus" type: "Power" bottom: "a" top: "c" power_param { shift: 1 } }
    """

  private func words(_ library: String) -> [String] { ["--plugin", library, "--proto", Self.example + ".proto"] }

  /// x = 1 ... 8 as [1, 4, 1, 2].
  private func input() throws -> String {
    try NumpyFile.write(Tensor(shape: [1, 4, 1, 2], (1...8).map(Float.init)), to: folder / "x.npy")
    return "x=" + (folder / "x.npy")
  }

  /// A weights file in which gain is [1, 10, 100, 1000], written as protobuf wire bytes by hand:
  /// NetParameter.layer = 100, LayerParameter.name = 1, .type = 2, .blobs = 7, BlobProto.data = 5 (packed), .shape = 7,
  /// BlobShape.dim = 1 (packed).
  private func weights() throws -> String {
    func field(_ number: Int, _ bytes: [UInt8]) -> [UInt8] {
      func varint(_ value: Int) -> [UInt8] {
        value < 128 ? [UInt8(value)] : [UInt8(value & 127 | 128)] + varint(value >> 7)
      }
      return varint(number << 3 | 2) + varint(bytes.count) + bytes
    }
    let values = [Float(1), 10, 100, 1000].flatMap { value in
      withUnsafeBytes(of: value.bitPattern.littleEndian) { Array($0) }
    }
    let blob = field(5, values) + field(7, field(1, [4]))
    let layer = field(1, Array("gain".utf8)) + field(2, Array("ExampleGain".utf8)) + field(7, blob)
    return try folder.write("net.caffemodel", Data(field(100, layer)))
  }

  @Test func `a library's layers run between others, with parameters and weights`() throws {
    let net = try folder.write("net.prototxt", net)
    let library = try library("example")
    let outcome = try cortado(
      ["forward", net, weights(), "--input", input(), "--dump", "blobs", "--out", folder / "out", "--json"]
        + words(library))
    outcome.expect(0)
    // y = 2 * gain[c] * x: channels (1, 2), (3, 4), (5, 6), (7, 8) by 2, 20, 200, 2000
    #expect(try NumpyFile.readTensor(folder / "out/y.npy").array == [2, 4, 60, 80, 1000, 1200, 14000, 16000])
    #expect(try NumpyFile.readTensor(folder / "out/b.npy") == Tensor(shape: [1, 2, 1, 2], [1000, 1200, 14000, 16000]))
    // c = a + 1
    #expect(try NumpyFile.readTensor(folder / "out/c.npy").array == [3, 5, 61, 81])
    let backends = try outcome.json["layers"].list.filter { $0["name"].string == "gain" }.compactMap {
      $0["backend"].string
    }
    #expect(backends == ["plug-in"])
  }

  @Test func `a type is quantized when its library says so, and the run writes it`() throws {
    let net = try folder.write("net.prototxt", net)
    let library = try library("example")
    let shown = try cortado(["--plugin", library, "inspect", net, "--json", "--proto", Self.example + ".proto"])
    shown.expect(0)
    let layers = try shown.json["layers"].list
    #expect(layers.compactMap { $0["role"].string } == ["none", "data", "none", "data"])
    #expect(layers.allSatisfy { $0["known"].bool == true })
    #expect(layers[1]["params"].int == 4)
    let run = try cortado(
      [
        "quantize", net, weights(), "--input", input(), "--batch-num", "1", "--out", folder / "q/net", "--work",
        folder / "run", "--json",
      ] + words(library))
    run.expect(0)
    let states = try run.json["layers"].list.filter { $0["state"].string == "quantized" }.compactMap {
      $0["layer"].string
    }
    #expect(states.contains("gain") && !states.contains("halves"))
    let written = try folder.text("q/net_fake_quant_model.prototxt")
    #expect(written.contains("type: \"ExampleGain\"") && written.contains("factor: 2"))
  }

  @Test func `what a library refuses is told with the layer's place`() throws {
    let library = try library("example")
    func problem(_ old: String, _ new: String) throws -> Outcome {
      let file = try folder.write("net.prototxt", net.replacingOccurrences(of: old, with: new))
      return try cortado(["inspect", file] + words(library))
    }
    try problem("factor: 2", "factor: -2")
      .expect(3, says: "net.prototxt:2:1: error: layer 'gain' (ExampleGain): factor must be positive, is -2")
    try problem("dim: 4", "dim: 3")
      .expect(
        3,
        says:
          "net.prototxt:3:1: error: layer 'halves' (ExampleHalves) refuses its bottoms: needs an even number of channels, has 3"
      )
    try problem("top: \"a\" top: \"b\"", "top: \"a\"").expect(3, says: "'halves' (ExampleHalves) makes 2 tops, has 1")
  }

  @Test func `an error of forward ends the run`() throws {
    let library = try library(
      "failing",
      [
        (
          "  (void)state;\n  (void)error;\n  const int64_t half",
          "  (void)state;\n  snprintf(error, CORTADO_ERROR_BYTES, \"out of luck\");\n  if (error[0]) return 7;\n  const int64_t half"
        )
      ])
    let file = try folder.write("net.prototxt", net)
    try cortado(["forward", file, weights(), "--input", input(), "--out", folder / "out"] + words(library))
      .expect(3, says: "out of luck", "while running 'halves' (ExampleHalves)")
  }

  @Test(arguments: [
    (
      "other", ".abi = CORTADO_PLUGIN_ABI", ".abi = 99",
      "built for version 99 of the plug-in interface, Cortado has version 1"
    ),
    ("shadow", "\"ExampleGain\"", "\"ReLU\"", "has a layer type 'ReLU', which is built in"),
    (
      "entry", "cortado_plugin_entry(uint32_t host_abi)\n{",
      "something_else(uint32_t host_abi);\nconst cortado_plugin *something_else(uint32_t host_abi)\n{",
      "this library is no plug-in"
    ),
    (
      "arity", ".max_tops = 2", ".max_tops = 1",
      "'ExampleHalves' of this plug-in takes 1 to 1 bottoms and makes 2 to 1 tops"
    ),
    (
      "half", ".forward = halves_forward", ".forward = NULL",
      "'ExampleHalves' of this plug-in lacks top_shapes or forward"
    ),
    (
      "huge", "tops[0] = bottoms[0];\n  tops[0].dims[1] /= 2;", "tops[0] = bottoms[0];\n  tops[0].dims[1] = INT64_MAX;",
      "which is not possible"
    ),
  ])
  func `a library that does not fit is refused`(_ name: String, _ old: String, _ new: String, _ words: String) throws {
    let library = try library(name, [(old, new)])
    let file = try folder.write("net.prototxt", net)
    let outcome = try cortado(["inspect", file] + self.words(library))
    outcome.expect(3, says: words)
    #expect(name == "huge" || outcome.err.contains("\(name).so: error:"))
  }

  @Test func `what is no library, and the same type twice`() throws {
    let file = try folder.write("net.prototxt", net)
    let text = try folder.write("text.so", "hello")
    try cortado(["inspect", file, "--plugin", text]).expect(3, says: "text.so: error: cannot load this plug-in")
    try cortado(["inspect", file, "--plugin", folder / "none.so"]).expect(3, says: "none.so", "No such file")
    let (one, two) = (try library("one"), try library("two"))
    try cortado(["inspect", file, "--plugin", one] + words(two))
      .expect(3, says: "two.so: error: the plug-in has a layer type 'ExampleGain', which \(one) has already")
  }

  @Test func `cortado layers lists them`() throws {
    let list = try cortado(["layers", "--json", "--plugin", library("example")])
    list.expect(0)
    let gain = try list.json.list.first { $0["type"].string == "ExampleGain" }
    #expect(gain?["backend"].string == "plug-in")
    #expect(gain?["role"].string == "data")
  }
}
