import Diagnostics
import LayerGraph
import Tensors
import TestSupport
import Testing

@Suite struct GraphBuildTests {
  private let data = NetText.input("data", [1, 2, 4, 4])

  private func problems(_ text: String, inputShapes: [String: Shape] = [:]) -> [Diagnostic] {
    NetText.problems {
      var log = DiagnosticLog()
      _ = try NetText.build(text, inputShapes: inputShapes, log: &log)
    }
  }

  @Test func `an unknown bottom is reported at its place with the nearest blob`() throws {
    let found = problems(
      data + NetText.layer("pool1", "ReLU", ["data"], ["pool1"])
        + "layer {\n  name: \"fc\"\n  type: \"ReLU\"\n  bottom: \"pol1\"\n  top: \"fc\"\n}\n")
    #expect(found.map(\.text) == ["layer 'fc' (ReLU): unknown bottom blob 'pol1'"])
    // Line 1 is the input, line 2 pool1, lines 3 to 8 fc.
    #expect(found.first?.location?.line == 6)
    #expect(found.first?.location?.file == "net.prototxt")
    #expect(found.first?.help == ["did you mean 'pool1'?"])
  }

  @Test func `all mistakes of a net are reported, each once`() {
    let found = problems(
      data + NetText.layer("a", "ReLU", ["nothing"], ["a"]) + NetText.layer("b", "ReLU", ["a"], ["b"])
        + NetText.layer("c", "ReLU", ["missing"], ["c"]))
    #expect(
      found.map(\.text) == [
        "layer 'a' (ReLU): unknown bottom blob 'nothing'", "layer 'c' (ReLU): unknown bottom blob 'missing'",
      ])
  }

  @Test func `too few and too many bottoms and tops are refused with what the layer takes`() {
    func first(_ layer: String) -> String? {
      problems(data + NetText.layer("in", "ReLU", ["data"], ["x"]) + layer).first?.text
    }
    #expect(first(NetText.layer("r", "ReLU", ["x", "data"], ["y"])) == "layer 'r' (ReLU) takes 1 bottoms, has 2")
    #expect(first(NetText.layer("r", "ReLU", ["x"], ["y", "z"])) == "layer 'r' (ReLU) makes 1 tops, has 2")
    #expect(first(NetText.layer("e", "Eltwise", ["x"], ["y"])) == "layer 'e' (Eltwise) takes at least 2 bottoms, has 1")
    let convolution = "convolution_param { num_output: 1 kernel_size: 1 }"
    #expect(
      first(NetText.layer("c", "Convolution", ["x", "data"], ["y"], convolution))
        == "layer 'c' (Convolution) needs as many tops as bottoms, has 1 and 2")
  }

  @Test func `a top that another layer made is refused unless the layer works in place`() throws {
    let twice = problems(
      data + NetText.layer("a", "ReLU", ["data"], ["x"]) + NetText.layer("b", "ReLU", ["data"], ["x"]))
    #expect(twice.map(\.text) == ["layer 'b' (ReLU): top 'x' is made by another layer already"])
    #expect(twice.first?.location?.line == 3)
    let graph = try NetText.graph(
      data + NetText.layer("a", "ReLU", ["data"], ["x"]) + NetText.layer("b", "ReLU", ["x"], ["x"]))
    // Single assignment: three values, two of them called x.
    #expect(graph.blobs.map(\.name) == ["data", "x", "x"])
    #expect(graph.outputs.map { graph[$0].producer } == [graph.node(named: "b")?.id])
  }

  @Test func `a layer cannot make one top twice`() {
    let found = problems(data + NetText.layer("s", "Split", ["data"], ["x", "x"]))
    #expect(found.map(\.text) == ["layer 's' (Split): top 'x' is made twice"])
  }

  @Test func `bottoms whose shapes do not fit are explained by their makers`() throws {
    let found = problems(
      data + NetText.layer("p", "Pooling", ["data"], ["p"], "pooling_param { kernel_size: 2 stride: 2 }")
        + NetText.layer("sum", "Eltwise", ["data", "p"], ["sum"]))
    #expect(found.count == 1)
    let error = try #require(found.first)
    #expect(error.text.hasPrefix("layer 'sum' (Eltwise) "))
    #expect(error.location?.line == 3)
    #expect(error.notes.map(\.text) == ["'p' [1, 2, 2, 2] is made here, by Pooling"])
    #expect(error.notes.first?.location?.line == 2)
  }

  @Test func `shapes are inferred from the inputs, and given shapes replace the declared ones`() throws {
    let text =
      data
      + NetText.layer("conv", "Convolution", ["data"], ["conv"], "convolution_param { num_output: 3 kernel_size: 3 }")
      + NetText.layer("fc", "InnerProduct", ["conv"], ["fc"], "inner_product_param { num_output: 5 }")
    var log = DiagnosticLog()
    let declared = try NetText.build(text, log: &log)
    // 4 - 3 + 1 = 2.
    #expect(declared.blobs.map(\.shape) == [[1, 2, 4, 4], [1, 3, 2, 2], [1, 5]])
    let given = try NetText.build(text, inputShapes: ["data": [2, 2, 8, 5]], log: &log)
    #expect(given.blobs.map(\.shape) == [[2, 2, 8, 5], [2, 3, 6, 3], [2, 5]])
  }

  @Test func `a shape for an input that is not there names those there are`() {
    let found = problems(data + NetText.layer("r", "ReLU", ["data"], ["r"]), inputShapes: ["dat": [1]])
    #expect(found.map(\.text) == ["the net has no input 'dat'"])
    #expect(found.first?.help == ["did you mean 'data'?", "its inputs are data"])
  }

  @Test func `a top without elements is refused`() {
    let found = problems(
      NetText.input("data", [1, 2, 0, 4]) + NetText.layer("r", "ReLU", ["data"], ["r"]))
    #expect(found.count == 1)
    #expect(found.first?.text == "layer 'r' (ReLU) would make an empty top [[1, 2, 0, 4]]")
  }

  @Test(
    arguments: [
      ("Pad", "pad_param { paddings: [2147483647, 2147483647] }", [[2]], "[4294967296]"),
      ("MatMul", "", [[65536, 1], [1, 65536]], "[65536, 65536]"),
      ("Gemm", "", [[65536, 1], [1, 65536]], "[65536, 65536]"),
      ("Equal", "", [[65536, 1], [65536]], "[65536, 65536]"),
      ("CReLU", "", [[2, 1_073_741_823]], "[2, 2147483646]"),
    ] as [(String, String, [Shape], String)])
  func `a top that no blob can hold is refused at its layer`(
    _ type: String, _ settings: String, _ bottoms: [Shape], _ top: String
  ) {
    let names = bottoms.indices.map { "data\($0)" }
    let inputs = zip(names, bottoms).map { NetText.input($0, $1) }.joined()
    let found = problems(inputs + NetText.layer("l", type, names, ["l"], settings))
    #expect(found.count == 1)
    #expect(found.first?.text.hasPrefix("layer 'l' (\(type)): top of shape \(top) is too large") == true)
    #expect(found.first?.location?.line == bottoms.count + 1)
  }

  @Test func `an unknown layer type is a warning, and what depends on it has no shape`() throws {
    var log = DiagnosticLog()
    let graph = try NetText.build(
      data + NetText.layer("c", "Convolutoin", ["data"], ["c"]) + NetText.layer("r", "ReLU", ["c"], ["r"]), log: &log)
    #expect(log.warnings.map(\.text) == ["layer 'c': unknown layer type 'Convolutoin'"])
    #expect(log.warnings.first?.help == ["did you mean 'Convolution'?"])
    #expect(graph.unknownNodes.map(\.name) == ["c"])
    #expect(graph.blobs.map(\.shape) == [[1, 2, 4, 4], nil, nil])
  }

  @Test func `two layers of one name are a warning`() throws {
    var log = DiagnosticLog()
    _ = try NetText.build(
      data + NetText.layer("r", "ReLU", ["data"], ["x"]) + NetText.layer("r", "ReLU", ["x"], ["y"]), log: &log)
    #expect(log.warnings.map(\.text) == ["two layers are named 'r'; both take the weights of that name"])
    #expect(log.warnings.first?.notes.first?.location?.line == 2)
  }
}
