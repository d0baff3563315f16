import Kernels
import LayerGraph
import Tensors
import TestSupport
import Testing

@testable import Layers

@Suite("RReLU layer") struct RReLULayerTests {
  static let cases: [LayerCase] = [
    LayerCase("image", "", bottoms: [[3, 17, 5, 4]]),
    LayerCase("large", "rrelu_param { lower: 0.1 upper: 0.3 }", bottoms: [[1, 3, 100, 120]]),
    LayerCase("vector", "rrelu_param { negative_slope_lower: 1 negative_slope_upper: 3 }", bottoms: [[5, 3]]),
  ]
  let suite = LayerSuite(RReLULayer.self)

  @Test(arguments: cases) func `kernel agrees with the plain loops`(_ c: LayerCase) throws { try suite.run(c) }

  @Test func `values by hand`() throws {
    let x = Tensor(shape: [2, 2], [-11, 0, 2, -22])
    // The mean of 3 and 8 is 5.5: -11 / 5.5 = -2.
    let y = try suite.top("", [x])
    #expect(Agreement.ulps(1).firstDisagreement(y, Tensor(shape: [2, 2], [-2, 0, 2, -4])) == nil)
    // The mean of 1 and 3 is 2.
    #expect(
      try suite.top("rrelu_param { negative_slope_lower: 1 negative_slope_upper: 3 }", [x]).array == [-5.5, 0, 2, -11])
    // Slopes themselves: their mean is 0.25.
    #expect(try suite.top("rrelu_param { lower: 0 upper: 0.5 }", [x]).array == [-2.75, 0, 2, -5.5])
  }

  @Test func `it refuses bounds that make no slope`() throws {
    func says(_ settings: String, _ text: String) throws {
      #expect(
        try suite.refusal("rrelu_param { \(settings) }", bottoms: [[3]]).hasPrefix(
          "case.prototxt:2:15: error: layer 'l' (RReLU): \(text)"), "\(settings)")
    }
    try says("negative_slope_lower: 9", "negative_slope_lower 9.0 is above negative_slope_upper 8.0")
    try says("negative_slope_lower: 0", "negative_slope_lower divides and must be positive, is 0.0")
    try says("negative_slope_upper: nan", "negative_slope_upper must be a finite number, is nan")
    try says("lower: 0.2 upper: 0.1", "lower 0.2 is above upper 0.1")
    try says("lower: 0.2", "lower needs upper beside it")
    try says("negative_slope_lower: 1 lower: 0.2 upper: 0.3", "lower and upper stand for negative_slope_lower")
  }

  @Test func `it is a post-op and not quantized unless asked`() throws {
    let layer = try suite.makeLayer(LayerCase("c", "rrelu_param { lower: 0.25 upper: 0.75 }", bottoms: [[3]]))
    #expect(layer.postOp(LayerShapes(bottoms: [[3]], tops: [[3]]), []) == .function(.relu(slope: 0.5)))
    #expect(layer.quantization == .data(on: false))
  }
}
