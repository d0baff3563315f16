import CaffeFormat
import Diagnostics
import Foundation
import Tensors
import Testing

@Suite struct `cortado uninplace` {
  private let folder = TemporaryFolder()

  private func net(_ name: String) throws -> NetParameter {
    var log = DiagnosticLog()
    return try NetParameter.load(path: folder / name, schema: .builtIn(), log: &log)
  }

  /// Every top has a name of its own, and the net computes what it did: values of all layers, bit for bit.
  @Test(arguments: Sample.allCases) func `the result computes the same`(_ sample: Sample) throws {
    let outcome = try cortado("uninplace", sample.prototxt, "-o", folder / "out.prototxt", "--json")
    outcome.expect(0)
    let layers = try net("out.prototxt").layers
    let tops = layers.flatMap(\.tops)
    #expect(Set(tops).count == tops.count)
    #expect(try outcome.json["layers"].int == layers.count)
    var log = DiagnosticLog()
    let before = try NetParameter.load(path: sample.prototxt, schema: .builtIn(), log: &log)
    let inPlace = before.layers.filter { !Set($0.tops).isDisjoint(with: $0.bottoms) }.count
    #expect(try outcome.json["renamed"].list.count == inPlace, "as many as there were layers in place")
    #expect(inPlace > 0)
    for (name, prototxt) in [("before", sample.prototxt), ("after", folder / "out.prototxt")] {
      for dump in ["outputs", "layers"] {
        try cortado(
          ["forward", prototxt, sample.weights] + sample.evaluation + [
            "--limit", "2", "--dump", dump, "--out", folder / "\(name)-\(dump)",
          ]
        ).expect(0)
      }
    }
    for dump in ["outputs", "layers"] {
      let files = folder.names("before-\(dump)")
      #expect(files == folder.names("after-\(dump)") && !files.isEmpty, "outputs keep their names")
      for file in files {
        let pair = try ["before", "after"].map { try NumpyFile.readTensor(folder / "\($0)-\(dump)/\(file)") }
        #expect(pair[0] == pair[1], "\(file)")
      }
    }
  }

  /// A net with the two phases, a layer of an unknown type, settings that only training reads, and comments.
  private static let source = """
    # a comment
    name: "two"
    layer { name: "train" type: "Input" top: "data" include { phase: TRAIN } input_param { shape { dim: 9 dim: 3 } } }
    layer { name: "test" type: "Input" top: "data" include { phase: TEST } input_param { shape { dim: 1 dim: 3 } } }
    layer {
      name: "fc" type: "InnerProduct" bottom: "data" top: "x"
      param { lr_mult: 1.5 decay_mult: 1 } param { lr_mult: 2 }
      inner_product_param { num_output: 3 weight_filler { type: "xavier" } bias_filler { type: "constant" value: 0.25 } }
    }
    layer { name: "odd" type: "Mystery" bottom: "x" top: "x" mvn_param { across_channels: true } }
    layer { name: "relu" type: "ReLU" bottom: "x" top: "x" relu_param { negative_slope: 0.1 } }
    layer { name: "loss" type: "EuclideanLoss" bottom: "x" bottom: "data" top: "l" include { phase: TRAIN } }
    layer { name: "y" type: "Power" bottom: "x" top: "y" power_param { shift: 1 } }
    """

  @Test func `layers of phase TEST stay, with all their fields, those of unknown types too`() throws {
    let path = try folder.write("net.prototxt", Self.source)
    try cortado("uninplace", path, "-o", folder / "out/net.prototxt").expect(
      0, says: "net.prototxt:10:1: warning: layer 'odd': unknown layer type 'Mystery'")
    let layers = try net("out/net.prototxt").layers
    #expect(layers.map(\.name) == ["test", "fc", "odd", "relu", "y"])
    #expect(layers.map(\.bottoms) == [[], ["data"], ["x_fc"], ["x_odd"], ["x"]])
    #expect(layers.map(\.tops) == [["data"], ["x_fc"], ["x_odd"], ["x"], ["y"]])
    // All else is as it was.
    var log = DiagnosticLog()
    let before = try NetParameter.parse(Array(Self.source.utf8), file: "net", schema: .builtIn(), log: &log)
    for (new, old) in zip(layers, before.layers) {
      var (a, b) = (new.message, old.message)
      for field in ["bottom", "top"] {
        a.remove(field)
        b.remove(field)
      }
      #expect(a == b, "\(old.name)")
    }
    #expect(try net("out/net.prototxt").name == "two")
  }

  @Test func `weights are checked when they are given`() throws {
    let out = folder / "out.prototxt"
    try cortado("uninplace", Sample.digits.prototxt, Sample.digits.weights, "-o", out).expect(0)
    try cortado("uninplace", Sample.digits.prototxt, Sample.shapes.weights, "-o", folder / "no.prototxt")
      .expect(3, says: "digits.prototxt:8:1: error: ")
    #expect(folder.names() == ["out.prototxt"])
  }

  @Test func `a net without in-place layers stays as it is`() throws {
    let first = folder / "first.prototxt"
    try cortado("uninplace", Sample.shapes.prototxt, "-o", first).expect(0)
    let again = try cortado("uninplace", first, "-o", folder / "second.prototxt", "--json")
    again.expect(0)
    #expect(try again.json["renamed"].list.isEmpty)
    #expect(try folder.bytes("first.prototxt") == folder.bytes("second.prototxt"))
  }

  @Test func `the input is not overwritten, by whatever name, another file is, with a warning`() throws {
    let path = try folder.write("net.prototxt", Self.source)
    try FileManager.default.createSymbolicLink(atPath: folder / "link", withDestinationPath: path)
    try FileManager.default.linkItem(atPath: path, toPath: folder / "hard")
    for name in ["net.prototxt", "./net.prototxt", "link", "hard"] {
      try cortado("uninplace", "net.prototxt", "-o", name, in: folder.path).expect(
        3, says: "\(name) would overwrite net.prototxt, which is read")
    }
    #expect(try folder.text("net.prototxt") == Self.source)
    _ = try folder.write("old.prototxt", "x")
    try cortado("uninplace", path, "-o", folder / "old.prototxt").expect(0, says: "The file already exists at")
    #expect(try net("old.prototxt").layers.count == 5)
  }

  @Test func `an output that has an input's name is told`() throws {
    let path = try folder.write(
      "net.prototxt",
      "input: \"data\" input_shape { dim: 1 dim: 2 }\n"
        + "layer { name: \"relu\" type: \"ReLU\" bottom: \"data\" top: \"data\" }\n")
    let outcome = try cortado("uninplace", path, "-o", folder / "out.prototxt")
    outcome.expect(0, says: "net.prototxt:2:1: warning: output 'data' is called 'data_relu' now")
    #expect(try net("out.prototxt").inputs.map(\.name) == ["data"])
  }

  @Test func `errors of the net and of the flags`() throws {
    try cortado("uninplace", folder / "none.prototxt", "-o", folder / "x").expect(3, says: "none.prototxt")
    let bad = try folder.write("bad.prototxt", "layer { name: \"a\" type: \"ReLU\" bottom: \"q\" top: \"q\" }")
    try cortado("uninplace", bad, "-o", folder / "x").expect(3, says: "bad.prototxt:1:", "unknown bottom blob 'q'")
    try cortado("uninplace", bad).expect(64)
    try cortado("uninplace", Sample.digits.prototxt, "-o", folder.path).expect(4, says: "it is a folder")
    #expect(folder.names() == ["bad.prototxt"])
  }
}
