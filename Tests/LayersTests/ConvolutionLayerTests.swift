import Kernels
import LayerGraph
import Tensors
import TestSupport
import Testing

@testable import Layers

@Suite("Convolution layer") struct ConvolutionLayerTests {
  static func settings(_ text: String) -> String { "convolution_param { \(text) }" }

  static let cases: [LayerCase] = [
    LayerCase("3x3 padded", settings("num_output: 16 kernel_size: 3 pad: 1"), bottoms: [[2, 3, 7, 6]]),
    LayerCase("odd channels", settings("num_output: 17 kernel_size: 3 pad: 1 stride: 2"), bottoms: [[3, 17, 9, 8]]),
    LayerCase(
      "no bias, 1x1 on 1x1", settings("num_output: 5 kernel_size: 1 bias_term: false"), bottoms: [[1, 17, 1, 1]]),
    LayerCase(
      "groups", settings("num_output: 12 group: 3 kernel_h: 4 kernel_w: 5 stride_h: 2 stride_w: 3 pad_w: 1"),
      bottoms: [[2, 6, 11, 13]]),
    LayerCase(
      "one channel per group", settings("num_output: 32 group: 32 kernel_size: 3 pad: 1"), bottoms: [[1, 32, 6, 7]]),
    LayerCase(
      "dilation 2", settings("num_output: 16 kernel_size: 3 pad: 2 dilation: 2 stride: 2"), bottoms: [[1, 16, 9, 9]]),
    LayerCase(
      "two kernel sizes", settings("num_output: 8 kernel_size: 1 kernel_size: 3 pad: 0 pad: 2"),
      bottoms: [[2, 8, 5, 5]]),
    LayerCase("padding beyond the kernel", settings("num_output: 4 kernel_size: 1 pad: 2"), bottoms: [[1, 3, 4, 4]]),
    LayerCase("columns left over", settings("num_output: 4 kernel_size: 2 stride: 3"), bottoms: [[1, 3, 7, 9]]),
    LayerCase("one spatial axis", settings("num_output: 6 kernel_size: 3 pad: 1 dilation: 1"), bottoms: [[2, 4, 9]]),
    LayerCase(
      "three spatial axes", settings("num_output: 6 kernel_size: 3 pad: 1 stride: 2"), bottoms: [[1, 4, 5, 6, 4]]),
    LayerCase(
      "two bottoms", settings("num_output: 16 kernel_size: 3"), bottoms: [[2, 8, 5, 5], [2, 8, 5, 5]], topCount: 2),
  ]
  let suite = LayerSuite(ConvolutionLayer.self)

  @Test(arguments: cases) func `kernel agrees with the plain loops`(_ c: LayerCase) throws { try suite.run(c) }

  /// Long sums of ResNet's last stage.
  @Test(arguments: [("kernel_size: 1", [1, 1024, 7, 7] as [Int]), ("kernel_size: 3 pad: 1", [2, 256, 7, 7])])
  func `bits do not depend on the number of threads`(_ window: String, _ dims: [Int]) throws {
    let c = LayerCase("long", Self.settings("num_output: 64 \(window)"), bottoms: [Shape(dims)])
    let layer = try suite.makeLayer(c)
    let shapes = LayerShapes(bottoms: c.bottoms, tops: try layer.topShapes(c.bottoms))
    let params = try layer.paramBlobs(c.bottoms).map { Tensor.random($0.shape, seed: 1) }
    let x = Tensor.random(c.bottoms[0], seed: 2)
    let tops = try [1, 2, 4].map { threads in
      let backend = Backend(threads: threads)
      backend.enter()
      let context = KernelContext(
        shapes: shapes, params: params, bottomLayouts: c.bottoms.map(Layout.plain), backend: backend)
      return try LayerSuite.run(#require(try layer.makeKernel(context)), [x], shapes, backend)
    }
    #expect(tops[0] == tops[1], "2 threads")
    #expect(tops[0] == tops[2], "4 threads")
  }

  @Test func `a 2x2 kernel over 3x3 by hand`() throws {
    // Windows of 1...9 against [1 2; 3 4], plus 10: 1 + 4 + 12 + 20 = 37 for the first, 10 more per
    // step right, 30 down.
    let top = try suite.top(
      Self.settings("num_output: 1 kernel_size: 2"), [Tensor(shape: [1, 1, 3, 3], (1...9).map(Float.init))],
      params: [Tensor(shape: [1, 1, 2, 2], [1, 2, 3, 4]), Tensor(shape: [1], [10])])
    #expect(top.shape == [1, 1, 2, 2])
    #expect(top.array == [47, 57, 77, 87])
  }

  @Test func `groups see their own channels only, by hand`() throws {
    // One pixel, channels 1 2 | 3 4; weights 10 20 | 30 40: 10 + 40 and 90 + 160.
    let top = try suite.top(
      Self.settings("num_output: 2 group: 2 kernel_size: 1 bias_term: false"),
      [Tensor(shape: [1, 4, 1, 1], [1, 2, 3, 4])],
      params: [Tensor(shape: [2, 2, 1, 1], [10, 20, 30, 40])])
    #expect(top.array == [50, 250])
  }

  @Test func `dilation spreads the taps, by hand`() throws {
    // Taps 2 apart on 1 2 3 4 5 with zero padding 1: x[-1] + 10 x[1] = 20, then 1 + 30, 2 + 40, 3 + 50, 4 + 0.
    let top = try suite.top(
      Self.settings("num_output: 1 kernel_size: 2 dilation: 2 pad: 1 bias_term: false"),
      [Tensor(shape: [1, 1, 5], [1, 2, 3, 4, 5])], params: [Tensor(shape: [1, 1, 2], [1, 10])])
    #expect(top.array == [20, 31, 42, 53, 4])
  }

  /// numpy 2.4 in float64: slices of the padded bottom times the kernel, summed.
  @Test func `three spatial axes, two images`() throws {
    let top = try suite.top(
      Self.settings(
        """
        num_output: 2 kernel_size: 2 kernel_size: 3 kernel_size: 2 pad: 1 pad: 0 pad: 1 stride: 2 stride: 1 stride: 2
        dilation: 1 dilation: 1 dilation: 2
        """), [.pattern([2, 2, 3, 4, 3], 17, 31, 1)],
      params: [.pattern([2, 2, 2, 3, 2], 13, 29, 0.5), Tensor(shape: [2], [0.25, -0.5])])
    #expect(top.shape == [2, 2, 2, 2, 2])
    #expect(
      differences(
        top.array,
        [
          0.67936598, 0.84844271, 0.24777529, -0.30617352, -0.05812011, 0.8295328, 1.08759731, -0.05144606,
          -0.77363738, -0.50778642, -0.56229143, -0.30978865, -0.30533926, -1.06284761, -0.45439378, 0.05172415,
          0.45912124, -0.51751945, 0.68270301, 0.08648496, -0.18159067, -0.21051165, -0.82897662, 1.11540598,
          -0.52892104, -0.37652947, -0.14516129, -0.90266963, -0.88264739, 0.41101224, -0.82480533, -0.26751948,
        ]) == "")
  }

