import Diagnostics
import LayerGraph
import Tensors
import TestSupport
import Testing

@testable import Quantization

/// A record against a net: conv (bn behind it) - pool - fc, add over two inputs, relu.
@Suite struct RecordMatchingTests {
  private static let net =
    NetText.input("data", [1, 2, 4, 4])
    + NetText.layer("conv", "Convolution", ["data"], ["conv"], "convolution_param { num_output: 3 kernel_size: 1 }")
    + NetText.layer("bn", "BatchNorm", ["conv"], ["bn"])
    + NetText.layer("pool", "Pooling", ["bn"], ["pool"], "pooling_param { kernel_size: 2 stride: 2 }")
    + NetText.layer("fc", "InnerProduct", ["pool"], ["fc"], "inner_product_param { num_output: 2 }")
    + NetText.layer("add", "Eltwise", ["pool", "pool"], ["add"])
    + NetText.layer("tanh", "TanH", ["add"], ["tanh"])
    + NetText.layer("quiet", "Silence", ["fc"], [])

  private func file(_ text: String) throws -> RecordFile { try RecordFile.read(Array(text.utf8), file: "r.txt") }
  private static func record(_ layer: String, _ value: String) -> String {
    "record { key: \"\(layer)\" value { \(value) } }\n"
  }
  private static let data = "record_d { scale_d: 0.5 offset_d: 0 index: 0 } "

  /// Matched as `convert` does; the errors of the first step that has any.
  private func matched(_ text: String, news: inout [Diagnostic]) throws -> MatchedRecord {
    let graph = try NetText.graph(Self.net)
    let file = try file(text)
    var log = DiagnosticLog()
    try file.check(against: graph, model: "net.prototxt", log: &log)
    news = log.diagnostics
    var config = QuantConfig()
    config.globals[.skipFusionLayers] = Setting(.names(file.skipFusion), .file)
    let prepared = try PreparedModel(graph, config)
    return try file.matched(to: prepared.graph, absorbed: prepared.absorbed)
  }

  private func errors(_ text: String) -> [String] {
    var news: [Diagnostic] = []
    return NetText.problems { _ = try matched(text, news: &news) }
      .map { "\($0.location.map { "\($0)" } ?? "-"): \($0.text)" }
  }

  @Test func `layers come in the net's order, with what the record says`() throws {
    var news: [Diagnostic] = []
    let text =
      Self.record("pool", Self.data) + Self.record("add", Self.data + "record_d { scale_d: 2 offset_d: 9 index: 1 }")
      + Self.record("conv", "\(Self.data) scale_w: 1 scale_w: 2 scale_w: 4 offset_w: 0 offset_w: 0 offset_w: 0")
    let found = try matched(text, news: &news)
    #expect(found.record.layers.map(\.layer) == ["conv", "pool", "add"])
    #expect(found.record["conv"]?.weightScales == [1, 2, 4] && found.record["conv"]?.weightBits == 8)
    #expect(found.record["pool"]?.isWeighted == false)
    #expect(found.record["add"]?.data.map(\.scale) == [0.5, 2])
    #expect(news.isEmpty)
  }

  @Test func `weight factors of a layer without weights are not looked at`() throws {
    var news: [Diagnostic] = []
    for value in ["scale_w: 1.0 offset_w: 0 ", "scale_w: 0 offset_w: 3 num_bits_w: 8 "] {
      #expect(try matched(Self.record("pool", value + Self.data), news: &news).record["pool"]?.isWeighted == false)
    }
  }

