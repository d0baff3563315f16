import Kernels
import LayerGraph
import Tensors
import TestSupport
import Testing

@testable import Layers

@Suite("Pad layer") struct PadLayerTests {
  static let cases: [LayerCase] = [
    LayerCase(
      "constant",
      "pad_param { paddings: 0 paddings: 0 paddings: 1 paddings: 2 paddings: 3 paddings: 1 paddings: 2 paddings: 3 constant_values: 0.5 }",
      bottoms: [[3, 17, 5, 4]]),
    LayerCase(
      "edge",
      "pad_param { paddings: 0 paddings: 0 paddings: 1 paddings: 2 paddings: 3 paddings: 1 paddings: 2 paddings: 3 mode: EDGE }",
      bottoms: [[2, 5, 7, 41]]),
    LayerCase(
      "reflect",
      "pad_param { paddings: 0 paddings: 0 paddings: 1 paddings: 2 paddings: 3 paddings: 1 paddings: 2 paddings: 3 mode: REFLECT }",
      bottoms: [[2, 5, 7, 41]]),
    LayerCase(
      "symmetric",
      "pad_param { paddings: 0 paddings: 0 paddings: 1 paddings: 2 paddings: 3 paddings: 1 paddings: 2 paddings: 3 mode: SYMMETRIC }",
      bottoms: [[2, 5, 7, 3]]),
    LayerCase("large", "pad_param { paddings: 1 paddings: 1 paddings: 0 paddings: 3 }", bottoms: [[150, 133]]),
    LayerCase("nothing", "pad_param { paddings: [0, 0] }", bottoms: [[7]]),
  ]
  let suite = LayerSuite(PadLayer.self)

  @Test(arguments: cases) func `kernel agrees with the plain loops`(_ c: LayerCase) throws { try suite.run(c) }

  @Test(
    arguments: [
      ("", [0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 0, 0, 0, 4, 5, 6, 0]),
      ("constant_values: -1", [-1, -1, -1, -1, -1, -1, -1, -1, 1, 2, 3, -1, -1, -1, 4, 5, 6, -1]),
      ("mode: EDGE", [1, 1, 1, 2, 3, 3, 1, 1, 1, 2, 3, 3, 4, 4, 4, 5, 6, 6]),
      ("mode: REFLECT", [6, 5, 4, 5, 6, 5, 3, 2, 1, 2, 3, 2, 6, 5, 4, 5, 6, 5]),
      ("mode: SYMMETRIC", [2, 1, 1, 2, 3, 3, 2, 1, 1, 2, 3, 3, 5, 4, 4, 5, 6, 6]),
    ] as [(String, [Float])])
  func `values that numpy padded`(_ settings: String, _ want: [Float]) throws {
    let y = try suite.top(
      "pad_param { paddings: [1, 0, 2, 1] \(settings) }", [Tensor(shape: [2, 3], [1, 2, 3, 4, 5, 6])])
    #expect(y == Tensor(shape: [3, 6], want))
  }

  @Test func `it refuses paddings that do not fit`() throws {
    #expect(
      try suite.refusal("pad_param { paddings: [1, 2, 3] }", bottoms: [[2, 3]]).hasPrefix(
        "case.prototxt:2:"))
    #expect(
      try suite.refusal("pad_param { paddings: [1, 2, 3] }", bottoms: [[2, 3]]).contains(
        "layer 'l' (Pad): paddings come in pairs, before and after each axis; there are 3"))
    #expect(
      try suite.refusal("", bottoms: [[2, 3]]).hasPrefix(
        "case.prototxt:1:1: error: layer 'l' (Pad): needs paddings: two for each axis of its bottom"))
    #expect(
      try suite.refusal("pad_param { paddings: [1, 2] }", bottoms: [[2, 3]]).contains(
        "has 2 paddings for the 2 axes of its bottom [2, 3], two for each are needed"))
    #expect(
      try suite.refusal("pad_param { paddings: [4000000000, 2] }", bottoms: [[2]]).contains(
        "a padding of 4000000000 is more than any blob has"))
    #expect(
      try suite.refusal("pad_param { paddings: [3, 0] mode: REFLECT }", bottoms: [[3]]).contains(
        "cannot mirror 3 values on axis 0 of its bottom [3], at most 2"))
    #expect(
      try suite.refusal("pad_param { paddings: [0, 4] mode: SYMMETRIC }", bottoms: [[3]]).contains(
        "cannot mirror 4 values on axis 0 of its bottom [3], at most 3"))
    #expect(
      try suite.refusal("pad_param { paddings: [0, 4] constant_values: inf }", bottoms: [[3]]).contains(
        "constant_values must be a finite number, is inf"))
  }

  @Test func `its role in quantization`() throws {
    #expect(try suite.makeLayer(Self.cases[0]).quantization == .data(on: false))
  }
}
