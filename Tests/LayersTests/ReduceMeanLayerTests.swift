import Kernels
import LayerGraph
import Tensors
import TestSupport
import Testing

@testable import Layers

@Suite("ReduceMean layer") struct ReduceMeanLayerTests {
  static let cases: [LayerCase] = [
    LayerCase("all", "", bottoms: [[3, 17, 5, 4]]),
    LayerCase("planes", "reduce_mean_param { axis: 2 axis: 3 }", bottoms: [[3, 17, 25, 41]]),
    LayerCase("channels", "reduce_mean_param { axis: 1 keepdims: true }", bottoms: [[2, 35, 30, 31]]),
    LayerCase("batch and planes", "reduce_mean_param { axis: 0 axis: -1 axis: -2 }", bottoms: [[3, 9, 40, 41]]),
    LayerCase("batch and rows", "reduce_mean_param { axis: 0 axis: 2 }", bottoms: [[3, 5, 7, 9]]),
    LayerCase("ones", "reduce_mean_param { axis: 1 }", bottoms: [[7, 1]]),
  ]
  let suite = LayerSuite(ReduceMeanLayer.self)

  @Test(arguments: cases) func `kernel agrees with the plain loops`(_ c: LayerCase) throws { try suite.run(c) }

  /// `((7 i) mod 11) - 5` for i = 0 ..< 24.
  static let values: [Float] = [-5, 2, -2, 5, 1, -3, 4, 0, -4, 3, -1, -5, 2, -2, 5, 1, -3, 4, 0, -4, 3, -1, -5, 2]

  @Test func `values that numpy computed`() throws {
    let x = Tensor(shape: [2, 4, 1, 3], Self.values)
    let means = try suite.top("reduce_mean_param { axis: 1 axis: 3 }", [x])
    #expect(Agreement.ulps(1).firstDisagreement(means, Tensor(shape: [2, 1], [-0.41666666, 0.16666667])) == nil)
    // The sum is -3.
    #expect(try suite.top("", [x]) == Tensor(shape: [], [-0.125]))
  }

  @Test func `shapes`() throws {
    func top(_ settings: String, _ bottom: Shape) throws -> Shape? {
      try suite.makeLayer(LayerCase("c", "reduce_mean_param { \(settings) }", bottoms: [bottom])).topShapes([bottom])
        .first
    }
    #expect(try top("", [2, 3, 4]) == [])
    #expect(try top("keepdims: true", [2, 3, 4]) == [1, 1, 1])
    #expect(try top("axis: -1", [2, 3, 4]) == [2, 3])
    #expect(try top("axis: 0 axis: 2 keepdims: true", [2, 3, 4]) == [1, 3, 1])
    #expect(try top("", []) == [])
  }

  @Test func `it refuses axes that are not there, axes twice, and nothing`() throws {
    func says(_ axes: String, _ bottom: Shape, _ text: String) throws {
      #expect(try suite.refusal("reduce_mean_param { \(axes) }", bottoms: [bottom]).contains(text), "\(axes)")
    }
    try says("axis: 3", [2, 3, 4], "has axis 3, outside its bottom [2, 3, 4]")
    try says("axis: -4", [2, 3, 4], "has axis -4, outside its bottom [2, 3, 4]")
    try says("axis: 1 axis: -2", [2, 3, 4], "names an axis of its bottom [2, 3, 4] twice: [1, -2]")
    try says("axis: 1", [2, 0], "has nothing to reduce in its bottom [2, 0]")
  }

  @Test func `its role in quantization`() throws {
    #expect(try suite.makeLayer(Self.cases[0]).quantization == .data())
  }
}
