import CaffeFormat
import Diagnostics
import LayerGraph
import Layers
import Tensors
import TestSupport
import Testing

@Suite struct NetPartTests {
  /// ```
  /// data - conv1 (relu1 in place) - pool1 - conv2 - fc
  ///                                 pool1 - side
  /// ```
  private let text =
    NetText.input("data", [2, 3, 8, 8])
    + NetText.layer("conv1", "Convolution", ["data"], ["conv1"], "convolution_param { num_output: 4 kernel_size: 3 }")
    + NetText.layer("relu1", "ReLU", ["conv1"], ["conv1"])
    + NetText.layer("pool1", "Pooling", ["conv1"], ["pool1"], "pooling_param { kernel_size: 2 stride: 2 }")
    + NetText.layer("conv2", "Convolution", ["pool1"], ["conv2"], "convolution_param { num_output: 5 kernel_size: 3 }")
    + NetText.layer("fc", "InnerProduct", ["conv2"], ["fc"], "inner_product_param { num_output: 7 }")
    + NetText.layer("side", "ReLU", ["pool1"], ["side"])

  private func cut(
    _ text: String, inputs: [String] = [], outputs: [String] = [], shapes: [String: Shape] = [:],
    warnings: inout [String]
  ) throws -> NetParameter {
    var log = DiagnosticLog()
    let net = try NetParameter.parse(Array(text.utf8), file: "net.prototxt", schema: .builtIn(), log: &log)
    let part = try net.cut(
      to: NetPart(inputs: inputs, outputs: outputs), catalog: .builtIn, inputShapes: shapes, log: &log)
    warnings = log.diagnostics.map(\.text)
    return part
  }

  private func cut(
    _ text: String, inputs: [String] = [], outputs: [String] = [], shapes: [String: Shape] = [:]
  ) throws -> NetParameter {
    var warnings: [String] = []
    return try cut(text, inputs: inputs, outputs: outputs, shapes: shapes, warnings: &warnings)
  }

  private func graph(_ net: NetParameter) throws -> Graph {
    var log = DiagnosticLog()
    return try Graph.build(
      name: net.name, header: net.message, inputs: net.inputs, layers: net.layers, catalog: .builtIn, log: &log)
  }

  private func names(_ net: NetParameter) -> [String] { net.layers.map { "\($0.type) \($0.name)" } }

  // MARK: outputs

  @Test func `outputs keep what they are computed from, and nothing else`() throws {
    let part = try cut(text, outputs: ["conv2"])
    #expect(names(part) == ["Convolution conv1", "ReLU relu1", "Pooling pool1", "Convolution conv2"])
    let graph = try graph(part)
    #expect(graph.outputs.map { graph[$0].name } == ["conv2"])
    #expect(graph.inputs.map { graph[$0].name } == ["data"])
  }

  @Test func `a name means the blob as the last layer that works in place leaves it`() throws {
    #expect(names(try cut(text, outputs: ["conv1"])) == ["Convolution conv1", "ReLU relu1"])
  }

  @Test func `what is cut off needs neither known types nor shapes that fit`() throws {
    let odd =
      text + NetText.layer("odd", "Nobody", ["fc"], ["odd"])
      + NetText.layer("bad", "Convolution", ["side"], ["bad"], "convolution_param { num_output: 1 kernel_size: 99 }")
    #expect(NetText.problems { _ = try graph(try cut(odd, outputs: ["fc"])) }.isEmpty)
    #expect(try graph(cut(odd, outputs: ["fc"])).unknownNodes.isEmpty)
  }

  @Test func `an output on the way to another one is none, and that is told`() throws {
    var warnings: [String] = []
    let part = try cut(text, outputs: ["pool1", "side"], warnings: &warnings)
    let graph = try graph(part)
    #expect(graph.outputs.map { graph[$0].name } == ["side"])
    #expect(warnings == ["'pool1' is no output of the part: layer 'side' reads it on the way to another one"])
  }

  @Test func `tops that nobody reads any more are silenced`() throws {
    let sliced =
      NetText.input("data", [1, 4]) + NetText.layer("slice", "Slice", ["data"], ["a", "b"])
      + NetText.layer("ra", "ReLU", ["a"], ["ra"]) + NetText.layer("rb", "ReLU", ["b"], ["rb"])
    let part = try cut(sliced, outputs: ["ra"])
    #expect(names(part) == ["Slice slice", "ReLU ra", "Silence silence"])
    #expect(part.layers.last?.bottoms == ["b"])
    let graph = try graph(part)
    #expect(graph.outputs.map { graph[$0].name } == ["ra"])
  }

  @Test func `inputs that nobody needs go with their shapes`() throws {
    let two =
      "input: \"a\" input: \"b\" input_dim: 1 input_dim: 2 input_dim: 3 input_dim: 4 "
      + "input_dim: 5 input_dim: 6 input_dim: 7 input_dim: 8\n" + NetText.layer("ra", "ReLU", ["a"], ["ra"])
      + NetText.layer("rb", "ReLU", ["b"], ["rb"])
    let part = try cut(two, outputs: ["rb"])
    #expect(part.inputs.map(\.name) == ["b"])
    #expect(part.inputs.map(\.shape) == [[5, 6, 7, 8]])
    #expect(part.message.strings("input") == ["b"] && part.message.ints("input_dim").isEmpty)
    #expect(part.message.messages("input_shape").map { $0.ints("dim") } == [[5, 6, 7, 8]])
    let layers =
      "layer { name: \"in\" type: \"Input\" top: \"a\" top: \"b\" input_param { shape { dim: 1 } shape { dim: 2 } } }\n"
      + NetText.layer("rb", "ReLU", ["b"], ["rb"])
    let graph = try graph(try cut(layers, outputs: ["rb"]))
    #expect(graph.inputs.map { graph[$0].name } == ["b"])
    #expect(graph.inputs.map { graph.shape($0) } == [[2]])
  }

