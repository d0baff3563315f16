import Kernels
import LayerGraph
import Tensors
import TestSupport
import Testing

@testable import Layers

@Suite("ReduceMax layer") struct ReduceMaxLayerTests {
  static let cases: [LayerCase] = [
    LayerCase("all", "", bottoms: [[3, 17, 5, 4]]),
    LayerCase("planes", "reduce_max_param { axis: 2 axis: 3 }", bottoms: [[3, 17, 25, 41]]),
    LayerCase("channels", "reduce_max_param { axis: 1 keepdims: true }", bottoms: [[2, 35, 30, 31]]),
    LayerCase("batch and planes", "reduce_max_param { axis: 0 axis: -1 axis: -2 }", bottoms: [[3, 9, 40, 41]]),
    LayerCase("batch and rows", "reduce_max_param { axis: 0 axis: 2 }", bottoms: [[3, 5, 7, 9]]),
    LayerCase("ones", "reduce_max_param { axis: 1 }", bottoms: [[7, 1]]),
  ]
  let suite = LayerSuite(ReduceMaxLayer.self)

  @Test(arguments: cases) func `kernel agrees with the plain loops`(_ c: LayerCase) throws { try suite.run(c) }

  /// `((7 i) mod 11) - 5` for i = 0 ..< 24.
  static let values: [Float] = [-5, 2, -2, 5, 1, -3, 4, 0, -4, 3, -1, -5, 2, -2, 5, 1, -3, 4, 0, -4, 3, -1, -5, 2]

  @Test func `values that numpy computed`() throws {
    let x = Tensor(shape: [2, 4, 1, 3], Self.values)
    #expect(
      try suite.top("reduce_max_param { axis: 0 axis: 2 }", [x])
        == Tensor(shape: [4, 3], [2, 2, 5, 5, 1, 4, 4, 0, 3, 3, -1, 2]))
    #expect(try suite.top("", [x]) == Tensor(shape: [], [5]))
  }

  @Test func `one NaN makes the result NaN`() throws {
    let x = Tensor(shape: [2, 3], [1, .nan, 2, 3, 4, 5])
    let y = try suite.top("reduce_max_param { axis: 1 }", [x])
    #expect(y[0].isNaN && y[1] == 5)
    #expect(try suite.top("reduce_max_param { axis: 0 }", [x])[1].isNaN)
  }

  @Test func `shapes`() throws {
    func top(_ settings: String, _ bottom: Shape) throws -> Shape? {
      try suite.makeLayer(LayerCase("c", "reduce_max_param { \(settings) }", bottoms: [bottom])).topShapes([bottom])
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
      #expect(try suite.refusal("reduce_max_param { \(axes) }", bottoms: [bottom]).contains(text), "\(axes)")
    }
    try says("axis: 3", [2, 3, 4], "has axis 3, outside its bottom [2, 3, 4]")
    try says("axis: -4", [2, 3, 4], "has axis -4, outside its bottom [2, 3, 4]")
    try says("axis: 1 axis: -2", [2, 3, 4], "names an axis of its bottom [2, 3, 4] twice: [1, -2]")
    try says("axis: 1", [2, 0], "has nothing to reduce in its bottom [2, 0]")
  }

  @Test func `its role in quantization`() throws {
    #expect(try suite.makeLayer(Self.cases[0]).quantization == .data(on: false))
  }
}
