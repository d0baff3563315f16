import LayerGraph
import Tensors
import TestSupport
import Testing

@testable import Layers

@Suite("DepthwiseConv layer") struct DepthwiseConvLayerTests {
  static let cases: [LayerCase] = [
    LayerCase("group implied", "convolution_param { num_output: 32 kernel_size: 3 pad: 1 }", bottoms: [[1, 32, 7, 7]]),
    LayerCase(
      "group said, odd channels", "convolution_param { num_output: 17 group: 17 kernel_size: 3 stride: 2 pad: 1 }",
      bottoms: [[3, 17, 8, 9]], type: "ConvolutionDepthwise"),
    LayerCase(
      "two outputs per channel", "convolution_param { num_output: 6 kernel_size: 3 dilation: 2 bias_term: false }",
      bottoms: [[2, 3, 9, 7]], type: "DepthwiseConvolution"),
    LayerCase("1x1", "convolution_param { num_output: 16 kernel_size: 1 }", bottoms: [[1, 16, 1, 1]]),
  ]
  let suite = LayerSuite(DepthwiseConvLayer.self)

  @Test(arguments: cases) func `kernel agrees with the plain loops`(_ c: LayerCase) throws { try suite.run(c) }

  @Test func `each output reads one channel, by hand`() throws {
    // Channels 1 and 2 with two outputs each: 1 x 10, 1 x 20, 2 x 30, 2 x 40.
    let top = try suite.top(
      "convolution_param { num_output: 4 kernel_size: 1 bias_term: false }", [Tensor(shape: [1, 2, 1, 1], [1, 2])],
      params: [Tensor(shape: [4, 1, 1, 1], [10, 20, 30, 40])])
    #expect(top.array == [10, 20, 60, 80])
  }

  @Test func `multiply-accumulates and the shape of the weights`() throws {
    let c = LayerCase("c", "convolution_param { num_output: 32 kernel_size: 3 pad: 1 }", bottoms: [[2, 16, 5, 4]])
    let layer = try suite.makeLayer(c)
    let shapes = LayerShapes(bottoms: c.bottoms, tops: try layer.topShapes(c.bottoms))
    #expect(layer.macs(shapes) == 2 * 32 * 5 * 4 * 9)
    #expect(try layer.paramBlobs(c.bottoms).map(\.shape) == [[32, 1, 3, 3], [32]])
  }

  @Test(arguments: [
    ("num_output: 8 kernel_size: 3", "has num_output 8, not a multiple of the channels of its bottom [1, 6, 8, 8]"),
    ("num_output: 12 group: 3 kernel_size: 3", "has group 3, which must equal the channels of its bottom [1, 6, 8, 8]"),
    ("num_output: 6 kernel_size: 9", "has a kernel of 9 on axis 2, larger than its padded bottom"),
  ]) func `a bottom that does not fit is refused`(_ text: String, _ message: String) throws {
    #expect(try suite.refusal("convolution_param { \(text) }", bottoms: [[1, 6, 8, 8]]).contains(message))
  }
}
