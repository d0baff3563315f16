import LayerGraph
import Tensors
import TestSupport
import Testing

@testable import Layers

@Suite("Parameter layer") struct ParameterLayerTests {
  let suite = LayerSuite(ParameterLayer.self)
  private static let settings = "parameter_param { shape { dim: 2 dim: 3 } }"

  @Test func `its top is what it has learned`() throws {
    let values = Tensor.random([2, 3], seed: 3)
    let c = LayerCase("p", Self.settings, bottoms: [])
    #expect(try suite.makeLayer(c).topShapes([]) == [[2, 3]])
    #expect(try suite.makeLayer(c).paramBlobs([]).map(\.shape) == [[2, 3]])
    #expect(try suite.reference(c, [], params: [values]) == [values])
  }

  @Test(arguments: [true, false]) func `it feeds other layers of a net`(_ referenceOnly: Bool) throws {
    let text =
      NetText.input("x", [2, 3]) + NetText.layer("p", "Parameter", [], ["w"], Self.settings)
      + NetText.layer("sum", "Eltwise", ["x", "w"], ["y"])
    let graph = try NetText.graph(text, params: ["p": [Tensor(shape: [2, 3], [1, 2, 3, 4, 5, 6])]])
    #expect(graph.inputs.map { graph[$0].name } == ["x"])
    let inputs = [graph.inputs[0]: Tensor(shape: [2, 3], [10, 20, 30, 40, 50, 60])]
    let values = try GraphRun.values(graph, inputs: inputs, referenceOnly: referenceOnly)
    #expect(values["y"]?.array == [11, 22, 33, 44, 55, 66])
  }

  @Test(arguments: [
    ("", "needs shape"), ("shape { dim: 2\ndim: 0 }", "an extent of shape must be positive, is 0"),
    ("shape { dim: 2\ndim: -3 }", "an extent of shape must be positive, is -3"),
    ("shape { dim: 4294967296 dim: 4294967296 dim: 4294967296 }", "is too large"),
  ]) func `a wrong shape is refused at its line`(_ settings: String, _ text: String) throws {
    let said = try suite.refusal("parameter_param {\n\(settings)\n}", bottoms: [])
    #expect(said.contains(text), "\(said)")
    #expect((2...4).contains { said.hasPrefix("case.prototxt:\($0):") }, "\(said)")
  }
}
