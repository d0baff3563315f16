import Kernels
import LayerGraph
import Tensors
import TestSupport
import Testing

@testable import Layers

@Suite("Crop layer") struct CropLayerTests {
  static let cases: [LayerCase] = [
    LayerCase("centre", "crop_param { offset: 2 }", bottoms: [[3, 17, 9, 8], [3, 1, 5, 4]]),
    LayerCase("large", "crop_param { axis: 2 offset: 3 offset: 7 }", bottoms: [[1, 9, 60, 70], [1, 4, 50, 60]]),
    LayerCase(
      "channels", "crop_param { axis: 1 offset: 1 offset: 0 offset: 0 }", bottoms: [[2, 5, 4, 3], [2, 3, 4, 3]]),
    LayerCase("matrix", "crop_param { axis: 1 }", bottoms: [[5, 7], [5, 3]]),
    LayerCase("everything", "crop_param { axis: 0 }", bottoms: [[5, 7], [5, 7]]),
  ]
  let suite = LayerSuite(CropLayer.self)

  @Test(arguments: cases) func `kernel agrees with the plain loops`(_ c: LayerCase) throws { try suite.run(c) }

  func shape(_ settings: String, _ bottoms: Shape...) throws -> Shape {
    try #require(try suite.makeLayer(LayerCase("c", settings, bottoms: bottoms)).topShapes(bottoms).first)
  }

  @Test func `values by hand`() throws {
    // Row 1, columns 1 and 2 of
    //   1 2 3
    //   4 5 6
    let x = Tensor(shape: [1, 1, 2, 3], [1, 2, 3, 4, 5, 6])
    let y = try suite.top("crop_param { offset: 1 }", [x, Tensor(shape: [1, 1, 1, 2])])
    #expect(y == Tensor(shape: [1, 1, 1, 2], [5, 6]))
  }

  @Test func `only the first bottom is quantized`() throws {
    #expect(try suite.makeLayer(LayerCase("c", "", bottoms: [[3], [3]])).quantization == .data(inputs: .first))
  }

  @Test func `it refuses windows outside the bottom`() throws {
    func says(_ settings: String, _ size: Shape, _ text: String) throws {
      let said = try suite.refusal("crop_param { \(settings) }", bottoms: [[1, 2, 5, 6], size])
      #expect(said.contains(text), "\(said)")
    }
    try says("offset: 2", [1, 2, 4, 4], "crops axis 2 of [1, 2, 5, 6] to 4 from offset 2, beyond its end")
    try says("offset: 1 offset: 3", [1, 2, 4, 4], "crops axis 3 of [1, 2, 5, 6] to 4 from offset 3, beyond its end")
    try says("offset: 1 offset: 1 offset: 1", [1, 2, 4, 4], "has 3 offsets for the 2 axes from axis 2 on")
    try says("axis: 4", [1, 2, 4, 4], "has axis 4, outside its bottom [1, 2, 5, 6]")
    try says("", [4, 4], "crops [1, 2, 5, 6] to [4, 4], which has fewer axes")
    try says("offset: 4294967295", [1, 2, 4, 4], "offset 4294967295 is outside any blob")
  }
}
