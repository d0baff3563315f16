import LayerGraph
import Tensors
import TestSupport
import Testing

@testable import Layers

@Suite("MultinomialLogisticLoss layer") struct MultinomialLogisticLossLayerTests {
  let suite = LayerSuite(MultinomialLogisticLossLayer.self)

  @Test func `the mean over the items by hand`() throws {
    let p = Tensor(shape: [2, 2], [0.25, 0.75, 0.5, 0.5])
    // -ln(1/4) = 1.3862944, -ln(1/2) = 0.6931472
    #expect(try suite.top("", [p, Tensor(shape: [2], [0, 1])])[0].isNearly(1.0397208))
    // -ln(3/4) = 0.2876821
    #expect(try suite.top("", [p, Tensor(shape: [2, 1], [1, 0])])[0].isNearly(0.4904146))
  }

  @Test func `nothing is less likely than 1e-20`() throws {
    // 20 ln 10
    let y = try suite.top("", [Tensor(shape: [1, 2], [0, 1]), Tensor(shape: [1], [0])])
    #expect(y[0].isNearly(46.0517))
  }

  @Test func `it refuses labels that do not fit`() throws {
    #expect(try suite.refusal("", bottoms: [[2, 3], [1]]).contains("needs one label for each item"))
    let graph = try NetText.graph(
      NetText.input("x", [1, 2]) + NetText.input("label", [1])
        + NetText.layer("loss", "MultinomialLogisticLoss", ["x", "label"], ["y"]))
    let inputs = [graph.inputs[0]: Tensor(shape: [1, 2]), graph.inputs[1]: Tensor(shape: [1], [2])]
    let found = NetText.problems { _ = try GraphRun.values(graph, inputs: inputs, referenceOnly: false) }
    #expect(found.first?.lines.joined().contains("is no class of the 2") == true, "\(found)")
  }
}