  // MARK: inputs

  @Test func `an input has the shape that the whole net infers for it`() throws {
    // (8 - 3 + 1) = 6 after conv1, 6 / 2 = 3 after pool1
    let part = try cut(text, inputs: ["pool1"], outputs: ["fc"])
    #expect(names(part) == ["Input pool1_input", "Convolution conv2", "InnerProduct fc"])
    #expect(part.inputs.isEmpty && part.message.strings("input").isEmpty)
    let graph = try graph(part)
    #expect(graph.inputs.map { graph.shape($0) } == [[2, 4, 3, 3]])
    #expect(graph.outputs.map { graph[$0].name } == ["fc"])
  }

  @Test func `without outputs those that depend on the inputs are meant`() throws {
    let part = try cut(text, inputs: ["conv2"])
    #expect(names(part) == ["Input conv2_input", "InnerProduct fc"])
    let both = try graph(try cut(text, inputs: ["pool1"]))
    #expect(both.outputs.map { both[$0].name } == ["fc", "side"])
  }

  @Test func `a shape that was given counts, and what is before the input is not looked at`() throws {
    let odd =
      NetText.input("data", [1, 4]) + NetText.layer("odd", "Nobody", ["data"], ["x"])
      + NetText.layer("r", "ReLU", ["x"], ["r"])
    let graph = try graph(try cut(odd, inputs: ["x"], shapes: ["x": [3, 5]]))
    #expect(graph.inputs.map { graph.shape($0) } == [[3, 5]])
    let found = NetText.problems { _ = try cut(odd, inputs: ["x"]) }
    #expect(found.map(\.text) == ["the shape of 'x' is not known, so it cannot be an input"])
    #expect(found.first?.notes.first?.text == "layer 'odd' has the unknown type 'Nobody'")
    #expect(found.first?.help.first == "give it: --input-shape x=N,C,H,W")
  }

  @Test func `naming an input of the net changes nothing`() throws {
    #expect(names(try cut(text, inputs: ["data"], outputs: ["fc"])) == names(try cut(text, outputs: ["fc"])))
  }

  @Test func `shapes of inputs that are cut away are dropped, wrong names are not`() throws {
    var log = DiagnosticLog()
    let whole = try NetParameter.parse(Array(text.utf8), file: "net.prototxt", schema: .builtIn(), log: &log)
    let part = try cut(text, inputs: ["pool1"])
    let shapes = part.inputShapes(
      of: ["data": [1, 3, 8, 8], "pool1": [1, 4, 3, 3], "nothing": [1]], from: whole, .builtIn)
    #expect(shapes == ["pool1": [1, 4, 3, 3], "nothing": [1]])
  }

  // MARK: refusals

  @Test func `unknown blobs are told with near names, layers with their tops`() {
    let found = NetText.problems { _ = try cut(text, inputs: ["pol1"], outputs: ["relu1"]) }
    #expect(found.map(\.text) == ["--inputs: the net has no blob 'pol1'", "--outputs: the net has no blob 'relu1'"])
    #expect(found.map(\.help) == [["did you mean 'pool1'?"], ["'relu1' is a layer; its top is 'conv1'"]])
  }

  @Test func `an input that no output needs is refused`() {
    let found = NetText.problems { _ = try cut(text, inputs: ["conv2"], outputs: ["side"]) }
    #expect(found.map(\.text) == ["no output of the part needs the input 'conv2'"])
  }

  @Test func `a blob cannot be made and be an input at once`() {
    let sliced =
      NetText.input("data", [1, 4]) + NetText.layer("slice", "Slice", ["data"], ["a", "b"])
      + NetText.layer("sum", "Eltwise", ["a", "b"], ["sum"])
    let found = NetText.problems { _ = try cut(sliced, inputs: ["a"]) }
    #expect(found.map(\.text) == ["'a' cannot be an input: layer 'slice' of the part makes it too"])
    #expect(found.first?.help == ["the part needs 'b' of that layer: name them as inputs as well"])
    let early =
      NetText.input("data", [1, 4]) + NetText.layer("a", "Power", ["data"], ["x"])
      + NetText.layer("early", "ReLU", ["x"], ["y"]) + NetText.layer("r", "ReLU", ["x"], ["x"])
      + NetText.layer("sum", "Eltwise", ["x", "y"], ["sum"])
    let inPlace = NetText.problems { _ = try cut(early, inputs: ["x"]) }
    #expect(inPlace.first?.text == "'x' cannot be an input: layer 'a' of the part makes it too")
    #expect(inPlace.first?.help == ["a layer of the part reads 'x' before other layers change it in place"])
  }
}
