import Kernels
import LayerGraph
import Tensors
import TestSupport
import Testing

@testable import Layers

@Suite("Reshape layer") struct ReshapeLayerTests {
  static let cases: [LayerCase] = [
    LayerCase("image", "reshape_param { shape { dim: 0 dim: -1 } }", bottoms: [[3, 17, 5, 4]])
  ]
  let suite = LayerSuite(ReshapeLayer.self)

  @Test(arguments: cases) func `kernel agrees with the plain loops`(_ c: LayerCase) throws { try suite.run(c) }

  func shape(_ settings: String, _ bottoms: Shape...) throws -> Shape {
    try #require(try suite.makeLayer(LayerCase("c", settings, bottoms: bottoms)).topShapes(bottoms).first)
  }

  /// What Caffe's documentation of ReshapeParameter says of a bottom of 2 x 8, and one with num_axes between.
  static let shapes: [(settings: String, bottom: Shape, top: Shape)] = [
    ("shape { dim: 2 dim: 2 dim: 4 }", [2, 8], [2, 2, 4]),
    ("shape { dim: 0 dim: 2 dim: 4 }", [2, 8], [2, 2, 4]),
    ("shape { dim: 0 dim: 2 dim: -1 }", [2, 8], [2, 2, 4]),
    ("shape { dim: 0 dim: -1 dim: 4 }", [2, 8], [2, 2, 4]),
    ("axis: 1 shape { dim: 2 dim: 4 }", [2, 8], [2, 2, 4]),
    ("axis: -3 shape { dim: 0 dim: 2 dim: 4 }", [2, 8], [2, 2, 4]),
    ("axis: 1 num_axes: 0 shape { dim: 1 }", [2, 8], [2, 1, 8]),
    ("axis: -1 num_axes: 0 shape { dim: 1 }", [2, 8], [2, 8, 1]),
    ("axis: 1 num_axes: 2 shape { dim: -1 }", [2, 3, 4, 5], [2, 12, 5]),
  ]

  @Test(arguments: shapes.indices) func `shapes by hand`(_ i: Int) throws {
    let c = Self.shapes[i]
    #expect(try shape("reshape_param { \(c.settings) }", c.bottom) == c.top, "\(c.settings)")
  }

  @Test func `values stay in order`() throws {
    let x = Tensor(shape: [2, 2], [1, 2, 3, 4])
    #expect(try suite.top("reshape_param { shape { dim: -1 } }", [x]) == Tensor(shape: [4], [1, 2, 3, 4]))
    #expect(try suite.makeLayer(LayerCase("c", "", bottoms: [[3]])).topsAreViews)
  }

  @Test func `it refuses what does not fit`() throws {
    func says(_ settings: String, _ text: String) throws {
      let said = try suite.refusal("reshape_param { \(settings) }", bottoms: [[2, 3, 4]])
      #expect(said.contains(text), "\(said)")
    }
    try says(
      "shape { dim: -1 dim: -1 }", "case.prototxt:2:33: error: layer 'l' (Reshape): shape has more than one dim -1")
    try says("shape { dim: -2 }", "a dim of shape must be positive, 0 or -1; it is -2")
    try says("shape { dim: 5 }", "makes 5 values of shape [5], its bottom [2, 3, 4] has 24")
    try says("shape { dim: 5 dim: -1 }", "cannot cut the 24 values of its bottom [2, 3, 4] by the 5 of shape [5, -1]")
    try says("shape { dim: 0 dim: 0 dim: 0 dim: 0 }", "copies axis 3 with dim 0")
    try says("axis: 4", "has axis 4, outside its bottom [2, 3, 4]")
    try says("axis: -5", "has axis -5, outside its bottom [2, 3, 4]")
    try says("num_axes: -2", "num_axes must not be negative")
    try says("axis: 1 num_axes: 3", "replaces 3 axes from axis 1, more than its bottom [2, 3, 4] has")
    try says("shape { dim: 2147483647 dim: 2147483647 dim: 2147483647 }", "which is too large")
    try says("shape { dim: 9223372036854775807 }", "a dim of shape must be positive")
  }
}
