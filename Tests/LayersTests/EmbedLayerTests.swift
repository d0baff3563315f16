import LayerGraph
import Tensors
import TestSupport
import Testing

@testable import Layers

@Suite("Embed layer") struct EmbedLayerTests {
  let suite = LayerSuite(EmbedLayer.self)

  @Test(arguments: [
    LayerCase("odd", "embed_param { num_output: 7 input_dim: 5 }", bottoms: [[3, 11]], range: 0...4.9),
    LayerCase(
      "no bias", "embed_param { num_output: 64 input_dim: 3 bias_term: false }", bottoms: [[4, 5, 33]], range: 0...2.9),
  ]) func `kernel agrees with the plain loops`(_ c: LayerCase) throws { try suite.run(c) }

  @Test func `rows of the table by hand`() throws {
    let table = Tensor(shape: [3, 2], [1, 2, 3, 4, 5, 6])
    let x = Tensor(shape: [2, 2], [2, 0, 1, 1])
    let y = try suite.top(
      "embed_param { num_output: 2 input_dim: 3 }", [x], params: [table, Tensor(shape: [2], [10, 20])])
    #expect(y.shape == [2, 2, 2])
    #expect(y.array == [15, 26, 11, 22, 13, 24, 13, 24])
    let bare = try suite.top("embed_param { num_output: 2 input_dim: 3 bias_term: false }", [x], params: [table])
    #expect(bare.array == [5, 6, 1, 2, 3, 4, 3, 4])
  }

  @Test func `what it learns`() throws {
    let c = LayerCase("c", "embed_param { num_output: 2 input_dim: 3 }", bottoms: [[4]])
    #expect(try suite.makeLayer(c).paramBlobs(c.bottoms).map(\.shape) == [[3, 2], [2]])
  }

  @Test func `a number that is no row is an error of the run`() throws {
    let graph = try NetText.graph(
      NetText.input("x", [2]) + NetText.layer("e", "Embed", ["x"], ["y"], "embed_param { num_output: 2 input_dim: 3 }"))
    for bad in [3, -0.5, .nan] as [Float] {
      let inputs = [graph.inputs[0]: Tensor(shape: [2], [0, bad])]
      let found = NetText.problems { _ = try GraphRun.values(graph, inputs: inputs, referenceOnly: false) }
      #expect(found.first?.lines.joined().contains("no row of the table of 3") == true, "\(found)")
      #expect(try GraphRun.values(graph, inputs: inputs)["y"]?[2].isNaN == true)
    }
  }

  @Test(arguments: [
    ("input_dim: 3", "needs num_output"), ("num_output: 3", "needs input_dim"),
    ("num_output: 3 input_dim: 0", "input_dim must be positive, is 0"),
    ("num_output: 2147483647 input_dim: 2147483647", "is too large"),
  ]) func `a wrong field is refused at its line`(_ settings: String, _ text: String) throws {
    let said = try suite.refusal("embed_param {\n\(settings)\n}", bottoms: [[1]])
    #expect(said.contains(text), "\(said)")
    #expect(said.hasPrefix("case.prototxt:2:") || said.hasPrefix("case.prototxt:3:"), "\(said)")
  }
}