  @Test func `multiply-accumulates are those of the taps`() throws {
    // AlexNet's conv2: 256 x 27 x 27 tops, each of 48 channels x 5 x 5.
    let c = LayerCase(
      "conv2", Self.settings("num_output: 256 group: 2 kernel_size: 5 pad: 2"), bottoms: [[1, 96, 27, 27]])
    let layer = try suite.makeLayer(c)
    let shapes = LayerShapes(bottoms: c.bottoms, tops: try layer.topShapes(c.bottoms))
    #expect(layer.macs(shapes) == 256 * 27 * 27 * 48 * 25)
    #expect(layer.quantization == .weightsAndData(channelWise: true))
  }

  @Test(arguments: [
    ("kernel_size: 3", "needs num_output"),
    ("num_output: 0 kernel_size: 3", "num_output must be positive, is 0"),
    ("num_output: 8", "needs kernel_size"),
    ("num_output: 8 kernel_size: 0", "kernel_size must be at least 1 and below 2^31, is 0"),
    ("num_output: 8 kernel_size: 4294967295", "kernel_size must be at least 1 and below 2^31, is 4294967295"),
    ("num_output: 8 kernel_size: 3 stride: 0", "stride must be at least 1 and below 2^31, is 0"),
    ("num_output: 8 kernel_size: 3 dilation: 0", "dilation must be at least 1 and below 2^31, is 0"),
    ("num_output: 8 kernel_size: 3 kernel_h: 3", "kernel_size and kernel_h are both set"),
    ("num_output: 8 kernel_h: 3", "kernel_h needs kernel_w beside it"),
    ("num_output: 8 kernel_size: 3 group: 3", "num_output 8 is not a multiple of group 3"),
    ("num_output: 8 kernel_size: 3 axis: 2", "axis must be 1, is 2"),
  ]) func `a wrong field is refused at its line`(_ text: String, _ message: String) throws {
    let said = try suite.refusal("convolution_param {\n\(text)\n}", bottoms: [[1, 6, 8, 8]])
    #expect(said.contains("error: layer 'l' (Convolution): \(message)"))
    #expect(said.hasPrefix("case.prototxt:2:") || said.hasPrefix("case.prototxt:3:"))
  }

  @Test(arguments: [
    (
      "num_output: 8 kernel_size: 3", Shape([64, 500]),
      "needs a bottom of [N, C, H, W] (or 1 or 3 spatial axes), got [64, 500]"
    ),
    (
      "num_output: 8 kernel_size: 3 group: 4", Shape([1, 6, 8, 8]),
      "needs channels that are a multiple of group 4, got [1, 6, 8, 8]"
    ),
    (
      "num_output: 8 kernel_size: 5 pad: 1", Shape([1, 6, 2, 8]),
      "has a kernel of 5 on axis 2, larger than its padded bottom [1, 6, 2, 8] (2 + 2 x 1)"
    ),
    ("num_output: 8 kernel_size: 3 dilation: 2000000000", Shape([1, 6, 8, 8]), "has a kernel of 4000000001 on axis 2"),
    (
      "num_output: 8 kernel_size: 1 kernel_size: 2 kernel_size: 3", Shape([1, 6, 8, 8]),
      "has 3 values of kernel_size for 2 spatial axes"
    ),
    ("num_output: 2000000000 kernel_size: 2000000000 pad: 2000000000", Shape([1, 6, 8, 8]), "would need weights of"),
  ]) func `a bottom that does not fit is refused`(_ text: String, _ bottom: Shape, _ message: String) throws {
    #expect(try suite.refusal(Self.settings(text), bottoms: [bottom]).contains(message))
  }

  @Test func `bottoms of two shapes are refused`() throws {
    let said = try suite.refusal(
      Self.settings("num_output: 8 kernel_size: 1"), bottoms: [[1, 6, 8, 8], [1, 6, 8, 9]], topCount: 2)
    #expect(said.contains("needs bottoms of one shape, got [1, 6, 8, 8] and [1, 6, 8, 9]"))
  }
}
