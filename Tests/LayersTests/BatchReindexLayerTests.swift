import LayerGraph
import Tensors
import TestSupport
import Testing

@testable import Layers

@Suite("BatchReindex layer") struct BatchReindexLayerTests {
  let suite = LayerSuite(BatchReindexLayer.self)

  @Test func `kernel agrees with the plain loops`() throws {
    try suite.run(LayerCase("odd", "", bottoms: [[3, 7, 5], [9]], range: 0...2.9))
    try suite.run(LayerCase("large", "", bottoms: [[4, 64, 33], [40]], range: 0...3.9))
  }

  @Test func `items by their numbers, by hand`() throws {
    let x = Tensor(shape: [3, 2], [1, 2, 3, 4, 5, 6])
    #expect(try suite.top("", [x, Tensor(shape: [4], [2, 0, 0, 1])]).array == [5, 6, 1, 2, 1, 2, 3, 4])
    // Caffe takes the integer part.
    #expect(try suite.top("", [x, Tensor(shape: [1], [1.9])]).array == [3, 4])
    #expect(try suite.top("", [Tensor(shape: [2], [7, 8]), Tensor(shape: [1], [1])]).shape == [1])
  }

  @Test(arguments: [3, -1, .nan, .infinity] as [Float])
  func `an item that is not there is an error of the run`(_ index: Float) throws {
    let graph = try NetText.graph(
      NetText.input("x", [3, 2]) + NetText.input("i", [2]) + NetText.layer("pick", "BatchReindex", ["x", "i"], ["y"]))
    let inputs = [graph.inputs[0]: Tensor(shape: [3, 2]), graph.inputs[1]: Tensor(shape: [2], [0, index])]
    let found = NetText.problems { _ = try GraphRun.values(graph, inputs: inputs, referenceOnly: false) }
    #expect(found.first?.lines.joined().contains("the bottom has 3 items") == true, "\(found)")
    // The plain loops look at nothing before they run.
    let plain = try GraphRun.values(graph, inputs: inputs)
    #expect(plain["y"]?[2].isNaN == true)
  }

  @Test func `it refuses indices of two axes`() throws {
    #expect(try suite.refusal("", bottoms: [[3, 2], [2, 1]]).contains("needs indices of one axis, got [2, 1]"))
    #expect(try suite.refusal("", bottoms: [[], [2]]).contains("needs a bottom 0 of [N, ..]"))
  }
}
