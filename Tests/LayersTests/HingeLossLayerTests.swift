import LayerGraph
import Tensors
import TestSupport
import Testing

@testable import Layers

@Suite("HingeLoss layer") struct HingeLossLayerTests {
  let suite = LayerSuite(HingeLossLayer.self)
  private static let scores = Tensor(shape: [2, 3], [2, 0.5, -3, 0.25, 1, 0])

  @Test func `two items by hand`() throws {
    let labels = Tensor(shape: [2], [0, 2])
    // 1 - 2 < 0, 1 + 0.5, 1 - 3 < 0; 1 + 0.25, 1 + 1, 1 - 0: (1.5 + 1.25 + 2 + 1) / 2.
    #expect(try suite.top("", [Self.scores, labels]).array == [2.875])
    // (2.25 + 1.5625 + 4 + 1) / 2
    #expect(try suite.top("hinge_loss_param { norm: L2 }", [Self.scores, labels]).array == [4.40625])
  }

  @Test func `a label that is no class is an error of the run`() throws {
    let graph = try NetText.graph(
      NetText.input("x", [2, 3]) + NetText.input("label", [2]) + NetText.layer("h", "HingeLoss", ["x", "label"], ["y"]))
    for bad in [3, -1, .nan] as [Float] {
      let inputs = [graph.inputs[0]: Self.scores, graph.inputs[1]: Tensor(shape: [2], [0, bad])]
      let found = NetText.problems { _ = try GraphRun.values(graph, inputs: inputs, referenceOnly: false) }
      #expect(found.first?.lines.joined().contains("is no class of the 3") == true, "\(found)")
      #expect(try GraphRun.values(graph, inputs: inputs)["y"]?[0].isNaN == true)
    }
  }

  @Test func `it refuses labels that do not fit`() throws {
    #expect(try suite.refusal("", bottoms: [[2, 3], [3]]).contains("needs one label for each item"))
    #expect(try suite.refusal("", bottoms: [[], [1]]).contains("needs one label for each item"))
  }
}
