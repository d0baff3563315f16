import Kernels
import LayerGraph
import Tensors
import TestSupport
import Testing

@testable import Layers

@Suite("Quant layer") struct QuantLayerTests {
  static let cases: [LayerCase] = [
    LayerCase("image", "quant_param { scale: 30 offset: -5 }", bottoms: [[3, 17, 5, 4]], range: -6...6),
    LayerCase("large", "quant_param { scale: 100.7 offset: 127 }", bottoms: [[1, 3, 200, 220]], range: -3...3),
    LayerCase(
      "16 bits", "quant_param { scale: 10000 offset: -32768 num_bits_d: 16 }", bottoms: [[5, 3]], range: -1...8),
    LayerCase("12 bits", "quant_param { scale: 999 num_bits_d: 12 }", bottoms: [[2, 5, 3, 3]], range: -3...3),
    LayerCase("tiny step", "quant_param { scale: 1e30 }", bottoms: [[1, 9]]),
  ]
  let suite = LayerSuite(QuantLayer.self)

  @Test(arguments: cases) func `kernel agrees with the plain loops`(_ c: LayerCase) throws { try suite.run(c) }

  @Test func `values by hand`() throws {
    // Step 0.5: x / 0.5 = 2.5 -> 3, -2.5 -> -3, 0.4 -> 0; codes end at 127 and -128.
    let x = Tensor(shape: [7], [1.25, -1.25, 0.2, 100, -100, .infinity, -.infinity])
    #expect(try suite.top("quant_param { scale: 2 }", [x]).array == [1.5, -1.5, 0, 63.5, -64, 63.5, -64])
    // With offset 100 the codes end at 27 and -228 above 0.
    #expect(try suite.top("quant_param { scale: 2 offset: 100 }", [x]).array == [1.5, -1.5, 0, 13.5, -100, 13.5, -114])
  }

  @Test func `not a number becomes the code of 0`() throws {
    #expect(try suite.top("quant_param { scale: 2 offset: 100 }", [Tensor(shape: [1], [.nan])])[0] == 0)
  }

  @Test func `the kernel does the same with infinities and NaN`() throws {
    let layer = try suite.makeLayer(LayerCase("c", "quant_param { scale: 2 offset: 3 }", bottoms: [[5]]))
    let x = Tensor(shape: [5], [.nan, .infinity, -.infinity, 1e38, -1e38])
    let backend = Backend(threads: 1)
    backend.enter()
    let shapes = LayerShapes(bottoms: [[5]], tops: [[5]])
    let kernel = try #require(
      try layer.makeKernel(KernelContext(shapes: shapes, params: [], bottomLayouts: [.plain([5])], backend: backend)))
    // Codes -128 ... 127 less 3, times 0.5.
    #expect(try LayerSuite.run(kernel, [x], shapes, backend)[0].array == [0, 62, -65.5, 62, -65.5])
  }

  @Test func `the step is the reciprocal of the stored scale, rounded once`() throws {
    let layer = try suite.makeLayer(
      LayerCase("c", "quant_param { scale: 3 num_bits_d: 9 offset: -256 }", bottoms: [[5]]))
    let quant = try #require(layer as? QuantLayer)
    #expect(quant.step == 0.33333334)
    #expect(quant.bits == 9)
    #expect(quant.offset == -256)
    #expect(quant.quantization == .none)
  }

  @Test func `it refuses scales, bits and offsets out of range`() throws {
    func says(_ settings: String, _ text: String) throws {
      let said = try suite.refusal("quant_param { \(settings) }", bottoms: [[5]])
      #expect(said.contains(text), "\(said)")
    }
    try says("offset: 1", "case.prototxt:2:1: error: Cannot find \"scale\" in layer l quant_param")
    try says("scale: inf", "case.prototxt:2:15: error: layer 'l' (Quant): quant param scale should not be inf!")
    for scale in ["0", "-1", "1e-16", "nan"] {
      try says("scale: \(scale)", "quant param scale should be greater than DBL_EPSILON!")
    }
    try says("scale: 1 num_bits_d: 7", "num_bits_d must be in 8 ... 16, is 7")
    try says(
      "scale: 1 offset: 128", "case.prototxt:2:24: error: layer 'l' (Quant): offset must be in -128 ... 127, is 128")
    #expect(try suite.refusal("", bottoms: [[5]]).contains("Cannot find \"scale\" in layer l quant_param"))
  }
}