  @Test(arguments: [
    ("conv9", data, "find conv9 failure in net.prototxt. Please match net.prototxt and r.txt."),
    ("quiet", data, "layer quiet cannot be quantized"),
    // Quantized by calibration, but not one of convert_model's types.
    ("tanh", data, "layer tanh cannot be quantized"),
    ("add", data, "Cannot find scale_d of layer 'add' in record file"),
    ("conv", data, "Cannot find scale_w of layer 'conv' in record file"),
    ("conv", data + "scale_w: 1", "Cannot find offset_w of layer 'conv' in record file"),
    ("conv", data + "scale_w: 1 offset_w: 1", "offset_w's value should be 0 in layer conv."),
    ("conv", data + "scale_w: 1 offset_w: 0 offset_w: 0", "conv scale_w and offset_w must be same length"),
    ("conv", data + "scale_w: 0 offset_w: 0", "Exist illegal scale 0.0 in \"conv\""),
    ("conv", data + "scale_w: -1 offset_w: 0", "Exist illegal scale -1.0 in \"conv\""),
    ("conv", data + "scale_w: nan offset_w: 0", "Exist illegal scale nan in \"conv\""),
    ("conv", data + "scale_w: inf offset_w: 0", "Exist illegal scale inf in \"conv\""),
    (
      "conv", data + "scale_w: 1 scale_w: 1 offset_w: 0 offset_w: 0",
      "layer 'conv' (Convolution) has 2 scale_w; it takes one, or 3: one for each output channel"
    ),
    (
      "fc", data + "scale_w: 1 scale_w: 1 offset_w: 0 offset_w: 0",
      "The channel_wise must be False for layer type InnerProduct"
    ),
    (
      "conv", data + "scale_w: 1 offset_w: 0 shift_bit: 1 shift_bit: 2",
      "layer 'conv' has 2 shift_bit and 1 scale_w: they must be as many"
    ),
    (
      "conv", "record_d { scale_d: 1 offset_d: 0 index: 1 }",
      "layer 'conv' (Convolution) has no input 1 to quantize: index is at most 0"
    ),
    (
      "conv", data + "scale_w: 1 offset_w: 0 num_bits_w: 4",
      "layer 'conv' has num_bits_w 4, but not the levels of its non-uniform weights"
    ),
    ("conv", data + "scale_w: 1 offset_w: 0 num_bits_w: 6", "num_bits_w's value should be 8 or 4 in layer conv."),
    (
      "conv", data + "scale_w: 1 offset_w: 0 cluster: 1", "layer 'conv' has a cluster, so num_bits_w must be 4"
    ),
    (
      "conv", data + "scale_w: 1 offset_w: 0 num_bits_w: 4 cluster: 1",
      "layer 'conv' has 1 values of cluster; it takes 16"
    ),
    (
      "conv", data + "scale_w: 1 offset_w: 0 num_bits_w: 4 cluster: 128 " + String(repeating: "cluster: 0 ", count: 15),
      "Cluster center should between [-128, 127], but is 128"
    ),
    (
      "bn", data, "layer 'bn' is fused into 'conv', so it cannot have factors of its own"
    ),
  ])
  func `what does not fit the net is refused at its place`(_ layer: String, _ value: String, _ text: String) {
    let found = errors(Self.record(layer, value))
    #expect(found.contains { $0.hasPrefix("r.txt:1:") && $0.hasSuffix(": " + text) }, "\(found)")
  }

  @Test func `skip_fusion leaves BatchNorm a layer, which may have factors`() throws {
    var news: [Diagnostic] = []
    let text =
      Self.record("conv", "skip_fusion: true scale_w: 1 offset_w: 0 " + Self.data) + Self.record("bn", Self.data)
    let found = try matched(text, news: &news)
    #expect(found.record.layers.map(\.layer) == ["conv", "bn"])
    #expect(found.record["conv"]?.skipFusion == true)
  }

  @Test func `factors that no layer takes are refused, not dropped`() throws {
    let graph = try NetText.graph(Self.net)
    let record = try file(Self.record("gone", Self.data))
    let found = NetText.problems { _ = try record.matched(to: graph, absorbed: [:]) }
    #expect(found.map(\.text) == ["layer 'gone' is not in the net that is to take these factors"])
    #expect(found.first?.location?.line == 1)
  }

