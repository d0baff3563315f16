import CaffeFormat
import Foundation
import Testing

/// Layers of types that nobody knows: carried along by verbs that do not run the net, passed through by those that do.
@Suite struct `--pass-through` {
  private let folder = TemporaryFolder()
  private let net: String
  private let weights: String
  private let proto: String

  init() throws {
    // The same net with and without the unknown layers; between the two convolutions they change nothing.
    func text(_ middle: String, _ bottom: String) -> String {
      """
      name: "odd"
      input: "data" input_shape { dim: 2 dim: 3 dim: 6 dim: 6 }
      layer { name: "conv1" type: "Convolution" bottom: "data" top: "conv1"
        convolution_param { num_output: 4 kernel_size: 3 } }
      \(middle)
      layer { name: "conv2" type: "Convolution" bottom: "\(bottom)" top: "conv2"
        convolution_param { num_output: 2 kernel_size: 3 } }
      """
    }
    let plain = try folder.write("plain.prototxt", text("", "conv1"))
    weights = folder / "net.caffemodel"
    try cortado("bench", plain, "--repeat", "1", "--save-weights", weights).expect(0)
    net = try folder.write(
      "net.prototxt",
      text(
        """
        layer { name: "odd1" type: "Strange" bottom: "conv1" top: "odd1" strange_param { gain: 2 } }
        layer { name: "odd2" type: "Pair" bottom: "odd1" bottom: "data" top: "odd2" top: "copy" }
        """, "odd2"))
    proto = try folder.write(
      "custom.proto",
      """
      message LayerParameter { optional StrangeParameter strange_param = 3000; }
      message StrangeParameter { optional float gain = 1; }
      """)
  }

  private var inputs: [String] {
    ["--input", "data=" + (0..<216).map { "\(sin(Double($0) * 0.37))" }.joined(separator: ",")]
  }

  @Test func `verbs that do not run the net go on with a warning, others say what can be done`() throws {
    let seen = try cortado("inspect", net, weights, "--proto", proto, "--json")
    seen.expect(0, says: "unknown layer type 'Strange'")
    #expect(try seen.json["layers"].list.map { $0["known"].bool } == [true, false, false, true])
    try cortado("config", "init", net, weights, "--proto", proto, "-o", folder / "config.json").expect(0)
    let refused = try cortado(["forward", net, weights, "--proto", proto, "--out", folder / "out"] + inputs)
    refused.expect(3, says: "'Pair' (1 layer), 'Strange' (1 layer)", "--pass-through Pair,Strange")
    try cortado("inspect", net, weights, "--proto", proto, "--pass-through", "ReLU").expect(
      3, says: "'ReLU' cannot be passed through: it is a layer type that can be run")
    try cortado("inspect", net, weights, "--proto", proto, "--pass-through", "Strange,,Pair").expect(
      64, says: "--pass-through takes names of layer types")
  }

  @Test func `a run passes them through, says so and keeps it`() throws {
    let flags = ["--proto", proto, "--pass-through", "Strange,Pair"]
    let words = ["--work", folder / "run", "--out", folder / "out/net", "--json"]
    let outcome = try cortado(["quantize", net, weights] + inputs + flags + words)
    outcome.expect(
      0, says: "net.prototxt:5:1: warning: 1 layer of type 'Strange' passes the input on unchanged",
      "1 layer of type 'Pair'")
    #expect(try outcome.json["passThrough"].strings == ["Strange", "Pair"])
    #expect(try folder.text("run/events.jsonl").contains("passes the input on unchanged"))
    // conv2's input is conv1's output, unchanged: the same net without the two gives the same factors.
    let plain = try cortado(
      ["quantize", folder / "plain.prototxt", weights] + inputs
        + ["--work", folder / "plain-run", "--out", folder / "plain/net", "--json"])
    plain.expect(0)
    func factors(_ outcome: Outcome) throws -> [[Float]] {
      try ["conv1", "conv2"].map { try outcome.json["layers"].first("layer", $0)["scale_d"].floats }
    }
    #expect(try factors(outcome) == factors(plain))
    // The written models have the layers as they were, settings included.
    for name in ["fake_quant", "deploy"] {
      let text = try folder.text("out/net_\(name)_model.prototxt")
      #expect(text.contains("type: \"Strange\"") && text.contains("gain: 2") && text.contains("type: \"Pair\""))
    }
    let saved = ["model.prototxt", "weights.caffemodel"].map { folder / "out/net_fake_quant_" + $0 }
    let compared = try cortado(["compare", net, weights] + saved + inputs + flags + ["--json"])
    compared.expect(0)
    for output in try compared.json["outputs"].list { #expect((output["cosine"].number ?? 0) > 0.99) }
    try cortado(["compare", net, weights] + saved + inputs + ["--proto", proto]).expect(3, says: "--pass-through")
  }

  @Test func `only as many tops as bottoms can be passed through`() throws {
    let path = try folder.write(
      "merge.prototxt",
      """
      input: "a" input_shape { dim: 1 dim: 2 }
      input: "b" input_shape { dim: 1 dim: 2 }
      layer { name: "m" type: "Merge" bottom: "a" bottom: "b" top: "m" }
      """)
    try cortado("inspect", path, "--pass-through", "Merge").expect(
      3, says: "merge.prototxt:3:1: error: layer 'm' (Merge): has 2 bottoms and 1 top; only as many tops as bottoms")
  }

  @Test func `learned blobs of a layer that is passed through are written again`() throws {
    // A layer that learns something under the type that hides it.
    let scaled = try folder.write(
      "scaled.prototxt",
      """
      input: "data" input_shape { dim: 1 dim: 3 dim: 4 dim: 4 }
      layer { name: "s" type: "Scale" bottom: "data" top: "s" }
      layer { name: "conv" type: "Convolution" bottom: "s" top: "conv" convolution_param { num_output: 2 kernel_size: 1 } }
      """)
    let learned = folder / "scaled.caffemodel"
    try cortado("bench", scaled, "--repeat", "1", "--save-weights", learned).expect(0)
    let hidden = try folder.write(
      "hidden.prototxt", try folder.text("scaled.prototxt").replacing("Scale", with: "Hidden"))
    let data = "data=" + (0..<48).map { "\(cos(Double($0)))" }.joined(separator: ",")
    try cortado(
      "quantize", hidden, learned, "--input", data, "--pass-through", "Hidden", "--work", folder / "run", "--out",
      folder / "out/net"
    ).expect(0)
    let schema = try ProtoSchema.builtIn()
    let before = try WeightsFile(path: learned, schema: schema)
    for name in ["deploy", "fake_quant"] {
      let after = try WeightsFile(path: folder / "out/net_\(name)_weights.caffemodel", schema: schema)
      #expect(after["s"]?.blobs.map(\.values) == before["s"]?.blobs.map(\.values))
      #expect(after["s"]?.blobs.first?.values.shape == [3])
    }
  }
}
