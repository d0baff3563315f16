import LayerGraph
import Tensors
import TestSupport
import Testing

@testable import Layers

@Suite("EuclideanLoss layer") struct EuclideanLossLayerTests {
  let suite = LayerSuite(EuclideanLossLayer.self)

  @Test func `half the mean of the squares by hand`() throws {
    // Differences 1 and 2, 0 and -3: (1 + 4 + 9) / 2 / 2.
    let y = try suite.top("", [Tensor(shape: [2, 2], [1, 2, 3, 4]), Tensor(shape: [2, 2], [0, 0, 3, 7])])
    #expect(y.shape == [])
    #expect(y.array == [3.5])
    // Three items of one value: (1 + 4 + 9) / 2 / 3.
    #expect(try suite.top("", [Tensor(shape: [3], [1, 2, 3]), Tensor(shape: [3, 1])])[0].isNearly(14 / 6))
  }

  @Test func `a top may be missing`() throws {
    let c = LayerCase("none", "", bottoms: [[2, 2], [2, 2]], topCount: 0)
    #expect(try suite.reference(c, [Tensor(shape: [2, 2]), Tensor(shape: [2, 2])]).isEmpty)
  }

  @Test func `it refuses bottoms of other sizes`() throws {
    #expect(
      try suite.refusal("", bottoms: [[2, 3], [2, 2]]).contains(
        "needs bottoms of as many items and values, got [2, 3] and [2, 2]"))
    #expect(try suite.refusal("", bottoms: [[2, 3], [3, 2]]).contains("needs bottoms of as many items"))
  }

  @Test func `without its TRAIN rule a missing target is an unknown bottom`() throws {
    let loss = { (rule: String) in NetText.layer("loss", "EuclideanLoss", ["x", "target"], ["loss"], rule) }
    let found = NetText.problems { _ = try NetText.graph(NetText.input("x", [1, 2]) + loss("")) }
    #expect(found.first?.text.contains("unknown bottom blob 'target'") == true)
    let relu = NetText.layer("relu", "ReLU", ["x"], ["relu"])
    let graph = try NetText.graph(NetText.input("x", [1, 2]) + relu + loss("include { phase: TRAIN }"))
    #expect(graph.nodes.map(\.name) == ["relu"])
  }
}