  @Test func `shifts are kept, with one warning`() throws {
    var news: [Diagnostic] = []
    let found = try matched(
      Self.record("fc", Self.data + "scale_w: 1 offset_w: 0 shift_bit: 2")
        + Self.record("conv", Self.data + "scale_w: 1 offset_w: 0 shift_bit: 3"), news: &news)
    #expect(found.record["fc"]?.shiftBits == [2] && found.record["conv"]?.shiftBits == [3])
    #expect(
      news.map(\.text) == [
        "shift_bit is kept in the DeQuant layer, and not simulated: 'fc' and 1 more layers have it"
      ])
  }

  @Test func `a data step outside what calibration makes is a warning`() throws {
    var news: [Diagnostic] = []
    _ = try matched(Self.record("pool", "record_d { scale_d: 1e-8 offset_d: 0 index: 0 }"), news: &news)
    #expect(news.count == 1 && news[0].severity == .warning && news[0].text.hasPrefix("scale_d 1e-08 of layer 'pool'"))
  }

  @Test func `the inputs of one layer's weights share their factors`() throws {
    let net =
      NetText.input("a", [1, 2, 4, 4]) + NetText.input("b", [1, 2, 4, 4])
      + NetText.layer(
        "conv", "Convolution", ["a", "b"], ["x", "y"], "convolution_param { num_output: 2 kernel_size: 1 }")
    let graph = try NetText.graph(net)
    let weights = "scale_w: 1 offset_w: 0 "
    let one = try file(Self.record("conv", weights + Self.data))
    var log = DiagnosticLog()
    try one.check(against: graph, model: "net.prototxt", log: &log)
    let spread = try one.matched(to: graph, absorbed: [:]).record["conv"]?.data ?? []
    #expect(spread.map(\.index) == [0, 1] && spread.map(\.scale) == [0.5, 0.5])
    let other = try file(
      Self.record("conv", weights + Self.data + "record_d { scale_d: 0.25 offset_d: 0 index: 1 }"))
    let found = NetText.problems { try other.check(against: graph, model: "net.prototxt", log: &log) }
    #expect(
      found.map(\.text) == [
        "the inputs of layer 'conv' (Convolution) share weights and bias, so they need equal factors"
      ])
  }

  // MARK: weights

  private func outcome(_ weights: [Float], _ matched: MatchedRecord) throws -> (WeightQuantizer.Outcome, [Diagnostic]) {
    let graph = try NetText.graph(
      NetText.input("data", [1, 2, 1, 1])
        + NetText.layer("conv", "Convolution", ["data"], ["y"], "convolution_param { num_output: 2 kernel_size: 1 }"),
      params: ["conv": [Tensor(shape: [2, 2, 1, 1], weights), Tensor(shape: [2])]])
    var log = DiagnosticLog()
    return (try WeightQuantizer.run(graph, with: matched, log: &log), log.diagnostics)
  }

  private func one(_ scales: [Float]) -> MatchedRecord {
    MatchedRecord(record: FactorRecord(layers: [LayerRecord(layer: "conv", weightScales: scales)]), codebooks: [:])
  }

  @Test func `weights become codes of the record's steps`() throws {
    let (out, news) = try outcome([0.75, -0.6, 3, 40], one([0.5, 0.25]))
    // 0.75/0.5 = 1.5 -> 2, -0.6/0.5 = -1.2 -> -1, 3/0.25 = 12, 40/0.25 = 160 -> 127.
    #expect(out.codes["conv"] == [2, -1, 12, 127])
    #expect(out.graph.node(named: "conv")?.params[0].array == [1, -0.5, 3, 31.75])
    #expect(news.isEmpty)
  }

  @Test func `weights far outside the codes are told: the record may be of others`() throws {
    let (_, news) = try outcome([1, 1, 1, 100], one([0.25]))
    #expect(
      news.map(\.text) == [
        "weights of layer 'conv' lie up to 400.0 steps from 0 and codes end at 127: is the record that of these "
          + "weights, fused as they are?"
      ])
  }

  @Test func `levels of a record make non-uniform weights`() throws {
    var matched = one([0.5, 0.25])
    matched.record.layers[0].weightBits = 4
    matched.codebooks["conv"] = [-128, -64, -32, -16, -8, -4, -2, 0, 1, 2, 4, 8, 16, 32, 64, 127]
    let (out, _) = try outcome([0.75, -1.6, 3, 0.1], matched)
    // In steps 1.5, -3.2, 12, 0.4. 1.5 is as near to 1 as to 2, 12 to 8 and 16: the lower; -4, 0.
    #expect(out.codes["conv"] == [8, 5, 11, 7])
    #expect(out.graph.node(named: "conv")?.params[0].array == [0.5, -2, 2, 0])
  }

  @Test func `weights that are no numbers are refused`() throws {
    for bad in [Float.nan, .infinity] {
      let found = NetText.problems { _ = try outcome([1, bad, 1, 1], one([1])) }
      #expect(found.map(\.text) == ["Exist NaN in input data, cannot do ARQ quantize."])
      #expect(found.first?.location?.line == 2)
    }
  }
}
